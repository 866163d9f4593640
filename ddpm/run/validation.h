// The fixed validation set: images of the test split, their t and their noise
// depend on nothing but a constant seed (and T), so that losses can be compared
// between steps, runs and options.
// Checked by: tests/test_trainer.cpp, tests/test_run.cpp.
#pragma once

#include "ddpm/data/dataset.h"
#include "ddpm/losses.h"
#include "ddpm/run/log.h"

namespace ddpm {

class Validation {
 public:
  // The first 256 images of the data, or all if there are fewer; t in even
  // strides over 1..T.
  Validation(const Dataset& data, const Schedule& schedule);

  // Eq. (14) on the set, dropout off.
  LossByTime loss(const Unet& network) const;

  const std::vector<int>& t() const { return t_; }

 private:
  const Schedule& schedule_;
  Tensor x_0_, eps_;  // (N,H,W,C)
  std::vector<int> t_;
};

}  // namespace ddpm
