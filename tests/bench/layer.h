// Runs one layer of a network alone, forward and backward.
#pragma once

#include <functional>

#include "nn/layer_table.h"

namespace ddpm::bench {

class LayerRun {
 public:
  LayerRun(const LayerRow& row, const UnetConfig& network, int batch);

  void forward();   // with the tape on, as in training
  void backward();  // of the last forward()

  // Return the least work of a pass. Multiply-adds: forward, those of the layer table; backward, as many for
  // the gradient of the input and as many for that of the weights, but images and times need no gradient.
  // Bytes: forward reads the input and the weights and writes the output, once each; backward reads the
  // input, the weights and the output's gradient, and writes the gradients of input and weights.
  double multiply_adds(bool backward) const;
  double bytes(bool backward) const;

 private:
  Tensor input(int channels);  // makes a random input

  LayerRow row_;
  UnetConfig network_;
  int batch_;
  bool from_data_;  // whether its input needs no gradient
  Parameters parameters_;
  std::vector<Tensor> inputs_;
  std::function<Tensor(Tape&)> apply_;
  Tape tape_;
  Tensor output_;
};

}  // namespace ddpm::bench
