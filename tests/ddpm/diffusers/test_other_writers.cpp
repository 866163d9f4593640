// Checks config files that other programs wrote (ddpm/diffusers/): what opens, with a note or
// without. Each case stands for a kind that people have. What is refused: test_differences.cpp
// beside this file; their weights: test_other_weights.cpp.
#include <doctest/doctest.h>

#include "tests/support/command.h"
#include "tests/support/foreign.h"

namespace ddpm::test {

namespace {

// What DDIMScheduler writes.
const Changes ddim{{"_class_name", "DDIMScheduler"},
                   {"clip_sample_range", 1.0},
                   {"dynamic_thresholding_ratio", 0.995},
                   {"rescale_betas_zero_snr", false},
                   {"sample_max_value", 1.0},
                   {"set_alpha_to_one", true},
                   {"steps_offset", 0},
                   {"thresholding", false},
                   {"timestep_spacing", "leading"},
                   {"-variance_type", nullptr}};

}  // namespace

TEST_CASE("other writers: what DDPMScheduler writes of its defaults is not worth a note") {
  Foreign model;
  model.set_scheduler({{"clip_sample_range", 1},
                       {"dynamic_thresholding_ratio", 0.995},
                       {"rescale_betas_zero_snr", false},
                       {"sample_max_value", 1.0},
                       {"steps_offset", 0},
                       {"thresholding", false},
                       {"timestep_spacing", "leading"},
                       {"variance_type", "fixed_small"}});
  CHECK(model.scheduler().reverse.variance == Variance::posterior);
  CHECK(model.notes.empty());
  model.network_config();
  CHECK(model.weights_error() == "no error");
  CHECK(model.notes.empty());
}

TEST_CASE("other writers: the types ..._log are the same sigma") {
  Foreign model;
  model.set_scheduler({{"variance_type", "fixed_small_log"}});
  CHECK(model.scheduler().reverse.variance == Variance::posterior);
  model.set_scheduler({{"variance_type", "fixed_large_log"}});
  CHECK(model.scheduler().reverse.variance == Variance::beta);
  model.set_scheduler({{"variance_type", nullptr}});
  CHECK(model.scheduler().reverse.variance == Variance::posterior);
}

TEST_CASE("other writers: a file of another sampler opens with the same betas, and one note") {
  Foreign model;
  model.set_scheduler(ddim);
  model.set_scheduler({{"beta_start", 2e-4}});
  const DiffusionConfig scheduler = model.scheduler();
  CHECK(scheduler.schedule.beta_1 == 2e-4);
  CHECK(scheduler.reverse.variance == Variance::posterior);
  REQUIRE(model.notes.size() == 1);
  CHECK(contains(
      model.notes[0],
      "scheduler_config.json is a DDIMScheduler's: Algorithm 2 takes its betas, with sigma_t^2 = "
      "beta_tilde_t; left aside, as it changes nothing where all T steps are taken: \"set_alpha_to_one\""));
  for (const std::string other : {"FlowMatchEulerDiscreteScheduler", "LCMScheduler", "\x1b[2J"}) {
    model.set_scheduler({{"_class_name", other}});
    CHECK(
        contains(model.scheduler_error(), "only DDPMScheduler or a sampler of the same chain is supported"));
  }
}

TEST_CASE("other writers: keys of other samplers are left aside with one note that names them") {
  Foreign model;
  model.set_scheduler({{"interpolation_type", "linear"},
                       {"skip_prk_steps", true},
                       {"set_alpha_to_one", false},
                       {"steps_offset", 1},
                       {"timestep_spacing", "trailing"}});
  model.scheduler();
  REQUIRE(model.notes.size() == 1);
  for (const std::string key :
       {"interpolation_type", "skip_prk_steps", "set_alpha_to_one", "steps_offset", "timestep_spacing"})
    CHECK_MESSAGE(contains(model.notes[0], "\"" + key + "\""), key);
  const Outcome shown = ddpm("figure schedule --run " + model.folder + " --out " + (model.scratch / "s.svg"));
  CHECK(shown.code == 0);
  CHECK(shown.err == "warning: " + model.notes[0] + "\n");
}

TEST_CASE("other writers: the average that the library's EMAModel writes opens without a word") {
  Foreign model;
  model.set_network({{"decay", 0.9999},
                     {"inv_gamma", 1.0},
                     {"min_decay", 0.0},
                     {"optimization_step", 500},
                     {"power", 0.6667},
                     {"update_after_step", 0},
                     {"use_ema_warmup", false}});
  CHECK(model.network_error() == "no error");
  CHECK(model.notes.empty());
}

TEST_CASE("other writers: the options that multistep samplers have by default are left aside") {
  Foreign model;
  model.set_scheduler({{"_class_name", "UniPCMultistepScheduler"},
                       {"time_shift_type", "exponential"},
                       {"use_dynamic_shifting", false}});
  CHECK(model.scheduler_error() == "no error");
  const std::string file = read_bytes(model.folder + "/scheduler/scheduler_config.json");
  model.scratch.put("model/scheduler/scheduler_config.json",
                    "{\"lambda_min_clipped\": -Infinity," + file.substr(file.find('{') + 1));
  CHECK(model.scheduler_error() == "no error");
  CHECK(contains(model.notes.at(0), "\"lambda_min_clipped\""));
  model.set_scheduler({{"use_dynamic_shifting", true}});
  CHECK(contains(model.scheduler_error(), "\"use_dynamic_shifting\" is true; only false is supported"));
  model.set_scheduler({{"use_dynamic_shifting", false}, {"beta_end", "Infinity"}});
  CHECK(contains(model.scheduler_error(), "beta_end"));
}

TEST_CASE("other writers: the library's first versions had other names") {
  Foreign model;
  model.set_network({{"_class_name", "UNetUnconditionalModel"},
                     {"-sample_size", nullptr},
                     {"resolution", nullptr},
                     {"image_size", 8},
                     {"-layers_per_block", nullptr},
                     {"num_res_blocks", 1},
                     {"-block_out_channels", nullptr},
                     {"block_channels", JsonArray{8, 16}},
                     {"-down_block_types", nullptr},
                     {"down_blocks", JsonArray{"UNetResDownBlock2D", "UNetResAttnDownBlock2D"}},
                     {"-up_block_types", nullptr},
                     {"up_blocks", JsonArray{"UNetResAttnUpBlock2D", "UNetResUpBlock2D"}},
                     {"conv_resample", true},
                     {"-norm_num_groups", nullptr},
                     {"resnet_num_groups", 4},
                     {"-act_fn", nullptr},
                     {"resnet_act_fn", "silu"},
                     {"attention_resolutions", JsonArray{4}},
                     {"ldm", false}});
  const UnetConfig config = model.network_config(), want = small_config();
  CHECK(config.image_size == want.image_size);
  CHECK(config.multipliers == want.multipliers);
  CHECK(config.attention == want.attention);
  CHECK(config.blocks == want.blocks);
  CHECK(config.groups == want.groups);
  REQUIRE(model.notes.size() == 1);
  CHECK(contains(model.notes[0], "left aside, as it changes nothing here: \"attention_resolutions\""));
  model.set_network({{"ldm", true}});
  CHECK(contains(model.network_error(), "\"ldm\" is true; only false"));

  model.set_scheduler({{"-num_train_timesteps", nullptr},
                       {"timesteps", 7},
                       {"timestep_values", nullptr},
                       {"tensor_format", "pt"},
                       {"predict_epsilon", true},
                       {"-_class_name", nullptr}});
  CHECK(model.scheduler().schedule.T == 7);
  CHECK(contains(model.notes.at(0), "\"tensor_format\""));
}

TEST_CASE("other writers: a square size may be a list, and the class's name may be left out") {
  Foreign model;
  model.set_network({{"sample_size", JsonArray{8, 8}}, {"-_class_name", nullptr}});
  CHECK(model.network_config().image_size == 8);
  CHECK(model.notes.empty());
  for (const JsonArray& sides : {JsonArray{8, 16}, JsonArray{8}, JsonArray{}}) {
    model.set_network({{"sample_size", sides}});
    CHECK(contains(model.network_error(), "only one number, or two that are equal, is supported"));
  }
}

TEST_CASE("other writers: a chain that is not the paper's gets a line on alpha_bar_T") {
  Foreign model;
  const std::string command = "sample --count 1 --threads 1 --force --run " + model.folder + " --out " +
                              (model.scratch / "x.png") + " ";
  model.set_scheduler({{"num_train_timesteps", 12}, {"beta_end", 0.9}});  // alpha_bar_T is twice the paper's
  CHECK_FALSE(contains(ddpm(command).err, "schedule"));
  model.set_scheduler({{"beta_end", 0.99}});
  CHECK(contains(ddpm(command).err, "schedule  T = 12, beta 0.0001 to 0.99: sqrt(alpha_bar_T) = 0.00"));
  model.set_scheduler({{"beta_end", 0.1}});
  const Outcome short_chain = ddpm(command);
  CHECK(short_chain.code == 0);
  CHECK(contains(short_chain.err, "is not trained on; sample with the schedule that it was trained on"));
}

}  // namespace ddpm::test
