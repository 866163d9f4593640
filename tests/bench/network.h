// Times training steps and forward passes of a whole network.
#pragma once

#include <memory>

#include "ddpm/train.h"
#include "tests/bench/machine.h"

namespace ddpm::bench {

class NetworkRun {
 public:
  NetworkRun(const UnetConfig& network, int batch);

  void train();    // makes one more step of Algorithm 1: draw, forward, backward, clip, Adam, average
  void forward();  // predicts the noise of one batch, with the tape off, as in sampling

  // Returns the operations of one forward pass by the direct method. A training step counts as three.
  double flops() const;
  const Unet& network() const { return network_; }
  int batch() const { return batch_; }

 private:
  struct Training;  // gradients, moments and average: made by the first train()

  int batch_;
  Unet network_;
  std::shared_ptr<Training> training_;
};

struct NetworkFigures {
  Figure train, forward;
};
// Measures on as many threads as the kernels use.
NetworkFigures measure_network(const UnetConfig& network, int batch, int runs = 7);

// Trains `tiny` with 64 images for some steps and returns the most bytes that this process has had in
// RAM. Call it before anything else that uses memory.
int64_t training_memory();

}  // namespace ddpm::bench
