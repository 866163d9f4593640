// Algorithm 2: see sample.h.
#include "ddpm/sample.h"

#include <cmath>

#include "ddpm/posterior.h"
#include "tensor/random.h"

namespace ddpm {

namespace {

// Throws Error if a number is not finite. Otherwise the clip would hide it.
void require_finite(const Tensor& eps_hat, int t) {
  for (int64_t i = 0; i < eps_hat.size(); ++i)
    if (!std::isfinite(eps_hat.data()[i]))
      fail_for("not finite", "the predicted noise is not finite at t = ", t);
}

}  // namespace

Tensor sample(const NoisePredictor& eps_theta, const Shape& image, const Schedule& schedule,
              ReverseConfig config, uint64_t seed, int64_t first, int count, const SampleObserver& observer) {
  ENSURE(first >= 0 && count >= 1 && first <= (int64_t(1) << 32) - count, first, " + ", count);
  const uint32_t index = uint32_t(first);
  Shape shape = image;
  shape.insert(shape.begin(), count);

  // Algorithm 2, line 1:  x_T ~ N(0, I)
  Tensor x_t = standard_normal(shape, {seed, purpose_prior, 0, index});
  // Algorithm 2, line 2:  for t = T, ..., 1 do
  for (int t = schedule.T; t >= 1; --t) {
    // Algorithm 2, line 3:  z ~ N(0, I) if t > 1, else z = 0
    const Tensor z =
        t > 1 ? standard_normal(shape, {seed, purpose_reverse, uint32_t(t), index}) : Tensor::zeros(shape);
    // Algorithm 2, line 4:  x_{t-1} = 1 / sqrt(alpha_t) (x_t - (1 - alpha_t) / sqrt(1 - alpha_bar_t)
    //                                 eps_theta(x_t, t)) + sigma_t z
    const Tensor eps_hat = predict(eps_theta, x_t, t);
    require_finite(eps_hat, t);
    Tensor mean, x_0_hat;
    if (config.clip == Clip::off) {
      const double alpha = schedule.alpha[t], one_minus_alpha_bar = schedule.one_minus_alpha_bar[t];
      mean = scale(1 / std::sqrt(alpha),
                   linear_combination(1, x_t, -(1 - alpha) / std::sqrt(one_minus_alpha_bar), eps_hat));
      x_0_hat = predict_x0(schedule, t, x_t, eps_hat);  // for the observer alone
    } else {
      // Departure 2: the default, as in the official code. x_0_hat of Eq. (15) is clipped to [-1, 1], and
      // the mean is Eq. (7) at the clipped x_0_hat. Where the clip changes nothing, both means are equal.
      x_0_hat = clipped_x0(schedule, t, x_t, eps_hat);
      mean = posterior_mean(schedule, t, x_0_hat, x_t);
    }
    const Tensor x_prev = linear_combination(1, mean, sigma(schedule, t, config.variance), z);
    if (observer && !observer(t, x_prev, x_0_hat)) return {};
    x_t = x_prev;
    // Algorithm 2, line 5:  end for
  }
  // Algorithm 2, line 6:  return x_0
  return x_t;
}

}  // namespace ddpm
