// The U-Net of Section 4 and appendix B, as the official code builds it:
// ε_θ(x_t, t). Checked by: tests/test_unet_table.cpp (layers, counts, names),
// tests/test_unet.cpp, tests/test_gradients.cpp, tests/test_diffusers.cpp (the
// golden networks' outputs).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "nn/layers.h"

namespace ddpm {

// What fixes the network. The defaults are the preset `tiny`.
struct UnetConfig {
  int image_size = 28, image_channels = 1;
  int channels = 32;                            // ch: the width of the first level
  std::vector<double> multipliers = {1, 2, 2};  // of ch, per level; 1.5 is one if the width is whole
  int blocks = 2;  // residual blocks a level on the way down; one more on the way up
  std::vector<bool> attention = {false, true, false};  // per level
  int groups = 8;                                      // of every group norm
  double dropout = 0;

  int levels() const { return int(multipliers.size()); }
  int resolution(int level) const { return image_size >> level; }
  int width(int level) const;  // channels·multipliers[level]
  // Throws Error with one sentence if no such network can be built: sizes out
  // of range, the first multiplier not 1, a width that is not whole, an image size that
  // 2^(levels−1) does not divide (the sentence names the divisor), widths that the groups
  // do not divide.
  void check() const;
};

// Time: sinusoidal embedding of size ch, dense(4ch), swish, dense(4ch).
struct TimeEmbedding {
  Dense linear_1, linear_2;
  int channels;
  TimeEmbedding(Parameters&, int channels);
  Tensor operator()(Tape&, const Tensor& t) const;  // t (B), 0-based, to (B, 4·channels)
  int64_t multiply_adds() const;
};

// h = conv1(swish(norm1(x))); h += dense(swish(temb));
// h = conv2(dropout(swish(norm2(h)))); shortcut(x) + h.
struct ResidualBlock {
  GroupNorm norm1;
  Conv3x3 conv1;
  Dense time_emb_proj;
  GroupNorm norm2;
  Conv3x3 conv2;
  std::optional<Conv1x1> shortcut;  // where the channels differ
  double dropout_rate;
  uint32_t index;  // which dropout stream: how many parameters were made before
  ResidualBlock(Parameters&, const std::string& name, int in, int out, const UnetConfig&);
  // swish_temb (B, 4·ch) is swish(temb), the same for all blocks. dropout_stream: nullptr turns dropout off.
  Tensor operator()(Tape&, const Tensor& x, const Tensor& swish_temb, const Stream* dropout_stream) const;
  int64_t multiply_adds(int64_t pixels) const;  // of one image
};

// One head over all pixels: x + out(softmax(q·k/√C) v), q, k, v 1×1 convolutions of norm(x).
struct AttentionBlock {
  GroupNorm norm;
  Conv1x1 to_q, to_k, to_v, to_out;
  AttentionBlock(Parameters&, const std::string& name, int channels, int groups);
  Tensor operator()(Tape&, const Tensor& x) const;
  int64_t multiply_adds(int64_t pixels) const;  // of one image
};

enum class LayerKind { time_embedding, conv_in, residual, attention, downsample, upsample, head };

// One row of `ddpm describe`, and enough to make a layer like it. Multiply-adds
// are those of convolutions, dense layers and attention's two products, for one
// image, forward.
struct LayerRow {
  LayerKind kind;
  std::string name;          // "down 0: res(128,128)"
  int in, popped;            // the input's channels, and how many of them a skip gives
  int resolution, channels;  // of the output; resolution 0 for a vector
  std::string skip;          // "push s3" or "pop s11", else ""
  int64_t parameters, multiply_adds;

  int input_resolution() const {
    return kind == LayerKind::downsample ? 2 * resolution
           : kind == LayerKind::upsample ? resolution / 2
                                         : resolution;
  }
};

class Unet {
 public:
  explicit Unet(const UnetConfig& config);  // config.check() first; weights have no values yet
  Unet(const Unet&) = delete;

  // ε_θ for x (B,H,W,C) and the network's 0-based times t (B), that is the
  // paper's t minus 1. dropout_stream: nullptr turns dropout off (sampling,
  // evaluation); else its index is replaced by each block's own.
  Tensor operator()(Tape&, const Tensor& x, const Tensor& t, const Stream* dropout_stream = nullptr) const;

  const UnetConfig& config() const { return config_; }
  Parameters& parameters() { return parameters_; }
  const Parameters& parameters() const { return parameters_; }
  const std::vector<LayerRow>& table() const { return table_; }

 private:
  struct Level {  // of the way down or up
    std::vector<ResidualBlock> blocks;
    std::vector<AttentionBlock> attentions;  // one a block, or none
    std::optional<Conv3x3> resample;         // downsample or upsample convolution
  };

  struct Builder;  // makes the layers (nn/unet.cpp)

  UnetConfig config_;
  Parameters parameters_;
  std::vector<LayerRow> table_;
  std::optional<TimeEmbedding> time_;
  std::optional<Conv3x3> conv_in_;
  std::vector<Level> down_, up_;  // up_[0] is the lowest resolution
  std::vector<ResidualBlock> middle_;
  std::optional<AttentionBlock> middle_attention_;
  std::optional<GroupNorm> norm_out_;
  std::optional<Conv3x3> conv_out_;
};

}  // namespace ddpm
