// A run of five steps on eight images, with five others for validation: it trains in milliseconds.
#pragma once

#include "ddpm/run/trainer.h"
#include "tests/support/files.h"
#include "tests/support/scratch.h"
#include "tests/support/tiny.h"

namespace ddpm::test {

struct SmallRun {
  ScratchFolder folder;
  std::string path = folder / "run";
  Bars training{8, 8}, test{5, 8};
  RunOptions options;
  std::vector<std::string> warnings;
  End end = End::stopped;

  SmallRun() {
    options.network = small_config();
    options.network.dropout = 0.1;
    options.diffusion.schedule = {.T = 10, .beta_1 = 0.02, .beta_T = 0.3};
    options.batches.size = 3, options.train.seed = 5, options.train.ema_decay = 0.6;
    options.train.adam.learning_rate = 0.01;
    options.steps = 5;
    std::filesystem::create_directories(path + "/training");
  }
  void train(const Session& session) {
    Reporter reporter;
    reporter.warn = [this](const std::string& sentence) { warnings.push_back(sentence); };
    end = Trainer(path, options, training, test).train(session, reporter);
  }
  // Returns a table of the run, "log.csv" or "validation.csv", row by row.
  std::vector<std::string> table(const std::string& name) const {
    return rows(read_bytes(path + "/" + name));
  }
  DrawImages draw_x_0() const { return batches(training, options.batches, options.train.seed); }
  Schedule schedule() const { return make_schedule(options.diffusion.schedule); }
};

}  // namespace ddpm::test
