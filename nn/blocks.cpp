// Time embedding, residual block and attention block: see blocks.h.
#include "nn/blocks.h"

namespace ddpm {

TimeEmbedding::TimeEmbedding(Parameters& parameters, const UnetConfig& config)
    : linear_1(parameters, "time_embedding.linear_1", config.channels, 4 * config.channels),
      linear_2(parameters, "time_embedding.linear_2", 4 * config.channels, 4 * config.channels),
      channels(config.channels), cosine_first(config.cosine_first), frequency_shift(config.frequency_shift) {}

Tensor TimeEmbedding::operator()(Tape& tape, const Tensor& t) const {
  const Tensor hidden = linear_1(tape, time_embedding(t, channels, cosine_first, frequency_shift));
  return linear_2(tape, swish(tape, hidden));
}

ResidualBlock::ResidualBlock(Parameters& parameters, const std::string& name, int in, int out,
                             const UnetConfig& config)
    : norm1(parameters, name + ".norm1", in, config.groups, config.norm_epsilon),
      conv1(parameters, name + ".conv1", in, out),
      time_emb_proj(parameters, name + ".time_emb_proj", 4 * config.channels, out),
      norm2(parameters, name + ".norm2", out, config.groups, config.norm_epsilon),
      conv2(parameters, name + ".conv2", out, out, 1, Init::almost_zero), dropout_rate(config.dropout),
      index(uint32_t(parameters.all().size())) {
  if (in != out) shortcut.emplace(parameters, name + ".conv_shortcut", in, out, Layout::conv1x1);
}

Tensor ResidualBlock::operator()(Tape& tape, const Tensor& x, const Tensor& swish_temb,
                                 const Stream* dropout_stream) const {
  const Tensor shift = time_emb_proj(tape, swish_temb);
  Tensor h = norm1(tape, x, Activation::swish);
  h = conv1(tape, h, shift);
  h = norm2(tape, h, Activation::swish);
  if (dropout_stream) {
    Stream own = *dropout_stream;
    own.index = index;
    h = dropout(tape, h, real(dropout_rate), own);
  }
  return conv2(tape, h, {}, shortcut ? (*shortcut)(tape, x) : x);
}

AttentionBlock::AttentionBlock(Parameters& parameters, const std::string& name, int channels,
                               const UnetConfig& config)
    : norm(parameters, name + ".group_norm", channels, config.groups, config.norm_epsilon),
      to_q(parameters, name + ".to_q", channels, channels, Layout::dense),
      to_k(parameters, name + ".to_k", channels, channels, Layout::dense),
      to_v(parameters, name + ".to_v", channels, channels, Layout::dense),
      to_out(parameters, name + ".to_out.0", channels, channels, Layout::dense, Init::almost_zero),
      heads(config.heads(channels)) {}

Tensor AttentionBlock::operator()(Tape& tape, const Tensor& x) const {
  const Tensor h = norm(tape, x, Activation::none);
  const Tensor q = to_q(tape, h), k = to_k(tape, h), v = to_v(tape, h);
  return to_out(tape, attention(tape, q, k, v, heads), x);
}

}  // namespace ddpm
