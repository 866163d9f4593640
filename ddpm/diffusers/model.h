// A model's folder as Hugging Face diffusers reads and writes it (DDPMPipeline):
//   model_index.json, unet/config.json, unet/diffusion_pytorch_model.safetensors,
//   scheduler/scheduler_config.json
// Folders made elsewhere may also be flat (config.json and so on at the root)
// and name attention's projections as older files do.
// Rules: a key that is left out means diffusers' own default; what this
// program cannot do is an Error that names file, key and value.
// Checked by: tests/test_diffusers.cpp.
#pragma once

#include <string>

#include "ddpm/reverse.h"
#include "ddpm/schedule.h"
#include "nn/unet.h"

namespace ddpm {

// What the scheduler's file says.
struct DiffusionConfig {
  ScheduleConfig schedule;
  ReverseConfig reverse;
};

// unet/config.json. The network has been checked.
UnetConfig read_network(const std::string& folder);
// scheduler/scheduler_config.json.
DiffusionConfig read_scheduler(const std::string& folder);
// Overwrites every parameter from unet/diffusion_pytorch_model.safetensors.
// Errors: a tensor that is missing, left over, of another shape or not finite.
void read_weights(const std::string& folder, const Parameters& parameters);

// Write the same files into a folder that exists, making unet/ and scheduler/;
// write_network writes model_index.json, too. Each file is replaced atomically.
void write_network(const std::string& folder, const UnetConfig& network);
void write_scheduler(const std::string& folder, const DiffusionConfig& scheduler);
void write_weights(const std::string& folder, const Parameters& parameters);

}  // namespace ddpm
