// See ddpm/cli/estimate.h.
#include "ddpm/cli/estimate.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "ddpm/run/preflight.h"
#include "ddpm/run/reporter.h"
#include "nn/layer_table.h"
#include "nn/memory.h"
#include "tensor/ops.h"

namespace ddpm {

namespace {

constexpr double long_step = 60;             // seconds above which a warning is printed
constexpr double probe_multiply_adds = 3e7;  // of one run of a block that is measured
constexpr int probe_resolution = 32;         // at most, in pixels
constexpr int probe_runs = 3;                // the fastest counts

double pixels_of(const LayerRow& row) { return double(row.resolution) * row.resolution; }

// Returns the multiply-adds of q k^T and of its softmax times v: 2 P^2 C.
double attention_products(const LayerRow& row) {
  return row.kind == LayerKind::attention ? 2 * pixels_of(row) * pixels_of(row) * row.channels : 0;
}

// Returns the work of forward passes of `images` images. No memory is counted.
StepWork forward_work(const Unet& network, double images) {
  StepWork work{0, 0, 0};
  for (const LayerRow& row : layer_table(network)) {
    work.multiply_adds += images * (double(row.multiply_adds) - attention_products(row));
    work.attention_multiply_adds += images * attention_products(row);
  }
  return work;
}

// Returns the layer of this kind with the most multiply-adds.
LayerRow largest_layer(const Unet& network, LayerKind kind) {
  LayerRow largest{};
  for (const LayerRow& row : layer_table(network))
    if (row.kind == kind && row.multiply_adds > largest.multiply_adds) largest = row;
  return largest;
}

int probe_side(const LayerRow& row) { return std::min(row.resolution, probe_resolution); }

// Returns multiply-adds per second of run(x), which does `multiply_adds` for each image. x holds as many
// images as do not take long, at most `batch`.
template <typename Run>
double measure(int batch, int side, int channels, double multiply_adds, const Run& run) {
  const int B = int(std::clamp(probe_multiply_adds / multiply_adds, 1.0, double(batch)));
  const Tensor x = Tensor::zeros({B, side, side, channels});
  double fastest = INFINITY;
  for (int i = 0; i <= probe_runs; ++i) {  // the first run allocates memory and is not counted
    const Stopwatch watch;
    run(x);
    if (i > 0) fastest = std::min(fastest, watch.seconds());
  }
  return B * multiply_adds / fastest;
}

std::string duration_text(double seconds) {
  const double day = 24 * 3600;
  char number[32];
  std::snprintf(number, sizeof number, "%.2g s", seconds);
  return seconds < 60        ? number
         : seconds < 3 * day ? clock_text(seconds)
                             : grouped(int64_t(seconds / day)) + " days";
}

std::string memory_text(double bytes) { return grouped(int64_t(std::ceil(bytes / 1e6))) + " MB"; }

}  // namespace

// The gradient of attention holds a (P, P) matrix for each thread (kernels/cpu/attention.cpp).
StepWork training_work(const Unet& network, int batch, int threads) {
  StepWork work = forward_work(network, 3.0 * batch);
  double pixels = 0;
  for (const LayerRow& row : layer_table(network))
    if (row.kind == LayerKind::attention) pixels = std::max(pixels, pixels_of(row));
  work.bytes = double(estimate_memory(network, batch).training) +
               std::min(batch, threads) * pixels * pixels * double(sizeof(real));
  return work;
}

StepWork sampling_work(const Unet& network, int batch) {
  StepWork work = forward_work(network, batch);
  work.bytes = double(estimate_memory(network, batch).sampling);
  return work;
}

MachineSpeed measure_speed(const Unet& network, int batch) {
  const LayerRow largest = largest_layer(network, LayerKind::residual);
  Parameters weights;
  const ResidualBlock block(weights, "block", largest.in, largest.channels, network.config());
  weights.initialize(0);
  Tape tape(Tape::off);
  MachineSpeed speed{};
  const int side = probe_side(largest);
  const double share = double(side) * side / pixels_of(largest);
  speed.multiply_adds =
      measure(batch, side, largest.in, share * double(largest.multiply_adds), [&](const Tensor& x) {
        block(tape, x, Tensor::zeros({x.dim(0), 4 * network.config().channels}), nullptr);
      });

  LayerRow attended = largest_layer(network, LayerKind::attention);
  attended.resolution = probe_side(attended);
  speed.attention_multiply_adds = measure(
      batch, attended.resolution, attended.channels, attention_products(attended), [&](const Tensor& q) {
        const Tensor k = Tensor::zeros(q.shape()), v = Tensor::zeros(q.shape());
        attention(tape, q, k, v);
      });
  return speed;
}

StepEstimate estimate_step(const StepWork& work, const MachineSpeed& speed) {
  const double attention = work.attention_multiply_adds / speed.attention_multiply_adds;
  const double seconds = work.multiply_adds / speed.multiply_adds + attention;
  return {seconds, attention / seconds, work.bytes};
}

std::string estimate_line(const StepEstimate& step, double length) {
  std::string line = "estimate  " + duration_text(step.seconds) + " a step";
  if (length > 0)
    line += ", " + duration_text(step.seconds * length) + " for " + grouped(int64_t(length)) + " steps";
  return line + "; " + memory_text(step.bytes) + " of memory\n";
}

std::string estimate_warnings(const StepEstimate& step, const std::string& work, double available) {
  std::string lines;
  if (step.seconds > long_step)
    lines += text("warning: ", work, " takes about ", duration_text(step.seconds), ", ",
                  std::lround(100 * step.attention_share), " % of it for attention\n");
  if (step.bytes > available)
    lines += text("warning: ", work, " needs about ", memory_text(step.bytes), " of memory, ",
                  memory_text(available), " are available\n");
  return lines;
}

}  // namespace ddpm
