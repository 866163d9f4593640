// Parameters: the network's weights by name, in the order in which the layers
// are made. Names are those of diffusers' UNet2DModel, so that a checkpoint
// needs no translation of names.
// Checked by: tests/test_unet.cpp, tests/test_unet_table.cpp (names).
#pragma once

#include <string>
#include <vector>

#include "tensor/tensor.h"

namespace ddpm {

// How a weight lies in a checkpoint file; in memory all are [kh][kw][in][out].
enum class Layout {
  vector,   // (C): biases, gamma, beta; the same in the file
  dense,    // (in, out); in the file [out][in]
  conv1x1,  // (in, out); in the file [out][in][1][1]
  conv3x3,  // (3, 3, in, out); in the file [out][in][3][3]
};

// First values. The official code draws weights from U(−a, a),
// a = √(6·scale/(fan_in + fan_out)), the fans counted with the 3×3.
enum class Init {
  zeros,        // biases, beta
  ones,         // gamma
  fan_avg,      // scale 1
  almost_zero,  // scale 1e-10: conv2, attention's output, conv_out
};

struct Parameter {
  std::string name;
  Layout layout;
  Init init;
  Tensor value;  // requires_grad
};

class Parameters {
 public:
  // Adds a parameter, its memory reserved but not yet given values.
  Tensor add(std::string name, Shape shape, Layout layout, Init init);
  // Gives every parameter its first values, from (seed, purpose_init, position).
  void initialize(uint64_t seed);
  int64_t count() const;  // numbers in all
  void clear_gradients();
  // Copies every value from another network of the same shape.
  void copy_from(const Parameters& other);

  const std::vector<Parameter>& all() const { return all_; }

 private:
  std::vector<Parameter> all_;
};

}  // namespace ddpm
