// Reads and writes scheduler/scheduler_config.json, which describes the variance schedule and
// sigma_t as a DDPMScheduler (ddpm/diffusers/model.h). Checked by: tests/ddpm/diffusers/test_scheduler.cpp.
#include <filesystem>
#include <set>

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

// Returns the class of the file, DDPMScheduler if it names none. Refuses classes whose betas or defaults are
// others: this program always runs Algorithm 2, on the chain that the file describes.
std::string read_sampler_class(ConfigFile& file) {
  const std::string key = "_class_name", usual = "DDPMScheduler";
  const std::set<std::string> same_chain{usual,
                                         "DDIMParallelScheduler",
                                         "DDIMScheduler",
                                         "DDPMParallelScheduler",
                                         "DEISMultistepScheduler",
                                         "DPMSolverMultistepScheduler",
                                         "DPMSolverSinglestepScheduler",
                                         "EulerAncestralDiscreteScheduler",
                                         "EulerDiscreteScheduler",
                                         "LMSDiscreteScheduler",
                                         "PNDMScheduler",
                                         "UniPCMultistepScheduler"};
  if (!file.of(key).has(key)) return usual;
  const std::string name = file.of(key).string(key);
  if (!same_chain.count(name)) file.refuse(key, "only DDPMScheduler or a sampler of the same chain");
  return name;
}

// sigma_t is the same whether a file stores it or its logarithm, as the types ..._log do.
Variance read_variance(ConfigFile& file) {
  const std::string key = "variance_type";
  if (!file.of(key).has(key)) return Variance::posterior;
  const std::string type = file.of(key).string(key);
  if (type == fixed_large || type == fixed_large + "_log") return Variance::beta;
  if (type != fixed_small && type != fixed_small + "_log")
    file.refuse(key, "only fixed_large or fixed_small");
  return Variance::posterior;
}

Clip read_clip(ConfigFile& file) {
  const bool clip = file.of("clip_sample").boolean("clip_sample", true);
  if (clip)
    file.require("clip_sample_range", 1.0, 1.0);
  else
    file.leave_aside("clip_sample_range", 1.0);
  return clip ? Clip::on : Clip::off;
}

// Refuses options that change Algorithm 2, for example thresholding. Leaves aside what changes nothing where
// all T steps are taken: the options of DDPMScheduler with their defaults, then those of other samplers.
void read_others(ConfigFile& file) {
  file.require("prediction_type", "epsilon", "epsilon");
  file.require("predict_epsilon", true, true);  // the same in old files
  file.require("rescale_betas_zero_snr", false, false);
  file.require("thresholding", false, false);
  file.require("use_dynamic_shifting", false, false);
  file.require("use_flow_sigmas", false, false);
  file.leave_aside("dynamic_thresholding_ratio", 0.995);
  file.leave_aside("sample_max_value", 1.0);
  file.leave_aside("steps_offset", 0);
  file.leave_aside("timestep_spacing", "leading");
  for (const std::string key : {"algorithm_type",
                                "disable_corrector",
                                "eta",
                                "euler_at_final",
                                "final_sigmas_type",
                                "flow_shift",
                                "interpolation_type",
                                "lambda_min_clipped",
                                "lower_order_final",
                                "predict_x0",
                                "set_alpha_to_one",
                                "skip_prk_steps",
                                "solver_order",
                                "solver_p",
                                "solver_type",
                                "tensor_format",
                                "time_shift_type",
                                "timestep_type",
                                "use_beta_sigmas",
                                "use_exponential_sigmas",
                                "use_karras_sigmas",
                                "use_lu_lambdas"})
    file.leave_aside(key);
}

// Returns the path of the file, which a folder beside scheduler/ shares with its neighbours.
std::string scheduler_path(const std::string& folder) {
  const std::string name = "scheduler_config.json", path = model_file(folder, "scheduler", name);
  const std::filesystem::path beside = std::filesystem::path(folder) / ".." / "scheduler" / name;
  return std::filesystem::exists(path) || !std::filesystem::exists(beside) ? path : beside.string();
}

// Says what of the file has no meaning here, "" if all of it has.
std::string note_of(const SchedulerFile& scheduler) {
  const std::string& keys = scheduler.file.left_aside();
  const std::string why = "left aside, as it changes nothing where all T steps are taken: ";
  const bool is_own = scheduler.class_name.starts_with("DDPM");
  if (is_own) return keys.empty() ? "" : text(scheduler.file.path(), ": ", why, keys);
  return text(scheduler.file.path(), " is a ", scheduler.class_name,
              "'s: Algorithm 2 takes its betas, with sigma_t^2 = ",
              scheduler.config.reverse.variance == Variance::beta ? "beta_t" : "beta_tilde_t",
              keys.empty() ? "" : "; " + why + keys);
}

}  // namespace

SchedulerFile::SchedulerFile(const std::string& folder)
    : file(scheduler_path(folder), {{"timesteps", "num_train_timesteps"}}),
      class_name(read_sampler_class(file)) {
  config.schedule = read_schedule(file);
  config.reverse = {read_variance(file), read_clip(file)};
  read_others(file);
  file.finish();
}

DiffusionConfig read_scheduler(const std::string& folder, Notes* notes) {
  const SchedulerFile scheduler(folder);
  refuse_model(folder, scheduler.file.differences());
  try {
    make_schedule(scheduler.config.schedule);
  } catch (const Error& error) {
    fail(scheduler.file.path(), ": ", error.what());
  }
  const std::string note = note_of(scheduler);
  if (notes && !note.empty()) notes->push_back(note);
  return scheduler.config;
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
