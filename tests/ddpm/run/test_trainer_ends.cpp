// Checks how a session of training ends (ddpm/run/trainer.cpp): a loss that is not finite, an error while
// saving, a request to stop.
#include <doctest/doctest.h>

#include <fstream>

#include "ddpm/run/directory.h"
#include "tests/support/small_run.h"

namespace ddpm::test {

TEST_CASE("session: a loss that is not finite ends it, with the last save named and kept") {
  const auto diverge = [](SmallRun& run, const Session& session) {
    run.options.train.adam.learning_rate = 1e30;  // the second step's loss is not finite
    try {
      run.train(session);
    } catch (const Error& error) {
      CHECK(error.reason == "diverged");
      return std::string(error.what());
    }
    return std::string();
  };
  SmallRun unsaved;
  CHECK(diverge(unsaved, {}) ==
        "the loss is not finite at step 2; " + unsaved.path + " keeps its last save, of step 0");
  CHECK(unsaved.table("log.csv").size() == 2);  // the header and step 1
  SmallRun saved;
  saved.train({.stop_after = 2});
  const std::string sentence = diverge(saved, {});
  CHECK(sentence == "the loss is not finite at step 4; " + saved.path + " keeps its last save, of step 2");
  Unet average(saved.options.network);
  read_weights(saved.path, average.parameters());  // refuses weights that are not finite
}

TEST_CASE("session: weights that are not finite are not saved, although the loss of their step is") {
  SmallRun run;
  run.train({.stop_after = 2});
  const auto before = snapshot(run.path);
  run.options.train.adam.learning_rate = 1e60;  // a float's infinity
  for (const Session& session : {Session{.stop_after = 3}, Session{.save_every = 1}}) {
    const std::string sentence = error_of([&] { run.train(session); });
    CHECK(contains(sentence, " is not finite after step 3; " + run.path + " keeps its last save, of step 2"));
  }
  const auto after = snapshot(run.path);
  for (const std::string file : {"training/state.safetensors", "unet/diffusion_pytorch_model.safetensors"})
    CHECK_MESSAGE(after.at(file) == before.at(file), file);
}

TEST_CASE("session: an error while saving is passed on as it is") {
  SmallRun run;
  Reporter reporter;
  reporter.progress = [&](const std::string&, bool) {
    std::filesystem::remove_all(run.path + "/training");
    return false;
  };
  Trainer trainer(run.path, run.options, run.training, run.test);
  const std::string sentence = error_of([&] { trainer.train({.save_every = 1}, reporter); });
  CHECK(contains(sentence, "the save of step 2 failed, that of step 1 is kept"));
  CHECK_FALSE(contains(sentence, "keeps its last save"));
}

TEST_CASE("session: counts the seconds of its steps alone, and saves even without a step") {
  SmallRun run;
  run.options.steps = 50;
  Trainer trainer(run.path, run.options, run.training, run.test);
  const Stopwatch watch;
  Reporter stopped;
  stopped.stop = [] { return true; };
  CHECK(trainer.train({}, stopped) == End::interrupted);
  CHECK(trainer.step() == 0);
  CHECK(std::filesystem::exists(run.path + "/training/state.safetensors"));
  CHECK(trainer.train({}) == End::finished);
  CHECK(trainer.seconds() <= watch.seconds());
}

TEST_CASE("session: a request to stop ends a sample grid") {
  SmallRun run;
  int asked = 0;
  Reporter reporter;
  // Training asks before the first step and after each step; the sample grid of step 5 asks the sixth time.
  reporter.stop = [&] { return ++asked > 5; };
  run.options.steps = 6;
  run.end = Trainer(run.path, run.options, run.training, run.test).train({.sample_every = 5}, reporter);
  CHECK(run.end == End::interrupted);
  CHECK_FALSE(std::filesystem::exists(grid_path(run.path, 5)));
}

}  // namespace ddpm::test
