// How long a step of training or sampling will take here and how much memory it needs, before it begins.
// Checked by: tests/ddpm/cli/test_estimate.cpp.
#pragma once

#include <string>

#include "nn/unet.h"

namespace ddpm {

// What a step does. The multiply-adds of attention are counted apart, because they grow with the square of
// the number of pixels, P^2, and run at another speed.
struct StepWork {
  double multiply_adds;            // of convolutions and dense layers
  double attention_multiply_adds;  // of q k^T and of its softmax times v
  double bytes;                    // peak of memory: tensors, and the (P, P) matrices of attention's gradient
};

// Return the work of one step of `batch` images. A training step counts as three forward passes.
StepWork training_work(const Unet&, int batch, int threads);
StepWork sampling_work(const Unet&, int batch);

// Multiply-adds per second that this machine reaches now.
struct MachineSpeed {
  double multiply_adds, attention_multiply_adds;
};

// Measures, on the kernels' threads, the network's largest residual block and its largest attention, on fewer
// and smaller images if that would take long. An estimate from it is right within a factor of two or three:
// it is too low where attention's rows of P numbers do not fit into a cache.
MachineSpeed measure_speed(const Unet&, int batch);

struct StepEstimate {
  double seconds;
  double attention_share;  // of the seconds
  double bytes;
};
StepEstimate estimate_step(const StepWork&, const MachineSpeed&);

// Returns "estimate  0.14 s a step, 7:01 for 3,000 steps; 589 MB of memory\n". `length` is the number of
// steps, or 0 if it is not known.
std::string estimate_line(const StepEstimate&, double length);

// Returns "estimate  0:12 to judge 20,000 images\n".
std::string estimate_line(double seconds, const std::string& work);

// Returns a warning line if a step takes more than a minute, one if it needs more than `available` bytes of
// memory, both, or "". `work` names the step, as in "a training step".
std::string estimate_warnings(const StepEstimate&, const std::string& work, double available);

// Returns the lines about `steps` steps of sampling `batch` images on this machine: estimate_line, and
// estimate_warnings where `available` bytes of memory are.
std::string sampling_estimate(const Unet&, int batch, double steps, double available);

}  // namespace ddpm
