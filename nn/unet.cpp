// The U-Net of Section 4 and appendix B: see unet.h.
#include "nn/unet.h"

namespace ddpm {

// Level i has C_i = width(i) channels and images of H_i x W_i pixels: H_i = H / 2^i, W_i = W / 2^i.
// The comment on a line gives the shape of its result.
Tensor Unet::operator()(Tape& tape, const Tensor& x, const Tensor& t, const Stream* dropout_stream) const {
  const Shape image{x.dim(0), config_.image_size, config_.image_size, config_.image_channels};
  ENSURE(x.shape() == image, to_string(x.shape()), ", not ", to_string(image));
  ENSURE(t.shape() == Shape{x.dim(0)}, to_string(t.shape()), " times for ", x.dim(0), " images");

  const Tensor swish_temb = swish(tape, time_embedding(tape, t));  // (B, 4 ch)
  Tensor h = conv_in(tape, x);                                     // (B, H, W, ch)
  std::vector<Tensor> skips = {h};

  for (const Level& level : down) {  // i = 0, 1, ..., lowest
    for (size_t j = 0; j < level.blocks.size(); ++j) {
      h = level.blocks[j](tape, h, swish_temb, dropout_stream);         // (B, H_i, W_i, C_i)
      if (!level.attentions.empty()) h = level.attentions[j](tape, h);  // (B, H_i, W_i, C_i)
      skips.push_back(h);
    }
    if (!level.resample) continue;
    h = (*level.resample)(tape, h);  // (B, H_i/2, W_i/2, C_i)
    skips.push_back(h);
  }

  h = middle.blocks[0](tape, h, swish_temb, dropout_stream);  // i = lowest: (B, H_i, W_i, C_i)
  h = middle.attentions[0](tape, h);                          // (B, H_i, W_i, C_i)
  h = middle.blocks[1](tape, h, swish_temb, dropout_stream);  // (B, H_i, W_i, C_i)

  for (const Level& level : up) {  // i = lowest, ..., 1, 0
    for (size_t j = 0; j < level.blocks.size(); ++j) {
      h = concat(tape, h, skips.back());  // (B, H_i, W_i, channels of h + channels of the skip)
      skips.pop_back();
      h = level.blocks[j](tape, h, swish_temb, dropout_stream);         // (B, H_i, W_i, C_i)
      if (!level.attentions.empty()) h = level.attentions[j](tape, h);  // (B, H_i, W_i, C_i)
    }
    if (level.resample) h = (*level.resample)(tape, upsample(tape, h));  // (B, 2 H_i, 2 W_i, C_i)
  }
  ENSURE(skips.empty(), skips.size(), " skips are left");

  return (*conv_out)(tape, (*norm_out)(tape, h, Activation::swish));  // (B, H, W, image channels)
}

namespace {

UnetConfig checked(const UnetConfig& config) {
  config.check();
  return config;
}

}  // namespace

// Follows operator() line by line, with numbers of channels in place of tensors. The names are those of
// diffusers' UNet2DModel, which numbers up_blocks from the lowest resolution.
Unet::Unet(const UnetConfig& config, Storage storage)
    : config_(checked(config)), parameters_(storage), time_embedding(parameters_, config),
      conv_in(parameters_, "conv_in", config.image_channels, config.channels) {
  const int lowest = config.levels() - 1;
  int h = config.channels;
  std::vector<int> skips = {h};

  for (int i = 0; i <= lowest; ++i) {
    const std::string name = text("down_blocks.", i);
    Level& level = down.emplace_back();
    for (int j = 0; j < config.blocks; ++j) {
      level.blocks.emplace_back(parameters_, text(name, ".resnets.", j), h, config.width(i), config);
      h = config.width(i);
      if (config.attention[i])
        level.attentions.emplace_back(parameters_, text(name, ".attentions.", j), h, config);
      skips.push_back(h);
    }
    if (i == lowest) continue;
    level.resample.emplace(parameters_, name + ".downsamplers.0.conv", h, h, 2, Init::fan_avg,
                           config.down_padding ? Padding::symmetric : Padding::same);
    skips.push_back(h);
  }

  middle.blocks.emplace_back(parameters_, "mid_block.resnets.0", h, h, config);
  middle.attentions.emplace_back(parameters_, "mid_block.attentions.0", h, config);
  middle.blocks.emplace_back(parameters_, "mid_block.resnets.1", h, h, config);

  for (int i = lowest; i >= 0; --i) {
    const std::string name = text("up_blocks.", lowest - i);
    Level& level = up.emplace_back();
    for (int j = 0; j < config.blocks + 1; ++j) {
      h += skips.back();
      skips.pop_back();
      level.blocks.emplace_back(parameters_, text(name, ".resnets.", j), h, config.width(i), config);
      h = config.width(i);
      if (config.attention[i])
        level.attentions.emplace_back(parameters_, text(name, ".attentions.", j), h, config);
    }
    if (i > 0) level.resample.emplace(parameters_, name + ".upsamplers.0.conv", h, h);
  }
  ENSURE(skips.empty(), skips.size(), " skips are left");

  norm_out.emplace(parameters_, "conv_norm_out", h, config.groups, config.norm_epsilon);
  conv_out.emplace(parameters_, "conv_out", h, config.image_channels, 1, Init::almost_zero);
}

}  // namespace ddpm
