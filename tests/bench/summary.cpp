// `bench summary`: what this machine can do, and what the preset `tiny` reaches of it, as the table in
// Markdown that `make numbers` copies into README.md.
#include <cstdio>

#include "ddpm/run/presets.h"
#include "kernels/kernels.h"
#include "tensor/pool.h"
#include "tests/bench/bench.h"
#include "tests/bench/network.h"

namespace ddpm::bench {

void report_summary() {
  const double megabytes = double(training_memory()) / 1e6;
  pool_trim();
  const int cores = kernels::threads();
  const double one = multiply_add_peak(1, 0.5) / 1e9, all = multiply_add_peak(cores, 0.5) / 1e9;
  const NetworkFigures tiny = measure_network(find_preset("tiny").network, 64);
  std::printf("| | |\n|---|---|\n");
  std::printf("| the peak, multiply-adds on registers | %.0f GFLOP/s on one thread, %.0f on %d |\n", one, all,
              cores);
  const auto row = [](const char* name, const Figure& figure) {
    std::printf("| %s | %.0f images/s, %.0f %% of the peak |\n", name, 64 / figure.seconds,
                100 * figure.share);
  };
  row("the preset `tiny`, 64 images at once: steps of training", tiny.train);
  row("steps of sampling", tiny.forward);
  std::printf("| memory of training | %.0f MB |\n", megabytes);
}

}  // namespace ddpm::bench
