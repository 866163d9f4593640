// ddpm train: creates or resumes a run and trains it with Trainer (ddpm/run/trainer.h). A new run takes
// its options from the command line, then from the preset. A resumed run takes them from its
// options.json. With --from, a new run begins with the network and the weights of another folder.
// Checked by: tests/ddpm/cli/test_cli.cpp, tests/ddpm/run/test_run.cpp, tests/ddpm/run/test_origin.cpp.
#include <algorithm>
#include <filesystem>
#include <ostream>

#include "ddpm/cli/advice.h"
#include "ddpm/cli/commands.h"
#include "ddpm/cli/estimate.h"
#include "ddpm/cli/shared.h"
#include "ddpm/cli/train_options.h"
#include "ddpm/formats/quote.h"
#include "ddpm/machine/limits.h"
#include "ddpm/run/directory.h"
#include "ddpm/run/origin.h"
#include "ddpm/run/trainer.h"
#include "kernels/kernels.h"

namespace ddpm {

namespace {

// Returns the folder that holds the network of a run with --from: the run's own, once it has one. Returns ""
// for other runs.
std::string network_folder(const Options& settings, const std::string& resumed) {
  if (settings.value("from") == "none") return "";
  const bool own = !resumed.empty() && std::filesystem::exists(resumed + "/unet/config.json");
  return own ? resumed : settings.value("from");
}

// Returns the run's options. If `resumed` names a run, what does not suit is no usage error: it stands in the
// run's options.json.
RunOptions run_options_of(const Options& settings, const Dataset& data, const std::string& resumed) {
  try {
    return make_run_options(settings, data, network_folder(settings, resumed));
  } catch (const UsageError& error) {
    if (resumed.empty()) throw;
    fail(options_path(resumed), ": ", error.what());
  }
}

// Estimates the steps before anything is made, and warns if they are long or need more memory than there is.
StepEstimate estimate_training(const RunOptions& options, const Console& console) {
  const Unet network(options.network, Storage::shapes);
  const int batch = int(options.batches.size);
  const StepEstimate step =
      estimate_step(training_work(network, batch, kernels::threads()), measure_speed(network, batch));
  console.err << estimate_warnings(step, "a training step", available_memory());
  return step;
}

// Reads what a new run begins with, before anything is made. Warns if it was trained for other noise.
void try_origin(const RunOptions& options, const Console& console) {
  if (options.from == "none") return;
  Unet network(options.network), average(options.network);
  load_origin(options.from, network.parameters(), average.parameters());
  const ScheduleConfig schedule = read_scheduler(options.from).schedule;
  if (make_schedule(schedule).beta != make_schedule(options.diffusion.schedule).beta)
    console.err << printable(text("warning: the network of ", options.from,
                                  " was trained with another schedule, ", "T = ", schedule.T,
                                  schedule.kind == "linear" ? ": see --T, --beta-1 and --beta-T"
                                                            : ", of a kind that this program does not train"))
                << "\n";
}

void run_train(Options& options, const Console& console) {
  const std::string run = options.value("out");
  const bool resume = options.on("resume");
  if (!resume) expect_free(run);
  const Options settings = resume ? read_run_options(run) : options;
  if (resume) expect_unchanged(options, run, settings);
  const auto [train_data, test_data] = open_data(settings, console);
  const RunOptions run_options = run_options_of(settings, *train_data, resume ? run : "");
  configure_threads(options, console);
  configure_convolution(run_options.convolution);
  if (!resume) try_origin(run_options, console);
  const StepEstimate step = estimate_training(run_options, console);
  try_memory(step.bytes);  // before a new run has its folder

  const RunLock lock(run);
  if (!resume) create_run(run, lock, run_texts(options, run_options));
  Trainer trainer(run, run_options, *train_data, *test_data);
  remove_leftovers(run, lock);
  const int64_t left = std::max<int64_t>(0, run_options.steps - trainer.step());
  console.out << trainer.preflight(prior_advice) << estimate_line(step, double(left)) << std::flush;
  LongWork work(console);
  const End end = trainer.train({options.has("stop-after") ? options.integer("stop-after") : 0,
                                 options.integer("save-every"), options.integer("sample-every"), &lock},
                                work.reporter());
  work.finish();
  if (end == End::interrupted)
    throw Interrupted(text("stopped and saved after step ", trainer.step(),
                           "; continue with: ddpm train --out ", run, " --resume"));
  console.out << printable(text(end == End::finished ? "done" : "stopped", " after step ", trainer.step(),
                                ", ", clock_text(trainer.seconds()),
                                " of training; draw samples with: ddpm sample --run ", run))
              << std::endl;
}

}  // namespace

const Command& train_command() {
  static const Command command{"train", "train a network (Algorithm 1), or resume its training",
                               train_table(), run_train};
  return command;
}

}  // namespace ddpm
