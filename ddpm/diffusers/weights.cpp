// Reads and writes unet/diffusion_pytorch_model.safetensors (ddpm/diffusers/model.h).
// Checked by: tests/ddpm/diffusers/test_diffusers.cpp.
#include <filesystem>

#include "ddpm/diffusers/config_file.h"
#include "ddpm/diffusers/model.h"
#include "ddpm/diffusers/parameter_file.h"

namespace ddpm {

namespace {

const std::string weights_file = "diffusion_pytorch_model.safetensors";

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

}  // namespace

void read_weights(const std::string& folder, const Parameters& parameters) {
  const std::string path = model_file(folder, "unet", weights_file);
  if (!std::filesystem::exists(path)) {
    const std::string pickle = model_file(folder, "unet", "diffusion_pytorch_model.bin");
    if (std::filesystem::exists(pickle))
      fail(pickle, " is not supported: convert it to ", weights_file, " with save_pretrained of diffusers");
    fail_for("no weights", "there are no weights yet: ", path, " is missing");
  }
  ArrayFile file(path);
  for (const Parameter& p : parameters.all()) {
    const std::string legacy = legacy_name(p.name);
    file.load(!file.has(p.name) && file.has(legacy) ? legacy : p.name, p, p.value);
  }
  file.expect_empty();
}

void write_weights(const std::string& folder, const Parameters& parameters) {
  std::vector<NamedArray> arrays;
  for (const Parameter& p : parameters.all()) arrays.push_back(to_array(p, p.name, p.value));
  std::filesystem::create_directories(folder + "/unet");
  write_safetensors(folder + "/unet/" + weights_file, arrays, {{"format", "pt"}});
}

}  // namespace ddpm
