// Reads and writes unet/diffusion_pytorch_model.safetensors (ddpm/diffusers/model.h).
// Checked by: tests/ddpm/diffusers/test_diffusers.cpp.
#include <filesystem>

#include "ddpm/diffusers/config_file.h"
#include "ddpm/diffusers/model.h"
#include "ddpm/diffusers/parameter_file.h"
#include "ddpm/formats/quote.h"
#include "ddpm/formats/recognize.h"

namespace ddpm {

namespace {

const std::string weights_file = "diffusion_pytorch_model.safetensors";

// Returns the path of the weights, under the first of their usual names that exists, "" if there are none.
std::string find_weights(const std::string& folder, const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    const std::string path = model_file(folder, "unet", name);
    if (std::filesystem::exists(path)) return path;
  }
  return "";
}

std::string find_weights(const std::string& folder) {
  return find_weights(folder, {weights_file, "diffusion_pytorch_model.fp16.safetensors",
                               "diffusion_pytorch_model.bf16.safetensors", "model.safetensors"});
}

// Throws an Error if the folder holds weights in several files, or under none of their usual names.
void refuse_other_names(const std::string& folder) {
  const std::filesystem::path place =
      std::filesystem::path(model_file(folder, "unet", weights_file)).parent_path();
  std::string other;
  std::error_code none;  // a folder that is not there holds no file
  for (const auto& entry : std::filesystem::directory_iterator(place, none)) {
    const std::string path = entry.path().string();
    if (path.ends_with(".safetensors.index.json"))
      fail(path, " lists weights in several files: save them as one in Python with  ",
           "model.save_pretrained(folder, max_shard_size=\"100GB\")");
    if (path.ends_with(".safetensors")) other = path;
  }
  if (!other.empty()) fail(other, " has none of the usual names: rename it to ", weights_file);
}

// Throws the Error for a folder without safetensors.
[[noreturn]] void refuse_without_weights(const std::string& folder) {
  const std::string pickle = find_weights(
      folder, {"diffusion_pytorch_model.bin", "diffusion_pytorch_model.fp16.bin", "pytorch_model.bin"});
  if (pickle.empty()) {
    refuse_other_names(folder);
    fail_for("no weights", "there are no weights: ", model_file(folder, "unet", weights_file), " is missing");
  }
  refuse_other_kinds(pickle, how_to_convert(pickle));
  fail(pickle, " is not read: ", how_to_convert(pickle));
}

// Says what of the weights is not as the program writes them.
void describe_weights(const std::string& folder, const std::string& path, const std::string& halves,
                      const std::string& prefix, Notes& notes) {
  if (!halves.empty())
    notes.push_back(text(path, " holds ", halves, " numbers, which were widened to float32"));
  if (!prefix.empty())
    notes.push_back(text(path, ": every tensor's name begins with ", quote(prefix), ", which was taken off"));
  const std::string average = (std::filesystem::path(folder) / "unet_ema").string();
  if (std::filesystem::exists(average))
    notes.push_back(
        text(path, " is opened; to open the average beside it, name its folder itself: ", average));
}

// Returns the name that older files give to a parameter. Only the projections of the attention
// blocks were renamed, for example "query" to "to_q".
std::string legacy_name(std::string name) {
  const std::pair<std::string, std::string> renamed[] = {
      {".to_q.", ".query."}, {".to_k.", ".key."}, {".to_v.", ".value."}, {".to_out.0.", ".proj_attn."}};
  for (const auto& [today, before] : renamed) {
    const size_t at = name.find(today);
    if (at != name.npos) return name.replace(at, today.size(), before);
  }
  return name;
}

// Returns the name that the library's first versions, of 2022, gave to a parameter: its script
// scripts/change_naming_configs_and_checkpoints.py changes them to today's.
std::string earliest_name(const std::string& name) {
  const std::pair<std::string, std::string> renamed[] = {
      {"down_blocks.", "downsample_blocks."}, {"mid_block.", "mid."}, {"up_blocks.", "upsample_blocks."}};
  for (const auto& [today, before] : renamed)
    if (name.starts_with(today)) return before + name.substr(today.size());
  return name;
}

// Overwrites the parameter with its array, under the name that the file has for it.
void load_parameter(const Parameter& p, ArrayFile& file) {
  const std::string early = earliest_name(p.name), downsampling = ".downsamplers.0.conv.";
  std::string name = p.name;
  for (const std::string& known : {legacy_name(p.name), early, legacy_name(early)})
    if (!file.has(name) && file.has(known)) name = known;
  file.load(name, p, p.value);
  // The first versions also stored this convolution as "op".
  const size_t at = name.find(downsampling);
  if (at == name.npos) return;
  const std::string twin = name.replace(at, downsampling.size(), ".downsamplers.0.op.");
  if (file.has(twin)) file.take(twin);
}

}  // namespace

void read_weights(const std::string& folder, const Parameters& parameters, Notes* notes) {
  const std::string path = find_weights(folder);
  if (path.empty()) refuse_without_weights(folder);
  ArrayFile file(path, parameters);
  const std::string prefix = file.take_prefix_off(parameters.all().front().name);
  for (const Parameter& p : parameters.all()) load_parameter(p, file);
  file.expect_empty();
  if (notes) describe_weights(folder, path, file.halves(), prefix, *notes);
}

void write_weights(const std::string& folder, const Parameters& parameters) {
  std::vector<NamedArray> arrays;
  for (const Parameter& p : parameters.all()) arrays.push_back(to_array(p, p.name, p.value));
  std::filesystem::create_directories(folder + "/unet");
  write_safetensors(folder + "/unet/" + weights_file, arrays, {{"format", "pt"}});
}

}  // namespace ddpm
