// The U-Net eps_theta(x_t, t), with the layers and connections of the official code.
// Source: Section 4 and appendix B. The last five options of UnetConfig make it the network of diffusers'
// defaults instead.
// Checked by: tests/nn/test_unet.cpp, tests/nn/test_layer_table.cpp, tests/nn/test_parameters.cpp,
// tests/tensor/test_gradients.cpp, tests/ddpm/diffusers/test_diffusers.cpp (outputs of diffusers' networks).
#pragma once

#include <optional>
#include <vector>

#include "nn/blocks.h"

namespace ddpm {

class Unet {
  // Declared before the layers, whose constructors add their parameters to parameters_.
  UnetConfig config_;
  Parameters parameters_;

 public:
  // The layers of one resolution, on the way down or up.
  struct Level {
    std::vector<ResidualBlock> blocks;
    std::vector<AttentionBlock> attentions;  // one after each block, or none
    std::optional<Conv3x3> resample;         // convolution of the downsampling or upsampling, if any
  };

  // The layers, in the order in which they run.
  TimeEmbedding time_embedding;
  Conv3x3 conv_in;
  std::vector<Level> down;  // from the full resolution to the lowest
  Level middle;             // residual block, attention, residual block
  std::vector<Level> up;    // from the lowest resolution to the full one
  std::optional<GroupNorm> norm_out;
  std::optional<Conv3x3> conv_out;

  // Constructs all layers; their weights have no values yet. Throws Error if config.check() does. A network
  // of shapes alone is for tables and counts: it can neither be called nor be given weights.
  explicit Unet(const UnetConfig& config, Storage storage = Storage::values);
  Unet(const Unet&) = delete;

  // Returns eps_theta(x, t), with the shape of x (B, H, W, C). t (B) holds 0-based times: the paper's t
  // minus 1. If dropout_stream is nullptr (sampling, evaluation), dropout is off; otherwise each residual
  // block draws a mask of its own from this stream. Throws std::logic_error if a shape is wrong.
  Tensor operator()(Tape&, const Tensor& x, const Tensor& t, const Stream* dropout_stream = nullptr) const;

  const UnetConfig& config() const { return config_; }
  Parameters& parameters() { return parameters_; }
  const Parameters& parameters() const { return parameters_; }
};

}  // namespace ddpm
