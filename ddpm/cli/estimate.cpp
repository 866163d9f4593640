// See ddpm/cli/estimate.h.
#include "ddpm/cli/estimate.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "ddpm/run/preflight.h"
#include "ddpm/run/reporter.h"
#include "kernels/kernels.h"
#include "nn/layer_table.h"
#include "nn/memory.h"
#include "tensor/ops.h"

namespace ddpm {

namespace {

constexpr double long_step = 60;             // seconds above which a warning is printed
constexpr double probe_multiply_adds = 3e7;  // of a run that is measured, more if there are many threads
constexpr int probe_runs = 3;                // the fastest counts
constexpr int probe_resolution = 32;         // of an image that is measured, at most, in pixels
constexpr int least_resolution = 8;          // to which an image that would take long is shrunk

double pixels_of(const LayerRow& row) { return double(row.resolution) * row.resolution; }

// Returns the multiply-adds of q k^T and of its softmax times v: 2 P^2 C.
double attention_products(const LayerRow& row) {
  return row.kind == LayerKind::attention ? 2 * pixels_of(row) * pixels_of(row) * row.channels : 0;
}

// Returns the work of forward passes of `images` images. No memory is counted.
StepWork forward_work(const Unet& network, double images) {
  StepWork work{0, 0, 0};
  for (const LayerRow& row : layer_table(network)) {
    work.multiply_adds += images * (row.multiply_adds - attention_products(row));
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

// Returns the layer on a smaller image, which does not take long.
LayerRow shrunk(const LayerRow& row) {
  const double products = attention_products(row), others = row.multiply_adds - products;
  LayerRow small = row;
  while (true) {
    const double share = pixels_of(small) / pixels_of(row);
    small.multiply_adds = share * others + share * share * products;
    const bool fast = small.multiply_adds <= probe_multiply_adds;
    if (small.resolution <= (fast ? probe_resolution : least_resolution)) return small;
    small.resolution /= 2;
  }
}

// Returns multiply-adds per second of run(x), which does `multiply_adds` for each image. x holds an image for
// each thread at least, because some kernels share their work by images, but no more than `batch`.
template <typename Run>
double measure(const LayerRow& row, double multiply_adds, int batch, const Run& run) {
  const double enough = std::max(double(kernels::threads()), probe_multiply_adds / multiply_adds);
  const int B = int(std::min(enough, double(batch)));
  const Tensor x = Tensor::zeros({B, row.resolution, row.resolution, row.in});
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
                             : grouped(std::floor(seconds / day)) + " days";
}

std::string memory_text(double bytes) { return grouped(std::ceil(bytes / 1e6)) + " MB"; }

}  // namespace

// The gradient of attention holds a (P, P) matrix for each thread with a head (kernels/cpu/attention.cpp).
StepWork training_work(const Unet& network, int batch, int threads) {
  StepWork work = forward_work(network, 3.0 * batch);
  double pairs = 0;
  for (const LayerRow& row : layer_table(network))
    pairs = std::max(pairs,
                     std::min(double(batch) * row.heads, double(threads)) * pixels_of(row) * pixels_of(row));
  work.bytes = estimate_memory(network, batch).training + pairs * double(sizeof(real));
  return work;
}

StepWork sampling_work(const Unet& network, int batch) {
  StepWork work = forward_work(network, batch);
  work.bytes = estimate_memory(network, batch).sampling;
  return work;
}

MachineSpeed measure_speed(const Unet& network, int batch) {
  Tape tape(Tape::off);
  MachineSpeed speed{};
  const LayerRow residual = shrunk(largest_layer(network, LayerKind::residual));
  Parameters weights;
  const ResidualBlock block(weights, "block", residual.in, residual.channels, network.config());
  weights.initialize(0);
  speed.multiply_adds = measure(residual, residual.multiply_adds, batch, [&](const Tensor& x) {
    block(tape, x, Tensor::zeros({x.dim(0), 4 * network.config().channels}), nullptr);
  });
  const LayerRow attended = shrunk(largest_layer(network, LayerKind::attention));
  speed.attention_multiply_adds =
      measure(attended, attention_products(attended), batch, [&](const Tensor& q) {
        const Tensor k = Tensor::zeros(q.shape()), v = Tensor::zeros(q.shape());
        attention(tape, q, k, v, attended.heads);
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
  if (length > 0) line += ", " + duration_text(step.seconds * length) + " for " + grouped(length) + " steps";
  return line + "; " + memory_text(step.bytes) + " of memory\n";
}

std::string estimate_line(double seconds, const std::string& work) {
  return "estimate  " + duration_text(seconds) + " to " + work + "\n";
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

std::string sampling_estimate(const Unet& network, int batch, double steps, double available) {
  const StepEstimate step = estimate_step(sampling_work(network, batch), measure_speed(network, batch));
  return estimate_line(step, steps) + estimate_warnings(step, "a step of sampling", available);
}

}  // namespace ddpm
