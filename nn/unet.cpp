// The U-Net: what can be built, how it is built, and ε_θ(x_t, t) itself. See
// unet.h; the blocks are in blocks.cpp.
#include "nn/unet.h"

#include <cmath>

namespace ddpm {

namespace {

template <typename Number>
void check_between(const char* what, Number value, int low, int high) {
  if (!(value >= low && value <= high)) fail(what, " must be between ", low, " and ", high, ", not ", value);
}

// where is "down 1", "middle", …, for the layers of a level.
std::string layer_name(LayerKind kind, const std::string& where, int in, int out) {
  switch (kind) {
    case LayerKind::time_embedding: return "time embedding";
    case LayerKind::conv_in: return text("conv_in(", in, ",", out, ")");
    case LayerKind::residual: return text(where, ": res(", in, ",", out, ")");
    case LayerKind::attention: return where + ": attention";
    case LayerKind::downsample: return where + ": downsample";
    case LayerKind::upsample: return where + ": upsample";
    case LayerKind::head: return text("norm_out, conv_out(", in, ",", out, ")");
  }
  return {};
}

}  // namespace

int UnetConfig::width(int level) const { return int(std::lround(channels * multipliers[level])); }

void UnetConfig::check() const {
  check_between("the image size", image_size, 1, 4096);
  check_between("the number of image channels", image_channels, 1, 64);
  check_between("the number of channels", channels, 4, 4096);
  if (channels % 2 != 0)
    fail("the number of channels must be even (half sines, half cosines of the time), not ", channels);
  check_between("the number of blocks a level", blocks, 1, 16);
  check_between("the number of levels (multipliers)", levels(), 1, 8);
  if (attention.size() != multipliers.size())
    fail("attention is given for ", attention.size(), " levels, but there are ", levels());
  if (!(dropout >= 0 && dropout < 1)) fail("dropout must be at least 0 and below 1, not ", dropout);
  if (groups < 1) fail("the number of groups must be at least 1, not ", groups);

  const int divisor = 1 << (levels() - 1);
  if (image_size % divisor != 0)
    fail("an image size of ", image_size, " cannot be halved ", levels() - 1,
         levels() == 2 ? " time" : " times", ": it must be divisible by ", divisor, " for ", levels(),
         " levels");
  if (multipliers[0] != 1)
    fail("the first multiplier must be 1, not ", multipliers[0], ": change the channels instead");
  for (int i = 0; i < levels(); ++i) {
    check_between("a multiplier", multipliers[i], 1, 64);
    if (std::fabs(width(i) - channels * multipliers[i]) > 1e-6)
      fail(channels, " channels times the multiplier ", multipliers[i], " is not a whole number");
    // On the way up norm1 sees the sum of two levels' widths: divisible as well.
    if (width(i) % groups != 0)
      fail("the ", width(i), " channels of level ", i, " cannot be divided into ", groups,
           " groups: choose groups that divide ", width(i));
  }
}

// Walks the levels once: makes the layers in the order in which they run,
// counts resolutions, channels and skips, and writes the table as it goes.
struct Unet::Builder {
  Unet& net;
  const UnetConfig& config;
  int channels;            // of h, the tensor that runs through the network
  std::vector<int> skips;  // the channels of the tensors that wait
  int64_t counted = 0;     // parameters in the table so far

  void row(LayerKind kind, const std::string& where, int in, int resolution, int out, int64_t multiply_adds) {
    const int64_t count = net.parameters_.count();
    net.table_.push_back(
        {kind, layer_name(kind, where, in, out), in, 0, resolution, out, "", count - counted, multiply_adds});
    counted = count;
  }

  // The last row's output is kept for the way up.
  void push() {
    net.table_.back().skip = text("push s", skips.size());
    skips.push_back(channels);
  }

  int64_t pixels(int level) const { return int64_t(config.resolution(level)) * config.resolution(level); }

  ResidualBlock residual(const std::string& name, const std::string& where, int i, int in, int out) {
    ResidualBlock block(net.parameters_, name, in, out, config);
    row(LayerKind::residual, where, in, config.resolution(i), out, block.multiply_adds(pixels(i)));
    channels = out;
    return block;
  }

  AttentionBlock attention(const std::string& name, const std::string& where, int i) {
    AttentionBlock block(net.parameters_, name, channels, config.groups);
    row(LayerKind::attention, where, channels, config.resolution(i), channels,
        block.multiply_adds(pixels(i)));
    return block;
  }

  // A convolution without a change of channels, level i being its output's.
  Conv3x3 resample(LayerKind kind, const std::string& name, const std::string& where, int i) {
    const int stride = kind == LayerKind::downsample ? 2 : 1;
    Conv3x3 conv(net.parameters_, name, channels, channels, stride);
    row(kind, where, channels, config.resolution(i), channels, pixels(i) * conv.weight.size());
    return conv;
  }

  void stem() {
    const int ch = config.channels;
    net.time_.emplace(net.parameters_, ch);
    row(LayerKind::time_embedding, "", ch, 0, 4 * ch, net.time_->multiply_adds());
    net.conv_in_.emplace(net.parameters_, "conv_in", config.image_channels, ch);
    row(LayerKind::conv_in, "", config.image_channels, config.image_size, ch,
        pixels(0) * net.conv_in_->weight.size());
    channels = ch;
    push();
  }

  void down(int i) {
    const std::string name = text("down_blocks.", i), where = text("down ", i);
    Level& level = net.down_.emplace_back();
    for (int j = 0; j < config.blocks; ++j) {
      level.blocks.push_back(residual(text(name, ".resnets.", j), where, i, channels, config.width(i)));
      if (config.attention[i]) level.attentions.push_back(attention(text(name, ".attentions.", j), where, i));
      push();
    }
    if (i + 1 == config.levels()) return;
    level.resample = resample(LayerKind::downsample, name + ".downsamplers.0.conv", where, i + 1);
    push();
  }

  void middle() {
    const int i = config.levels() - 1;
    net.middle_.push_back(residual("mid_block.resnets.0", "middle", i, channels, channels));
    net.middle_attention_ = attention("mid_block.attentions.0", "middle", i);
    net.middle_.push_back(residual("mid_block.resnets.1", "middle", i, channels, channels));
  }

  // Names count from the lowest resolution up, levels as on the way down.
  void up(int i) {
    const std::string name = text("up_blocks.", config.levels() - 1 - i), where = text("up ", i);
    Level& level = net.up_.emplace_back();
    for (int j = 0; j < config.blocks + 1; ++j) {
      const int skip = skips.back();
      skips.pop_back();
      level.blocks.push_back(
          residual(text(name, ".resnets.", j), where, i, channels + skip, config.width(i)));
      net.table_.back().popped = skip;
      net.table_.back().skip = text("pop s", skips.size());
      if (config.attention[i]) level.attentions.push_back(attention(text(name, ".attentions.", j), where, i));
    }
    if (i == 0) return;
    level.resample = resample(LayerKind::upsample, name + ".upsamplers.0.conv", where, i - 1);
  }

  void head() {
    const int out = config.image_channels;
    net.norm_out_.emplace(net.parameters_, "conv_norm_out", channels, config.groups);
    net.conv_out_.emplace(net.parameters_, "conv_out", channels, out, 1, Init::almost_zero);
    row(LayerKind::head, "", channels, config.image_size, out, pixels(0) * net.conv_out_->weight.size());
  }
};

Unet::Unet(const UnetConfig& config) : config_(config) {
  config_.check();
  Builder build{*this, config_, 0, {}};
  build.stem();
  for (int i = 0; i < config_.levels(); ++i) build.down(i);
  build.middle();
  for (int i = config_.levels() - 1; i >= 0; --i) build.up(i);
  build.head();
}

// Appendix B, from the noisy image down, through the middle and up to the
// noise. A skip's memory is freed as soon as the way up has taken it.
Tensor Unet::operator()(Tape& tape, const Tensor& x, const Tensor& t, const Stream* dropout_stream) const {
  const Shape image{x.dim(0), config_.image_size, config_.image_size, config_.image_channels};
  ENSURE(x.shape() == image, to_string(x.shape()), ", not ", to_string(image));
  ENSURE(t.shape() == Shape{x.dim(0)}, to_string(t.shape()), " times for ", x.dim(0), " images");
  const Tensor temb = swish(tape, (*time_)(tape, t));

  Tensor h = (*conv_in_)(tape, x);
  std::vector<Tensor> skips = {h};
  for (const Level& level : down_) {
    for (size_t j = 0; j < level.blocks.size(); ++j) {
      h = level.blocks[j](tape, h, temb, dropout_stream);
      if (!level.attentions.empty()) h = level.attentions[j](tape, h);
      skips.push_back(h);
    }
    if (!level.resample) continue;
    h = (*level.resample)(tape, h);
    skips.push_back(h);
  }

  h = middle_[0](tape, h, temb, dropout_stream);
  h = (*middle_attention_)(tape, h);
  h = middle_[1](tape, h, temb, dropout_stream);

  for (const Level& level : up_) {
    for (size_t j = 0; j < level.blocks.size(); ++j) {
      h = concat(tape, h, skips.back());
      skips.pop_back();
      h = level.blocks[j](tape, h, temb, dropout_stream);
      if (!level.attentions.empty()) h = level.attentions[j](tape, h);
    }
    if (level.resample) h = (*level.resample)(tape, upsample(tape, h));
  }
  return (*conv_out_)(tape, (*norm_out_)(tape, h, Activation::swish));
}

}  // namespace ddpm
