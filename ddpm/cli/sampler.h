// Draws images from a trained network and shows progress, for the commands sample and score.
// Checked by: tests/ddpm/cli/test_sample_command.cpp.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "ddpm/cli/options.h"
#include "ddpm/diffusers/model.h"
#include "ddpm/cli/progress.h"

namespace ddpm {

// Returns the options --weights, --variance, --clip and --batch.
std::vector<Option> drawing_options();

// Draws images by Algorithm 2 from the network in --run, with the settings of drawing_options().
class Drawing {
 public:
  // Loads the network and its schedule, and prints warnings about them. Throws Error if a file in --run is
  // missing or invalid.
  Drawing(const Options& options, const Console& console);
  // Returns the configuration of the network.
  const UnetConfig& network() const { return network_->config(); }

  // Prints the schedule if it is unusual, how long `calls` calls of draw() for `count` images each will take
  // and how much memory they need, and warns if that is much.
  void announce(int64_t count, int64_t calls, const Console& console) const;

  // Draws images 0 to count - 1 of this seed. Calls take(x) for each batch x (B,H,W,C), clipped to
  // [-1, 1]; B is --batch, or less in the last batch. Begins each progress line with `what`.
  // Throws Error if the predicted noise or a sample is not finite, or if the clip is on and
  // x_t holds nothing of x_0 (require_signal). Throws Interrupted after a stop signal.
  void draw(uint64_t seed, int64_t count, const std::string& what, const Console& console,
            const std::function<void(const Tensor& x)>& take) const;

 private:
  std::unique_ptr<Unet> network_;
  DiffusionConfig scheduler_;
  Schedule schedule_;
  int64_t batch_;
};

}  // namespace ddpm
