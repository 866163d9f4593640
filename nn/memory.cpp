// Estimate of memory: see memory.h.
// Sizes are counts of numbers. Those of (B, C) are neglected beside those of (B, H, W, C).
#include "nn/memory.h"

#include <algorithm>

#include "nn/layer_table.h"

namespace ddpm {

namespace {

// Sizes of a layer's input, output and popped or pushed skip, for one image.
double input_size(const LayerRow& row) {
  return double(row.input_resolution()) * row.input_resolution() * row.in;
}
double output_size(const LayerRow& row) { return double(row.resolution) * row.resolution * row.channels; }
double skip_size(const LayerRow& row, const Skip& skip) {
  return double(row.resolution) * row.resolution * skip.channels;
}

// Returns the size of attention's row_max and inv_row_sum, for one image: two numbers a pixel and head.
double row_sums(const LayerRow& row) { return 2.0 * row.resolution * row.resolution * row.heads; }

// Returns the size of the tensors that the tape holds for a layer's backward pass, for one image.
double taped_size(const LayerRow& row) {
  const double x = input_size(row), y = output_size(row);
  switch (row.kind) {
    case LayerKind::time_embedding: return 0;
    case LayerKind::conv_in:
    case LayerKind::downsample: return x;
    case LayerKind::upsample: return y;                       // upsampled x, as large as y
    case LayerKind::residual: return 2 * x + 2 * y;           // inputs of norm1, conv1; of norm2, conv2
    case LayerKind::attention: return 6 * x + row_sums(row);  // x, norm(x), q, k, v, input of to_out
    case LayerKind::conv_out: return 2 * x + 2 * y;           // inputs of norm_out, conv_out; eps_theta, eps
  }
  return 0;
}

// Returns the peak size of the gradients in a layer's backward pass, for one image.
double gradient_size(const LayerRow& row) {
  const double x = input_size(row), y = output_size(row);
  return row.kind == LayerKind::attention ? 5 * x : x + y;  // 5: of x, q, k, v and the input of to_out
}

// Returns the peak of the backward pass of `batch` images: tensors on the tape, gradients of one layer,
// gradients of the skips that are popped behind that layer and pushed before it, gradients of weights.
double backward_peak(const std::vector<LayerRow>& table, double taped, int batch) {
  double peak = 0, skip_gradients = 0, weight_gradients = 0;
  for (auto row = table.rbegin(); row != table.rend(); ++row) {
    if (row->push) skip_gradients -= output_size(*row);
    weight_gradients += double(row->parameters);
    peak = std::max(peak, batch * (taped + skip_gradients + gradient_size(*row)) + weight_gradients);
    taped -= taped_size(*row);
    if (row->pop) skip_gradients += skip_size(*row, *row->pop);
  }
  return peak;
}

// Returns the peak size of a layer's tensors in a forward pass without a tape, for one image.
double forward_size(const LayerRow& row) {
  const double x = input_size(row), y = output_size(row);
  // Counts a residual block's tensors in conv1: x, input and output of conv1. Leaves out that the shortcut
  // of a block that widens adds more in conv2, which is seldom the peak of the network.
  if (row.kind == LayerKind::residual) return 2 * x + y;
  // Attention's row sums are freed before to_out has its output.
  if (row.kind == LayerKind::attention) return std::max(taped_size(row), 6 * x + y);
  return taped_size(row) + y;
}

// Returns the peak of the forward pass of one image without a tape: the skips and one layer's tensors.
double forward_peak(const std::vector<LayerRow>& table) {
  double peak = 0, skips = 0;
  for (const LayerRow& row : table) {
    if (row.pop) skips -= skip_size(row, *row.pop);
    peak = std::max(peak, skips + forward_size(row));
    if (row.push) skips += output_size(row);
  }
  return peak;
}

}  // namespace

MemoryEstimate estimate_memory(const Unet& network, int batch) {
  const std::vector<LayerRow> table = layer_table(network);
  const UnetConfig& config = network.config();
  const auto weights = double(network.parameters().count());
  const double image = double(config.image_size) * config.image_size * config.image_channels;
  double taped = 0;
  for (const LayerRow& row : table) taped += taped_size(row);

  // Training also holds weights, average, both moments and x_0; sampling holds weights, x_t and eps_theta.
  const double training = 4 * weights + batch * image + backward_peak(table, taped, batch);
  const double sampling = weights + batch * (2 * image + forward_peak(table));
  const auto bytes = double(sizeof(real));
  return {bytes * weights, bytes * batch * taped, bytes * training, bytes * sampling};
}

}  // namespace ddpm
