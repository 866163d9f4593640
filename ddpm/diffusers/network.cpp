// Reads and writes unet/config.json, which describes the network as a UNet2DModel
// (ddpm/diffusers/model.h). Checked by: tests/ddpm/diffusers/test_diffusers.cpp.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>

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
      {"act_fn", "silu", "silu", true},
      {"add_attention", true, true, false},
      {"attn_norm_num_groups", nullptr, nullptr, false},
      {"center_input_sample", false, false, true},
      {"class_embed_type", nullptr, nullptr, false},
      {"conv_resample", true, true, false},
      {"downsample_type", "conv", "conv", false},
      {"ldm", false, false, false},
      {"mid_block_scale_factor", 1.0, 1.0, true},
      {"mid_block_type", "UNetMidBlock2D", "UNetMidBlock2D", false},
      {"num_class_embeds", nullptr, nullptr, false},
      {"resnet_time_scale_shift", "default", "default", false},
      {"sde", false, false, false},
      {"time_embedding_dim", nullptr, nullptr, false},
      {"time_embedding_type", "positional", "positional", true},
      {"upsample_type", "conv", "conv", false},
  };
  return keys;
}

// Returns the names that the library's first versions had for the keys.
const std::map<std::string, std::string>& earlier_names() {
  static const std::map<std::string, std::string> names{{"block_channels", "block_out_channels"},
                                                        {"down_blocks", "down_block_types"},
                                                        {"downscale_freq_shift", "freq_shift"},
                                                        {"image_size", "sample_size"},
                                                        {"num_head_channels", "attention_head_dim"},
                                                        {"num_res_blocks", "layers_per_block"},
                                                        {"resnet_act_fn", "act_fn"},
                                                        {"resnet_eps", "norm_eps"},
                                                        {"resnet_num_groups", "norm_num_groups"},
                                                        {"resolution", "sample_size"},
                                                        {"up_blocks", "up_block_types"}};
  return names;
}

// The class's first name was UNetUnconditionalModel; files without a name are of this class too.
void read_network_class(ConfigFile& file) {
  const std::string key = "_class_name";
  if (!file.of(key).has(key)) return;
  const std::string name = file.of(key).string(key);
  if (name != "UNet2DModel" && name != "UNetUnconditionalModel") file.refuse(key, "only \"UNet2DModel\"");
}

// Returns the side of the images, which may be written as a list of two equal sides.
int read_size(ConfigFile& file) {
  const std::string key = "sample_size";
  const Json* size = file.of(key).find(key);
  if (!size || !std::holds_alternative<JsonArray>(size->value))
    return int(file.of(key).integer(key, 1, 1 << 20));
  const std::vector<int64_t> sides = file.of(key).integers(key, 1, 1 << 20);
  if (sides.size() == 2 && sides[0] == sides[1]) return int(sides[0]);
  file.refuse(key, "only one number, or two that are equal,");
  return 1;
}

// Returns the channels of the images. The network may also predict the variance, in as many channels again.
int read_image_channels(ConfigFile& file) {
  const auto channels = [&](const std::string& key) { return file.of(key).integer(key, 1, 1 << 20, 3); };
  const int64_t in = channels("in_channels"), out = channels("out_channels");
  const std::string wanted = text("only ", in, ", as in_channels, for eps alone,");
  if (out != in) file.refuse("out_channels", wanted);
  return int(in);
}

// Returns for each level whether it has attention. A level's type in the file's list `key` is `block`
// without attention, "Attn" + block with attention. Refuses other types. Throws Error for a missing list.
std::vector<bool> attention_of(ConfigFile& file, const std::string& key, const std::string& block) {
  if (!file.of(key).has(key)) fail(file.path(), ": \"", key, "\" is missing");
  std::vector<bool> attention;
  bool is_known = true;
  for (std::string type : file.of(key).strings(key)) {
    if (type.starts_with("UNetRes")) type.erase(0, 7);  // as in the library's first versions
    is_known = is_known && (type == block || type == "Attn" + block);
    attention.push_back(type != block);
  }
  if (!is_known) file.refuse(key, text("only a list of ", block, " and Attn", block));
  return attention;
}

void read_channels(ConfigFile& file, UnetConfig& config) {
  const std::string key = "block_out_channels";
  const std::vector<int64_t> widths = file.of(key).integers(key, 1, 1 << 20);
  if (widths.empty()) return file.refuse(key, "only a list with one entry per level");
  config.channels = int(widths[0]);
  config.multipliers.clear();
  for (const int64_t width : widths) {
    config.multipliers.push_back(double(width) / config.channels);
    const bool is_multiple = config.width(config.levels() - 1) == width;
    if (!is_multiple || width < config.channels)
      return file.refuse(key, "only a list of multiples of its first entry, none of them smaller,");
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
  JsonObject json{{"_class_name", "UNet2DModel"},
                  {"_diffusers_version", diffusers_version},
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

NetworkFile::NetworkFile(const std::string& folder)
    : file(model_file(folder, "unet", "config.json"), earlier_names()) {
  read_network_class(file);
  for (const FixedKey& fixed : fixed_keys()) file.require(fixed.key, fixed.supported, fixed.fallback);
  file.of("num_train_timesteps");  // ignored: only learned time embeddings use it
  // Ignored: how the library's EMAModel, which writes unet_ema/, went on with its average.
  for (const std::string key : {"decay", "inv_gamma", "min_decay", "optimization_step", "power",
                                "update_after_step", "use_ema_warmup"})
    file.of(key);
  for (const std::string key : {"attention_resolutions", "attn_resolutions", "ddpm"}) file.leave_aside(key);

  read_channels(file, config);
  read_variant(file, config);
  const auto integer = [&](const std::string& key, int64_t fallback) {
    return int(file.of(key).integer(key, 1, 1 << 20, fallback));
  };
  config.image_size = read_size(file);
  config.image_channels = read_image_channels(file);
  config.blocks = integer("layers_per_block", 2);
  config.groups = integer("norm_num_groups", 32);
  config.dropout = file.of("dropout").number("dropout", 0, 0.999, 0.0);
  config.attention = attention_of(file, "down_block_types", "DownBlock2D");
  std::vector<bool> up = attention_of(file, "up_block_types", "UpBlock2D");
  std::reverse(up.begin(), up.end());
  if (up != config.attention) file.refuse("up_block_types", "only the reverse of down_block_types");
  file.finish();
}

UnetConfig read_network(const std::string& folder, Notes* notes) {
  const std::string path = model_file(folder, "unet", "config.json");
  if (!std::filesystem::exists(path))
    fail(folder, " holds no network: there is no ", path,
         "; give the folder of a run or of a diffusers model");
  const NetworkFile network(folder);
  refuse_model(folder, network.file.differences());
  try {
    network.config.check();
  } catch (const Error& error) {
    fail(path, ": ", error.what());
  }
  const std::string& left_aside = network.file.left_aside();
  if (notes && !left_aside.empty())
    notes->push_back(text(path, ": left aside, as it changes nothing here: ", left_aside));
  return network.config;
}

std::string network_text(const UnetConfig& network) { return write_json(network_json(network)); }

void write_network(const std::string& folder, const UnetConfig& network) {
  std::filesystem::create_directories(folder + "/unet");
  write_file(folder + "/model_index.json", write_json(index_json()));
  write_file(folder + "/unet/config.json", network_text(network));
}

}  // namespace ddpm
