// The layers of a U-Net as a table: shapes, skips, parameters and multiply-adds.
// Checked by: tests/nn/test_layer_table.cpp.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "nn/unet.h"

namespace ddpm {

// A conv_out row covers norm_out and conv_out; an upsample row covers upsampling and its convolution.
enum class LayerKind { time_embedding, conv_in, residual, attention, downsample, upsample, conv_out };

// An output on the way down that is concatenated to an input on the way up.
struct Skip {
  int index;  // 0, 1, ... in the order in which the skips are pushed
  int channels;
};

struct LayerRow {
  LayerKind kind;
  std::string name;          // "down 0: res(128,128)"
  int in;                    // channels of the input, a popped skip's included
  int resolution, channels;  // height = width, in pixels, and channels of the output; resolution 0: a vector
  int64_t parameters;        // numbers in all weights and biases
  double multiply_adds;      // of products (convolutions, dense layers, attention), one image, forward
  std::optional<Skip> push;  // the skip that the output becomes
  std::optional<Skip> pop;   // the skip that is part of the input
  int heads = 0;             // of attention; 0 for other layers

  // Returns the height = width of the input, in pixels.
  int input_resolution() const {
    return kind == LayerKind::downsample ? 2 * resolution
           : kind == LayerKind::upsample ? resolution / 2
                                         : resolution;
  }
};

// Returns a row for each layer, in the order in which the layers run. Reads no weights.
std::vector<LayerRow> layer_table(const Unet&);

}  // namespace ddpm
