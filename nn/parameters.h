// Parameters: the weights of a network by name, in the order in which its layers are constructed.
// The names are those of diffusers' UNet2DModel, so that checkpoints need no translation.
// Checked by: tests/nn/test_parameters.cpp.
#pragma once

#include <string>
#include <vector>

#include "tensor/tensor.h"

namespace ddpm {

// Shape of a parameter in memory, and order of its dimensions in a checkpoint file.
enum class Layout {
  vector,   // (C), for biases, gamma and beta; in the file [C]
  dense,    // (in, out); in the file [out][in]
  conv1x1,  // (in, out); in the file [out][in][1][1]
  conv3x3,  // (3, 3, in, out); in the file [out][in][3][3]
};

// First values. Weights are drawn from U(-a, a) with a = sqrt(6 scale / (fan_in + fan_out)), where
// fan_in = 9 in and fan_out = 9 out for a 3x3 convolution. Source: the official code.
enum class Init {
  zeros,        // for biases and beta
  ones,         // for gamma
  fan_avg,      // scale = 1
  almost_zero,  // scale = 1e-10, for conv2, to_out and conv_out
};

struct Parameter {
  std::string name;
  Layout layout;
  Init init;
  Tensor value;  // wants a gradient
};

// Whether parameters have memory for their values. Shapes alone are enough for counts and tables of layers,
// and take no memory, however large the network is.
enum class Storage { values, shapes };

class Parameters {
 public:
  explicit Parameters(Storage storage = Storage::values) : storage_(storage) {}

  // Adds a parameter whose values are not initialized. Returns a handle to it: the tensor shares its values
  // and gradient with the one in all(). Throws std::logic_error if the name exists.
  Tensor add(std::string name, Shape shape, Layout layout, Init init);
  // Overwrites every parameter with its first values. They depend on the seed and on the parameter's
  // position in all(). Throws std::logic_error if the parameters are shapes alone.
  void initialize(uint64_t seed);
  // Returns how many numbers all parameters hold together.
  int64_t count() const;
  // Sets all gradients to 0 and frees their memory.
  void clear_gradients();
  // Overwrites all values with those of other. Throws std::logic_error if the two differ in the number of
  // parameters or in a shape; parameters before the first with another shape are overwritten already.
  void copy_from(const Parameters& other);

  const std::vector<Parameter>& all() const { return all_; }

 private:
  Storage storage_;
  std::vector<Parameter> all_;
};

}  // namespace ddpm
