// Reads and writes scheduler/scheduler_config.json, which describes the variance schedule and
// sigma_t as a DDPMScheduler (ddpm/diffusers/model.h). Checked by: tests/ddpm/diffusers/test_scheduler.cpp.
#include <filesystem>

#include "ddpm/formats/file.h"
#include "ddpm/diffusers/config_file.h"
#include "ddpm/diffusers/model.h"

namespace ddpm {

namespace {

// Names of the choices sigma_t^2 = beta_t and sigma_t^2 = beta_tilde_t.
const std::string fixed_large = "fixed_large", fixed_small = "fixed_small";

ScheduleConfig read_schedule(ConfigFile& file) {
  ScheduleConfig schedule;
  schedule.T = int(file.of("num_train_timesteps").integer("num_train_timesteps", 1, 1'000'000, 1000));
  schedule.beta_1 = file.of("beta_start").number("beta_start", 0, 1, 1e-4);
  schedule.beta_T = file.of("beta_end").number("beta_end", 0, 1, 0.02);
  schedule.kind = file.of("beta_schedule").string("beta_schedule", "linear");
  if (file.of("trained_betas").has("trained_betas")) {
    schedule.kind = "betas";
    schedule.betas = file.of("trained_betas").numbers("trained_betas", 0, 1);
  } else if (schedule.kind != "linear" && schedule.kind != "scaled_linear" &&
             schedule.kind != "squaredcos_cap_v2") {
    file.refuse("beta_schedule", "only linear, scaled_linear or squaredcos_cap_v2");
  }
  return schedule;
}

// Throws Error if the file sets an option that changes Algorithm 2, for example thresholding.
void require_ddpm(ConfigFile& file) {
  file.require("prediction_type", "epsilon", "epsilon");
  file.require("clip_sample_range", 1.0, 1.0);
  file.require("thresholding", false, false);
  file.require("steps_offset", 0, 0);
  file.require("rescale_betas_zero_snr", false, false);
  // Any value is accepted for these keys. "_class_name" selects a sampler, but this program always
  // runs Algorithm 2. The other keys have no effect when all T steps are run without thresholding.
  for (const std::string key :
       {"_class_name", "dynamic_thresholding_ratio", "sample_max_value", "timestep_spacing"})
    file.of(key);
}

}  // namespace

DiffusionConfig read_scheduler(const std::string& folder) {
  ConfigFile file(model_file(folder, "scheduler", "scheduler_config.json"));
  DiffusionConfig scheduler;
  scheduler.schedule = read_schedule(file);
  const std::string variance = file.of("variance_type").string("variance_type", fixed_small);
  if (variance != fixed_large && variance != fixed_small)
    file.refuse("variance_type", "only fixed_large or fixed_small");
  scheduler.reverse.variance = variance == fixed_large ? Variance::beta : Variance::posterior;
  scheduler.reverse.clip = file.of("clip_sample").boolean("clip_sample", true) ? Clip::on : Clip::off;
  require_ddpm(file);
  file.expect_nothing_else();
  try {
    make_schedule(scheduler.schedule);
  } catch (const Error& error) {
    fail(file.path(), ": ", error.what());
  }
  return scheduler;
}

void write_scheduler(const std::string& folder, const DiffusionConfig& scheduler) {
  const ScheduleConfig& config = scheduler.schedule;
  Json betas;  // stays null for "linear", which needs no list
  if (config.kind != "linear") {
    const Schedule schedule = make_schedule(config);
    betas = JsonArray(schedule.beta.begin() + 1, schedule.beta.end());
  }
  const JsonObject json{
      {"_class_name", "DDPMScheduler"},
      {"_diffusers_version", "0.30.0"},
      {"beta_end", config.beta_T},
      {"beta_schedule", "linear"},
      {"beta_start", config.beta_1},
      {"clip_sample", scheduler.reverse.clip == Clip::on},
      {"num_train_timesteps", config.T},
      {"prediction_type", "epsilon"},
      {"trained_betas", betas},
      {"variance_type", scheduler.reverse.variance == Variance::beta ? fixed_large : fixed_small}};
  std::filesystem::create_directories(folder + "/scheduler");
  write_file(folder + "/scheduler/scheduler_config.json", write_json(json));
}

}  // namespace ddpm
