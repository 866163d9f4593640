// Measures every layer of the preset tiny alone against the two roofs of Williams, Waterman and Patterson
// (2009): the processor's peak of multiply-adds, and bandwidth * (operations per byte), which memory allows.
// Prints a table in Markdown. `make numbers` copies it into kernels/README.md.
#include <cstdio>
#include <sstream>

#include "ddpm/run/presets.h"
#include "kernels/kernels.h"
#include "tests/bench/bench.h"
#include "tests/bench/layer.h"
#include "tests/bench/network.h"

namespace ddpm::bench {

namespace {

constexpr int batch = 64;

// One pass of one layer, forward or backward: times and shares of a few runs.
struct Samples {
  double flops, bytes;
  std::vector<double> seconds, peaks, shares, roofs;  // roofs: shares of the lower roof

  void add(double s, double peak, double bandwidth) {
    seconds.push_back(s);
    peaks.push_back(peak);
    shares.push_back(flops / s / peak);
    roofs.push_back(std::max(flops / peak, bytes / bandwidth) / s);
  }
};

std::string rounded(double value, int digits) {
  char s[32];
  std::snprintf(s, sizeof s, "%.*f", digits, value);
  return s;
}

struct Report {
  double bandwidth;
  std::ostringstream rows;
  std::vector<double> peaks;
  double total_seconds = 0, total_flops = 0;

  void line(const std::string& name, const char* direction, const Samples& s) {
    const double seconds = median(s.seconds), intensity = s.flops / s.bytes;
    rows << "| " << name << " | " << direction << " | " << rounded(s.flops / 2e6, 1) << " | "
         << rounded(s.bytes / 1e6, 1) << " | " << rounded(intensity, 1) << " | " << rounded(1e3 * seconds, 2)
         << " | " << rounded(s.flops / seconds / 1e9, 0) << " | " << rounded(100 * median(s.shares), 0)
         << " % | " << (intensity * bandwidth < median(s.peaks) ? "memory" : "peak") << " | "
         << rounded(100 * median(s.roofs), 0) << " % |\n";
    total_seconds += seconds;
    total_flops += s.flops;
  }

  void layer(const LayerRow& row, const UnetConfig& network) {
    LayerRun run(row, network, batch);
    run.forward(), run.backward();
    Samples forward{2 * run.multiply_adds(false), run.bytes(false), {}, {}, {}, {}};
    Samples backward{2 * run.multiply_adds(true), run.bytes(true), {}, {}, {}, {}};
    for (int i = 0; i < 7; ++i) {
      const double peak = multiply_add_peak(kernels::threads(), 0.02);
      peaks.push_back(peak);
      forward.add(seconds_of([&] { run.forward(); }), peak, bandwidth);
      backward.add(seconds_of([&] { run.backward(); }), peak, bandwidth);
    }
    line(row.name, "forward", forward);
    line(row.name, "backward", backward);
  }
};

}  // namespace

void report_roofline() {
  const UnetConfig& tiny = find_preset("tiny").network;
  NetworkRun run(tiny, batch);
  Report report;
  report.bandwidth = memory_bandwidth().update;
  for (const LayerRow& row : layer_table(run.network())) report.layer(row, tiny);
  const double step = measure(3 * run.flops(), [&] { run.train(); }).seconds;
  std::ostringstream page;
  page << machine_name() << ", " << kernels::threads()
       << " threads: " << rounded(median(report.peaks) / 1e9, 0) << " GFLOP/s, "
       << rounded(report.bandwidth / 1e9, 0) << " GB/s. The preset tiny, batch " << batch << ".\n\n"
       << "| layer | | million multiply-adds | MB | FLOP/byte | ms | GFLOP/s | of the peak | roof | of the "
          "roof |\n"
       << "|---|---|--:|--:|--:|--:|--:|--:|---|--:|\n"
       << report.rows.str() << "\nAll layers: " << rounded(1e3 * report.total_seconds, 0) << " ms, "
       << rounded(report.total_flops / report.total_seconds / 1e9, 0)
       << " GFLOP/s; a whole training step: " << rounded(1e3 * step, 0) << " ms.\n";
  std::printf("%s", page.str().c_str());
}

}  // namespace ddpm::bench
