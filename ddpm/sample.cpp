// Algorithm 2: see sample.h. Line 4 is the mean of Eq. (11) plus sigma_t z.
#include "ddpm/sample.h"

#include <cmath>

#include "ddpm/gaussian.h"
#include "tensor/random.h"

namespace ddpm {

// Clipping would turn an infinite estimate of x_0 into a picture.
static void require_finite(const Tensor& eps, int t) {
  for (int64_t i = 0; i < eps.size(); ++i)
    if (!std::isfinite(eps.data()[i]))
      fail("the predicted noise is not finite at t = ", t, "; was the network's training stable?");
}

Tensor sample(const NoisePredictor& eps_theta, const Shape& image, const Schedule& schedule,
              ReverseConfig config, uint64_t seed, int64_t first, int count, const SampleProgress& progress) {
  ENSURE(first >= 0 && count >= 1 && first <= (int64_t(1) << 32) - count, first, " + ", count);
  Shape shape = image;
  shape.insert(shape.begin(), count);
  const uint32_t index = uint32_t(first);

  // Algorithm 2, line 1:  x_T ~ N(0, I)
  Tensor x = standard_normal(shape, {seed, purpose_prior, 0, index});
  // Algorithm 2, line 2:  for t = T, ..., 1 do
  for (int t = schedule.T; t >= 1; --t) {
    Tape tape(Tape::off);
    const Tensor eps = eps_theta(tape, x, std::vector<int>(count, t));
    require_finite(eps, t);
    const Tensor mean = reverse_mean(schedule, t, x, eps, config.clip);
    // Algorithm 2, line 3:  z ~ N(0, I) if t > 1, else z = 0
    const Stream stream{seed, purpose_reverse, uint32_t(t), index};
    const Tensor z = t > 1 ? standard_normal(shape, stream) : Tensor{};
    // Algorithm 2, line 4:  x_{t-1} = 1 / sqrt(alpha_t) (x_t - (1 - alpha_t) / sqrt(1 - alpha_bar_t)
    //                                 eps_theta(x_t, t)) + sigma_t z
    x = z ? linear_combination(1, mean, sigma(schedule, t, config.variance), z) : mean;
    if (progress && !progress(t)) return {};
    // Algorithm 2, line 5:  end for
  }
  // Algorithm 2, line 6:  return x_0
  return x;
}

Tensor sample(const Unet& network, const Schedule& schedule, ReverseConfig config, uint64_t seed,
              int64_t first, int count, const SampleProgress& progress) {
  const NoisePredictor eps_theta = [&](Tape& tape, const Tensor& x_t, const std::vector<int>& t) {
    return predict_noise(tape, network, x_t, t);
  };
  const int size = network.config().image_size;
  return sample(eps_theta, {size, size, network.config().image_channels}, schedule, config, seed, first,
                count, progress);
}

}  // namespace ddpm
