// The table of a U-Net's layers: see layer_table.h.
#include "nn/layer_table.h"

namespace ddpm {

namespace {

// Holds two columns of a LayerRow. Multiply-adds are counted in double: those of the largest networks that
// UnetConfig::check() allows exceed int64_t. They are exact below 2^53.
struct Cost {
  int64_t parameters;
  double multiply_adds;
};

// Returns the numbers in the weights and biases.
template <typename... Layers>
int64_t parameters_of(const Layers&... layers) {
  return (... + (layers.weight.size() + layers.bias.size()));
}

Cost cost_of(const TimeEmbedding& e) {
  return {parameters_of(e.linear_1, e.linear_2), double(e.linear_1.weight.size() + e.linear_2.weight.size())};
}

// In this and the next two functions, `pixels` is height * width of the layer's output.
Cost cost_of(const Conv3x3& conv, double pixels) {
  return {parameters_of(conv), pixels * double(conv.weight.size())};
}

Cost cost_of(const ResidualBlock& b, double pixels) {
  Cost cost{parameters_of(b.norm1, b.conv1, b.time_emb_proj, b.norm2, b.conv2),
            pixels * double(b.conv1.weight.size() + b.conv2.weight.size()) +
                double(b.time_emb_proj.weight.size())};
  if (b.shortcut) {
    cost.parameters += parameters_of(*b.shortcut);
    cost.multiply_adds += pixels * double(b.shortcut->weight.size());
  }
  return cost;
}

Cost cost_of(const AttentionBlock& a, double pixels) {
  const auto channels = double(a.to_q.bias.size());
  return {parameters_of(a.norm, a.to_q, a.to_k, a.to_v, a.to_out),
          pixels * 4 * double(a.to_q.weight.size()) +  // to_q, to_k, to_v, to_out
              2 * pixels * pixels * channels};         // q k^T, and its softmax times v
}

// Tracks the shape of h and the skips through a forward pass, and collects the rows.
struct Walk {
  int resolution, channels;  // of h
  std::vector<LayerRow> rows = {};
  std::vector<Skip> skips = {};
  std::optional<Skip> popped = {};  // the skip that is part of h, as the input of the next layer

  double pixels() const { return double(resolution) * resolution; }

  void add(LayerKind kind, const std::string& name, int out, Cost cost) {
    rows.push_back(
        {kind, name, channels, resolution, out, cost.parameters, cost.multiply_adds, {}, popped, 0});
    channels = out;
    popped.reset();
  }

  void residual(const std::string& where, const ResidualBlock& block) {
    const int out = int(block.conv2.bias.size());
    add(LayerKind::residual, text(where, ": res(", channels, ",", out, ")"), out, cost_of(block, pixels()));
  }

  void attention(const std::string& where, const AttentionBlock& block) {
    add(LayerKind::attention, where + ": attention", channels, cost_of(block, pixels()));
    rows.back().heads = block.heads;
  }

  void push() {
    skips.push_back({int(skips.size()), channels});
    rows.back().push = skips.back();
  }

  void pop() {
    popped = skips.back();
    channels += popped->channels;
    skips.pop_back();
  }
};

}  // namespace

// Follows Unet::operator() line by line.
std::vector<LayerRow> layer_table(const Unet& net) {
  const UnetConfig& config = net.config();
  const int ch = config.channels, image_channels = config.image_channels, lowest = config.levels() - 1;

  Walk walk{0, ch};
  walk.add(LayerKind::time_embedding, "time embedding", 4 * ch, cost_of(net.time_embedding));
  walk.resolution = config.image_size, walk.channels = image_channels;
  walk.add(LayerKind::conv_in, text("conv_in(", image_channels, ",", ch, ")"), ch,
           cost_of(net.conv_in, walk.pixels()));
  walk.push();

  for (int i = 0; i <= lowest; ++i) {
    const Unet::Level& level = net.down[i];
    const std::string where = text("down ", i);
    for (size_t j = 0; j < level.blocks.size(); ++j) {
      walk.residual(where, level.blocks[j]);
      if (!level.attentions.empty()) walk.attention(where, level.attentions[j]);
      walk.push();
    }
    if (!level.resample) continue;
    walk.resolution /= 2;
    walk.add(LayerKind::downsample, where + ": downsample", walk.channels,
             cost_of(*level.resample, walk.pixels()));
    walk.push();
  }

  walk.residual("middle", net.middle.blocks[0]);
  walk.attention("middle", net.middle.attentions[0]);
  walk.residual("middle", net.middle.blocks[1]);

  for (int i = lowest; i >= 0; --i) {
    const Unet::Level& level = net.up[lowest - i];
    const std::string where = text("up ", i);
    for (size_t j = 0; j < level.blocks.size(); ++j) {
      walk.pop();
      walk.residual(where, level.blocks[j]);
      if (!level.attentions.empty()) walk.attention(where, level.attentions[j]);
    }
    if (!level.resample) continue;
    walk.resolution *= 2;
    walk.add(LayerKind::upsample, where + ": upsample", walk.channels,
             cost_of(*level.resample, walk.pixels()));
  }

  const Cost conv_out = cost_of(*net.conv_out, walk.pixels());
  walk.add(LayerKind::conv_out, text("norm_out, conv_out(", walk.channels, ",", image_channels, ")"),
           image_channels, {parameters_of(*net.norm_out) + conv_out.parameters, conv_out.multiply_adds});
  return walk.rows;
}

}  // namespace ddpm
