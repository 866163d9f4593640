// Measures whether the time grows as the work does: the preset tiny with an increasing batch, then with an
// increasing number of channels, on one thread and on all.
//
// The columns "work" and "time" are ratios of a row's training step to that of the row above, on all threads.
// A row is marked as a cliff if its share of the peak is below five sixths of that of the row above.
#include <cstdio>

#include "ddpm/run/presets.h"
#include "kernels/kernels.h"
#include "tensor/pool.h"
#include "tests/bench/bench.h"
#include "tests/bench/network.h"

namespace ddpm::bench {

namespace {

constexpr int largest_batch = 256, batch_for_channels = 8;
constexpr double cliff = 5.0 / 6;

// Returns the number of runs that take about two seconds: 3, 5 or 7.
int runs_for(double seconds_a_run) { return seconds_a_run > 0.4 ? 3 : seconds_a_run > 0.25 ? 5 : 7; }

NetworkFigures figures(const UnetConfig& network, int batch, int threads) {
  kernels::set_threads(threads);
  NetworkRun run(network, batch);
  run.train();
  const int runs = runs_for(seconds_of([&] { run.train(); }));
  const Figure train = measure(
      3 * run.flops(), [&] { run.train(); }, runs);
  return {train, measure(
                     run.flops(), [&] { run.forward(); }, runs)};
}

void print_head(const char* what, int cores) {
  std::printf("%8s", what);
  for (const int threads : {1, cores}) {
    std::printf("  | %2d thread%s  training, share   forward, share", threads, threads == 1 ? " " : "s");
    if (threads == cores) break;
  }
  std::printf("  |  step ms    work    time\n");
}

// Prints one table, row by row.
struct Table {
  int cores = kernels::threads();
  double flops = 0;  // of the row above
  Figure above{};    // the training step of the row above

  void row(int number, const UnetConfig& network, int batch) {
    std::printf("%8d", number);
    NetworkFigures f{};
    for (const int threads : {1, cores}) {
      f = figures(network, batch, threads);
      std::printf("  |  %12.1f/s %5.0f %% %11.1f/s %4.0f %%", batch / f.train.seconds, 100 * f.train.share,
                  batch / f.forward.seconds, 100 * f.forward.share);
      std::fflush(stdout);
      if (threads == cores) break;
    }
    kernels::set_threads(cores);
    pool_trim();
    growth(NetworkRun(network, batch).flops(), f.train);
  }

  void growth(double row_flops, Figure train) {
    std::printf("  | %8.1f", 1e3 * train.seconds);
    if (flops > 0)
      std::printf("  x%5.2f  x%5.2f%s", row_flops / flops, train.seconds / above.seconds,
                  train.share < cliff * above.share ? "  <- cliff" : "");
    std::printf("\n");
    flops = row_flops, above = train;
  }
};

}  // namespace

void report_scaling() {
  const int cores = kernels::threads();
  const UnetConfig& tiny = find_preset("tiny").network;
  std::printf(
      "scaling: images/s of tiny and the share of the peak, as above; work and time against the row above\n");
  print_head("batch", cores);
  Table batches;
  for (int batch = 1; batch <= largest_batch; batch *= 2) batches.row(batch, tiny, batch);
  std::printf("\n");
  print_head("channels", cores);
  Table widths;
  for (const int channels : {16, 32, 64, 128}) {
    UnetConfig network = tiny;
    network.channels = channels;
    widths.row(channels, network, batch_for_channels);
  }
  std::printf("(channels: at batch %d)\n", batch_for_channels);
}

}  // namespace ddpm::bench
