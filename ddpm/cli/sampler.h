// Drawing images from a trained network with a progress line: what the commands
// sample and score share. Checked by: tests/test_sample_command.cpp.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "ddpm/cli/options.h"
#include "ddpm/diffusers/model.h"
#include "ddpm/cli/progress.h"

namespace ddpm {

// --weights, --variance, --clip and --batch.
std::vector<Option> drawing_options();

// Algorithm 2 for the network in --run, as those options say.
class Drawing {
 public:
  // Errors: --run holds no network.
  explicit Drawing(const Options& options);
  const UnetConfig& network() const { return network_->config(); }

  // Images 0 … count − 1 of this seed, --batch at a time: calls take(x) with each
  // batch x (B,H,W,C), brought into [−1, 1]. Errors: a sample is not finite.
  // Throws Interrupted on Ctrl-C. `what` stands before the progress line.
  void draw(uint64_t seed, int64_t count, const std::string& what, const Console& console,
            const std::function<void(const Tensor& x)>& take) const;

 private:
  std::unique_ptr<Unet> network_;
  DiffusionConfig scheduler_;
  Schedule schedule_;
  int64_t batch_;
};

}  // namespace ddpm
