// The fixed validation set: images of the test split, with times and noise from a constant seed. Losses
// on it can be compared between steps, runs and options of equal T.
// Checked by: tests/ddpm/run/test_validation.cpp, tests/ddpm/run/test_trainer.cpp.
#pragma once

#include "ddpm/data/dataset.h"
#include "ddpm/run/log.h"
#include "ddpm/schedule.h"
#include "nn/unet.h"

namespace ddpm {

class Validation {
 public:
  // Takes the first 256 images of the data, or all if there are fewer. Their times are spaced evenly
  // over 1..T. Keeps a reference to the schedule.
  Validation(const Dataset& data, const Schedule& schedule);

  // Returns L_simple of Eq. (14) on the set, with dropout off.
  LossByTime loss(const Unet& network) const;

  const std::vector<int>& t() const { return t_; }  // (N)

 private:
  const Schedule& schedule_;
  Tensor x_0_, eps_;  // (N,H,W,C)
  std::vector<int> t_;
};

}  // namespace ddpm
