// Reads and writes a model folder of the Hugging Face library diffusers (DDPMPipeline):
//   model_index.json, unet/config.json, unet/diffusion_pytorch_model.safetensors,
//   scheduler/scheduler_config.json
// The functions that read also accept flat folders (all files at the root), the older names of the weights,
// and more that other writers do. An absent key means the default of diffusers. If the
// program does not support keys or values, reading throws one Error that names all of them, in both config
// files. What is read otherwise than it is written here, or left aside, becomes a note.
// Format: UNet2DModel and DDPMScheduler of diffusers 0.30.0.
// Checked by: tests/ddpm/diffusers/test_diffusers.cpp, tests/ddpm/diffusers/test_scheduler.cpp,
// tests/ddpm/diffusers/test_other_writers.cpp, tests/ddpm/diffusers/test_differences.cpp.
#pragma once

#include <string>
#include <vector>

#include "ddpm/reverse.h"
#include "ddpm/schedule.h"
#include "nn/unet.h"

namespace ddpm {

// The content of scheduler/scheduler_config.json.
struct DiffusionConfig {
  ScheduleConfig schedule = {};
  ReverseConfig reverse = {};
};

// Sentences about what was read, for the user. Readers append them; nullptr drops them.
using Notes = std::vector<std::string>;

// Reads unet/config.json. Throws Error if the file is missing or malformed, if the network has
// parts that UnetConfig does not know, or if UnetConfig::check does.
UnetConfig read_network(const std::string& folder, Notes* notes = nullptr);
// Reads scheduler/scheduler_config.json, also for a folder that stands beside it, as unet_ema/ does. A file
// of another sampler of the same chain, such as DDIM, gives the betas. Throws Error if the file is missing,
// malformed or unsupported, or if make_schedule does.
DiffusionConfig read_scheduler(const std::string& folder, Notes* notes = nullptr);
// Overwrites all parameters with unet/diffusion_pytorch_model.safetensors, or with the file that has another
// of its usual names. Takes off a prefix of all names, such as "module.". Throws Error if there is no such
// file, if it is malformed, or if a tensor is missing, has another shape, is not finite or is not one of the
// parameters. The parameters read before the Error stay overwritten.
void read_weights(const std::string& folder, const Parameters& parameters, Notes* notes = nullptr);

// Returns the text of the network's unet/config.json.
std::string network_text(const UnetConfig& network);
// Writes model_index.json and unet/config.json. Each file is replaced atomically, and missing
// folders are created. Throws Error if a file cannot be written, std::filesystem::filesystem_error
// if a folder cannot be created.
void write_network(const std::string& folder, const UnetConfig& network);
// Writes scheduler/scheduler_config.json. A schedule other than "linear" becomes a list of betas, for
// which make_schedule can throw Error. Replaces the file atomically, creates missing folders, and
// throws the same exceptions as write_network.
void write_scheduler(const std::string& folder, const DiffusionConfig& scheduler);
// Writes unet/diffusion_pytorch_model.safetensors, with all parameters as float32. Replaces the
// file atomically, creates missing folders, and throws the same exceptions as write_network.
void write_weights(const std::string& folder, const Parameters& parameters);

}  // namespace ddpm
