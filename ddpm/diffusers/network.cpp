// Reads and writes unet/config.json, which describes the network as a UNet2DModel
// (ddpm/diffusers/model.h). Checked by: tests/ddpm/diffusers/test_diffusers.cpp.
#include <algorithm>
#include <cmath>
#include <filesystem>

#include "ddpm/formats/file.h"
#include "ddpm/diffusers/config_file.h"
#include "ddpm/diffusers/model.h"

namespace ddpm {

namespace {

const std::string diffusers_version = "0.30.0";

// A key with only one supported value, that of the paper's network.
struct FixedKey {
  std::string key;
  Json supported, fallback;  // the value in the paper's network; the default of diffusers
  bool written;              // false if write_network omits the key, because both values are equal
};

const std::vector<FixedKey>& fixed_keys() {
  static const std::vector<FixedKey> keys = {
      {"_class_name", "UNet2DModel", nullptr, true},
      {"act_fn", "silu", "silu", true},
      {"add_attention", true, true, false},
      {"attn_norm_num_groups", nullptr, nullptr, false},
      {"center_input_sample", false, false, true},
      {"class_embed_type", nullptr, nullptr, false},
      {"downsample_type", "conv", "conv", false},
      {"mid_block_scale_factor", 1.0, 1.0, true},
      {"mid_block_type", "UNetMidBlock2D", "UNetMidBlock2D", false},
      {"num_class_embeds", nullptr, nullptr, false},
      {"resnet_time_scale_shift", "default", "default", false},
      {"time_embedding_dim", nullptr, nullptr, false},
      {"time_embedding_type", "positional", "positional", true},
      {"upsample_type", "conv", "conv", false},
  };
  return keys;
}

// Returns for each level whether it has attention. A level's type in the file's list `key` is `block`
// without attention, "Attn" + block with attention. Throws Error for other types or a missing list.
std::vector<bool> attention_of(ConfigFile& file, const std::string& key, const std::string& block) {
  if (!file.of(key).has(key)) fail(file.path(), ": \"", key, "\" is missing");
  std::vector<bool> attention;
  for (const std::string& type : file.of(key).strings(key)) {
    if (type != block && type != "Attn" + block)
      file.refuse(key, text("only a list of ", block, " and Attn", block));
    attention.push_back(type != block);
  }
  return attention;
}

void read_channels(ConfigFile& file, UnetConfig& config) {
  const std::string key = "block_out_channels";
  const std::vector<int64_t> widths = file.of(key).integers(key, 1, 1 << 20);
  if (widths.empty()) file.refuse(key, "only a list with one entry per level");
  config.channels = int(widths[0]);
  config.multipliers.clear();
  for (const int64_t width : widths) {
    config.multipliers.push_back(double(width) / config.channels);
    if (config.width(config.levels() - 1) != width)
      file.refuse(key, "only a list of multiples of its first entry");
  }
}

// Reads the options in which the library's defaults are another network than the paper's.
void read_variant(ConfigFile& file, UnetConfig& config) {
  const std::string head = "attention_head_dim", epsilon = "norm_eps", flip = "flip_sin_to_cos";
  const Json* channels = file.of(head).find(head);
  const bool one_head = channels && *channels == Json(nullptr);
  config.head_channels = one_head ? 0 : int(file.of(head).integer(head, 1, 1 << 18, 8));
  config.down_padding = int(file.of("downsample_padding").integer("downsample_padding", 0, 1, 1));
  config.norm_epsilon = file.of(epsilon).number(epsilon, 1e-12, 1, 1e-5);
  config.cosine_first = file.of(flip).boolean(flip, true);
  config.frequency_shift = int(file.of("freq_shift").integer("freq_shift", 0, 1, 0));
}

JsonArray block_types(const UnetConfig& config, const std::string& block) {
  JsonArray types;
  for (const bool attention : config.attention) types.emplace_back((attention ? "Attn" : "") + block);
  return types;
}

JsonObject network_json(const UnetConfig& config) {
  JsonArray widths, up = block_types(config, "UpBlock2D");
  for (int level = 0; level < config.levels(); ++level) widths.emplace_back(config.width(level));
  std::reverse(up.begin(), up.end());
  JsonObject json{{"_diffusers_version", diffusers_version},
                  {"attention_head_dim", config.head_channels ? Json(config.head_channels) : Json(nullptr)},
                  {"block_out_channels", widths},
                  {"down_block_types", block_types(config, "DownBlock2D")},
                  {"downsample_padding", config.down_padding},
                  {"dropout", config.dropout},
                  {"flip_sin_to_cos", config.cosine_first},
                  {"freq_shift", config.frequency_shift},
                  {"in_channels", config.image_channels},
                  {"layers_per_block", config.blocks},
                  {"norm_eps", config.norm_epsilon},
                  {"norm_num_groups", config.groups},
                  {"out_channels", config.image_channels},
                  {"sample_size", config.image_size},
                  {"up_block_types", up}};
  for (const FixedKey& fixed : fixed_keys())
    if (fixed.written) json.emplace_back(fixed.key, fixed.supported);
  std::sort(json.begin(), json.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  return json;
}

JsonObject index_json() {
  return {{"_class_name", "DDPMPipeline"},
          {"_diffusers_version", diffusers_version},
          {"scheduler", JsonArray{"diffusers", "DDPMScheduler"}},
          {"unet", JsonArray{"diffusers", "UNet2DModel"}}};
}

}  // namespace

UnetConfig read_network(const std::string& folder) {
  const std::string path = model_file(folder, "unet", "config.json");
  if (!std::filesystem::exists(path))
    fail(folder, " holds no network: there is no ", path,
         "; give the folder of a run or of a diffusers model");
  ConfigFile file(path);
  for (const FixedKey& fixed : fixed_keys()) file.require(fixed.key, fixed.supported, fixed.fallback);
  file.of("num_train_timesteps");  // ignored: only learned time embeddings use it

  UnetConfig config;
  read_channels(file, config);
  read_variant(file, config);
  const auto integer = [&](const std::string& key, int64_t fallback) {
    return int(file.of(key).integer(key, 1, 1 << 20, fallback));
  };
  config.image_size = int(file.of("sample_size").integer("sample_size", 1, 1 << 20));
  config.image_channels = integer("in_channels", 3);
  if (integer("out_channels", 3) != config.image_channels)
    fail(path, ": \"out_channels\" differs from \"in_channels\" (", config.image_channels,
         "); only a network that predicts eps alone is supported");
  config.blocks = integer("layers_per_block", 2);
  config.groups = integer("norm_num_groups", 32);
  config.dropout = file.of("dropout").number("dropout", 0, 0.999, 0.0);
  config.attention = attention_of(file, "down_block_types", "DownBlock2D");
  std::vector<bool> up = attention_of(file, "up_block_types", "UpBlock2D");
  std::reverse(up.begin(), up.end());
  if (up != config.attention) file.refuse("up_block_types", "only the reverse of down_block_types");
  file.expect_nothing_else();
  try {
    config.check();
  } catch (const Error& error) {
    fail(path, ": ", error.what());
  }
  return config;
}

void write_network(const std::string& folder, const UnetConfig& network) {
  std::filesystem::create_directories(folder + "/unet");
  write_file(folder + "/model_index.json", write_json(index_json()));
  write_file(folder + "/unet/config.json", write_json(network_json(network)));
}

}  // namespace ddpm
