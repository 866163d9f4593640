// One row of the network's table as a layer that runs alone, forward and backward.
#pragma once

#include <functional>

#include "nn/layer_table.h"

namespace ddpm::bench {

class LayerRun {
 public:
  LayerRun(const LayerRow& row, const UnetConfig& network, int batch);

  void forward();   // recorded, as in training
  void backward();  // of the last forward()

  // What must be done and moved at the least. Multiply-adds as in the table;
  // backward, the layer does them for its input's gradient and for its weights',
  // but images and times want no gradient. Bytes: forward reads the input and the
  // weights and writes the output, once each; backward reads all three (the
  // output's gradient) and writes two gradients.
  double multiply_adds(bool backward) const;
  double bytes(bool backward) const;

 private:
  Tensor input(int channels);  // random

  LayerRow row_;
  UnetConfig network_;
  int batch_;
  bool from_data_;  // its input wants no gradient
  Parameters parameters_;
  std::vector<Tensor> inputs_;
  std::function<Tensor(Tape&)> apply_;
  Tape tape_;
  Tensor output_;
};

}  // namespace ddpm::bench
