// Checks that a noise schedule and its sampler are written and read as diffusers' DDPMScheduler
// (ddpm/diffusers/scheduler.cpp), and that what the paper does not have is refused.
#include <doctest/doctest.h>

#include "ddpm/diffusers/model.h"
#include "tests/support/scratch.h"

namespace ddpm::test {

TEST_CASE("scheduler: is read with diffusers' defaults, and any other method is refused") {
  const ScratchFolder scratch;
  const auto read = [&](const std::string& json) {
    scratch.put("scheduler_config.json", json);
    return read_scheduler(scratch / ".");
  };
  const DiffusionConfig defaults = read("{}");
  CHECK(defaults.schedule.T == 1000);
  CHECK(defaults.schedule.beta_1 == 1e-4);
  CHECK(defaults.schedule.beta_T == 0.02);
  CHECK(defaults.schedule.kind == "linear");
  CHECK(defaults.reverse.variance == Variance::posterior);
  CHECK(defaults.reverse.clip == Clip::on);
  CHECK(read("{\"variance_type\": \"fixed_large\"}").reverse.variance == Variance::beta);
  CHECK(read("{\"clip_sample\": false}").reverse.clip == Clip::off);
  CHECK(read("{\"beta_schedule\": \"squaredcos_cap_v2\"}").schedule.kind == "squaredcos_cap_v2");
  const DiffusionConfig betas = read("{\"num_train_timesteps\": 2, \"trained_betas\": [0.1, 0.2]}");
  CHECK(betas.schedule.betas == std::vector<double>{0.1, 0.2});

  const std::string refused[][2] = {
      {"{\"prediction_type\": \"sample\"}", "\"prediction_type\" is \"sample\"; only \"epsilon\""},
      {"{\"variance_type\": \"learned\"}", "\"variance_type\" is \"learned\""},
      {"{\"beta_schedule\": \"sigmoid\"}", "\"beta_schedule\" is \"sigmoid\""},
      {"{\"thresholding\": true}", "\"thresholding\" is true"},
      {"{\"num_train_timesteps\": 3, \"trained_betas\": [0.1]}", "scheduler_config.json"},
      {"{\"num_train_timesteps\": 1e12}", "\"num_train_timesteps\" must be"},
      {"{\"beta_start\": 0.5}", "beta"},
      {"{\"novelty\": 1}", "\"novelty\" is 1"}};
  for (const auto& row : refused) {
    const std::string error = error_of([&] { read(row[0]); });
    CHECK_MESSAGE(contains(error, row[1]), error);
  }
}

TEST_CASE("scheduler: values that are not diffusers' defaults are written and read") {
  const ScratchFolder scratch;
  DiffusionConfig scheduler;
  scheduler.schedule = {.T = 7, .beta_1 = 0.01, .beta_T = 0.3};
  write_scheduler(scratch / ".", scheduler);
  const ScheduleConfig back = read_scheduler(scratch / ".").schedule;
  CHECK(back.T == 7);
  CHECK(back.beta_1 == 0.01);
  CHECK(back.beta_T == 0.3);
}

TEST_CASE("scheduler: a schedule that diffusers does not know is written as a list of beta_t") {
  const ScratchFolder scratch;
  DiffusionConfig scheduler;
  scheduler.schedule.kind = "scaled_linear";
  scheduler.schedule.T = 7;
  scheduler.reverse = {Variance::posterior, Clip::off};
  write_scheduler(scratch / ".", scheduler);
  const DiffusionConfig back = read_scheduler(scratch / ".");
  CHECK(make_schedule(back.schedule).beta == make_schedule(scheduler.schedule).beta);
  CHECK(back.reverse.variance == Variance::posterior);
  CHECK(back.reverse.clip == Clip::off);
}

}  // namespace ddpm::test
