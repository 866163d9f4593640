// The memory of a network: see memory.h. One walk along the table forward, one
// backward, counting numbers of one image; vectors (time, bias, statistics) are
// too small to matter.
#include "nn/memory.h"

#include <algorithm>

namespace ddpm {

namespace {

// Numbers of one image.
struct LayerMemory {
  int64_t input, output;
  int64_t kept;      // on the tape after the forward pass: what the layer's backward steps read
  int64_t backward;  // gradients in use at once, at most, besides those of waiting skips
  int64_t forward;   // in use at once, at most, when nothing is recorded
};

LayerMemory layer_memory(const LayerRow& row) {
  const int64_t size = row.resolution, input_size = row.input_resolution(), P = size * size;
  const int64_t x = input_size * input_size * row.in, y = P * row.channels;
  switch (row.kind) {
    case LayerKind::time_embedding: return {};
    case LayerKind::conv_in: return {x, y, x, y, x + y};
    case LayerKind::residual: {
      // Kept: the inputs of norm1, conv1, norm2 and conv2. Gradients: at conv2 three of y's size
      // (its output's, its input's, the shortcut's), at norm2 x and two y, at conv1 two x
      // and y, when 0, 1 and 2 of the kept y are free again.
      const int64_t shortcut = row.in == row.channels ? 0 : y;
      return {x, y, 2 * x + 2 * y, std::max({3 * y, x + y, 2 * x - y}),
              std::max(2 * x + y, x + 2 * y + shortcut)};
    }
    // Kept: x, its norm, q, k, v, and what to_out reads. Gradients: of q, k, v and x, where to_out's
    // input is free again and its gradient is not.
    case LayerKind::attention: return {x, y, 6 * x, 4 * x, 7 * x};
    case LayerKind::downsample: return {x, y, x, x + y, x + y};
    case LayerKind::upsample: return {x, y, y, 2 * y, x + 2 * y};  // reads x enlarged, as large as y
    case LayerKind::head:
      return {x, y, 2 * x + 2 * y, x + y, 2 * x + y};  // and the loss: prediction and noise
  }
  return {};
}

int64_t skip_numbers(const LayerRow& row, int channels) {
  return int64_t(row.resolution) * row.resolution * channels;
}
bool pushes(const LayerRow& row) { return row.skip.rfind("push", 0) == 0; }

// The peak of the backward pass, gradients of weights included. A popped skip's gradient waits
// until the walk reaches the layer that pushed it.
int64_t backward_peak(const std::vector<LayerRow>& table, int64_t kept, int batch) {
  int64_t peak = 0, waiting = 0, weights = 0;
  for (auto row = table.rbegin(); row != table.rend(); ++row) {
    const LayerMemory m = layer_memory(*row);
    weights += row->parameters;
    peak = std::max(peak, batch * (kept + waiting + m.backward) + weights);
    kept -= m.kept;
    waiting += skip_numbers(*row, row->popped);
    if (pushes(*row)) waiting -= m.output;
  }
  return peak;
}

// The peak of one image's forward pass without a tape. A layer after a push reads the skip itself.
int64_t forward_peak(const std::vector<LayerRow>& table) {
  int64_t peak = 0, skips = 0, shared = 0;
  for (const LayerRow& row : table) {
    const LayerMemory m = layer_memory(row);
    skips -= skip_numbers(row, row.popped);
    peak = std::max(peak, skips + m.forward - shared);
    if (pushes(row)) skips += m.output;
    shared = pushes(row) ? m.output : 0;
  }
  return peak;
}

}  // namespace

MemoryEstimate estimate_memory(const Unet& network, int batch) {
  const UnetConfig& config = network.config();
  const std::vector<LayerRow>& table = network.table();
  const int64_t weights = network.parameters().count();
  const int64_t image = int64_t(config.image_size) * config.image_size * config.image_channels;
  int64_t kept = 0;
  for (const LayerRow& row : table) kept += layer_memory(row).kept;
  const int64_t bytes = sizeof(real);
  // Besides: x_0 while training; x_t and the predicted noise while sampling.
  return {bytes * weights, bytes * batch * kept,
          bytes * (4 * weights + batch * image + backward_peak(table, kept, batch)),
          bytes * (weights + 2 * batch * image + batch * forward_peak(table))};
}

}  // namespace ddpm
