// See ddpm/cli/sampler.h. Checked by: tests/ddpm/cli/test_sample_command.cpp.
#include "ddpm/cli/sampler.h"

#include <algorithm>
#include <cmath>

#include "ddpm/cli/estimate.h"
#include "ddpm/cli/interrupt.h"
#include "ddpm/cli/shared.h"
#include "ddpm/machine/limits.h"
#include "ddpm/run/preflight.h"
#include "ddpm/sample.h"
#include "kernels/kernels.h"

namespace ddpm {

std::vector<Option> drawing_options() {
  return {
      {"weights", "W", "ema", "weights to use: ema (moving average) or raw", one_of({"ema", "raw"})},
      {"variance", "V", "", "sigma_t^2: beta (beta_t) or posterior (beta_tilde_t), Section 3.2 [the run's]",
       one_of({"beta", "posterior"})},
      {"clip", "C", "", "clip the estimate of x_0 to [-1, 1]: on or off [the run's]", one_of({"on", "off"})},
      {"batch", "N", "64", "images per batch: larger batches need more memory", whole(1, 65536)},
  };
}

Drawing::Drawing(const Options& options, const Console& console)
    : network_(load_network(options.value("run"), console, options.value("weights"))),
      scheduler_(load_scheduler(options.value("run"), console)),
      schedule_(make_schedule(scheduler_.schedule)), batch_(options.integer("batch")) {
  ReverseConfig& reverse = scheduler_.reverse;
  if (options.has("variance"))
    reverse.variance = options.value("variance") == "beta" ? Variance::beta : Variance::posterior;
  if (options.has("clip")) reverse.clip = options.value("clip") == "on" ? Clip::on : Clip::off;
}

void Drawing::announce(int64_t count, int64_t calls, const Console& console) const {
  console.err << unusual_schedule_lines(schedule_, "sample with the schedule that it was trained on");
  const int batch = int(std::min(batch_, count));
  const double batches = double(calls) * std::ceil(double(count) / batch);
  console.err << sampling_estimate(*network_, batch, batches * schedule_.T, available_memory());
}

void Drawing::draw(uint64_t seed, int64_t count, const std::string& what, const Console& console,
                   const std::function<void(const Tensor& x)>& take) const {
  const InterruptGuard guard;
  Progress progress(console);
  const Stopwatch watch;
  const NoisePredictor eps_theta = noise_predictor(*network_);
  const Shape image{network().image_size, network().image_size, network().image_channels};
  const int T = schedule_.T;
  for (int64_t first = 0; first < count; first += batch_) {
    const int B = int(std::min(batch_, count - first));
    const auto report = [&](int t, const Tensor&, const Tensor&) {
      const double share = (double(first) + B * (T - t + 1.0) / T) / double(count);
      if (progress.due() || (t == 1 && first + B == count))
        progress.show(text(what, "images ", first + 1, " to ", first + B, " of ", count, ", t = ", t, "  ",
                           clock_text(watch.seconds()), " elapsed  ",
                           clock_text(watch.seconds() * (1 - share) / share), " left"));
      return !InterruptGuard::requested();
    };
    const Tensor x = sample(eps_theta, image, schedule_, scheduler_.reverse, seed, first, B, report);
    if (!x) throw Interrupted("stopped; nothing was written");
    for (int64_t i = 0; i < x.size(); ++i)
      if (!std::isfinite(x.data()[i])) fail_for("not finite", "a sample is not finite");
    kernels::clip(x.size(), -1, 1, x.data());
    take(x);
  }
}

}  // namespace ddpm
