// The blocks of the U-Net: time embedding, residual block, attention block.
// Images are (B, H, W, C). A block registers its parameters when it is constructed, under `name`, and is
// called like a function. Calls overwrite nothing and record on the tape; a wrong shape throws
// std::logic_error.
// Source: Section 4 and appendix B; the order of operations is the official code's.
// Checked by: tests/nn/test_unet.cpp, tests/tensor/test_gradients.cpp,
// tests/ddpm/diffusers/test_diffusers.cpp.
#pragma once

#include <optional>
#include <string>

#include "nn/layers.h"
#include "nn/unet_config.h"

namespace ddpm {

// temb = linear_2(swish(linear_1(PE(t)))), with PE the sinusoidal position embedding of ch numbers.
struct TimeEmbedding {
  Dense linear_1, linear_2;
  int channels;  // ch
  bool cosine_first;
  int frequency_shift;
  TimeEmbedding(Parameters&, const UnetConfig&);
  // Returns temb (B, 4 ch) for the 0-based times t (B).
  Tensor operator()(Tape&, const Tensor& t) const;
};

// h = conv1(swish(norm1(x))) + time_emb_proj(swish(temb))
// y = conv2(dropout(swish(norm2(h)))) + shortcut(x)
struct ResidualBlock {
  GroupNorm norm1;
  Conv3x3 conv1;
  Dense time_emb_proj;
  GroupNorm norm2;
  Conv3x3 conv2;
  std::optional<Conv1x1> shortcut;  // none if in = out: then shortcut(x) = x
  double dropout_rate;
  uint32_t index;  // of the block's dropout stream: the number of parameters up to conv2
  ResidualBlock(Parameters&, const std::string& name, int in, int out, const UnetConfig&);
  // Returns y (B, H, W, out) for x (B, H, W, in) and swish_temb = swish(temb), (B, 4 ch).
  // A dropout_stream of nullptr turns dropout off; otherwise the mask is drawn from this stream, with
  // its index replaced by `index`.
  Tensor operator()(Tape&, const Tensor& x, const Tensor& swish_temb, const Stream* dropout_stream) const;
};

// q, k, v = to_q(h), to_k(h), to_v(h) with h = norm(x)
// y = x + to_out(softmax(q k^T / sqrt(D)) v), over all pixels of an image. The paper's network has one
// head, D = C. With more, each head is D = C / heads neighbouring channels.
struct AttentionBlock {
  GroupNorm norm;
  Conv1x1 to_q, to_k, to_v, to_out;
  int heads;
  AttentionBlock(Parameters&, const std::string& name, int channels, const UnetConfig&);
  // Returns y for x, both (B, H, W, C).
  Tensor operator()(Tape&, const Tensor& x) const;
};

}  // namespace ddpm
