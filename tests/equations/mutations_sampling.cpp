// Wrong versions of Algorithm 2: see mutations.h.
#include <algorithm>
#include <cmath>

#include "ddpm/gaussian.h"
#include "tensor/random.h"
#include "tests/equations/mutations.h"
#include "tests/equations/oracles.h"

namespace equations {

namespace {

// Algorithm 2 written out, with each line to be spoilt.
struct Slips {
  double prior = 1;                       // line 1: x_T's deviation
  bool prior_shared = false;              // one x_T for all images
  int from_but = 0, to = 1;               // line 2: t = T − from_but..to
  bool upwards = false;
  int no_noise_to = 1;                    // line 3: z = 0 for t up to this
  bool same_z = false, shared_z = false, uniform = false, z_is_x_T = false;
  double alpha_power = 0.5, beta_power = 1, noise_power = 0.5, eps_sign = 1;  // line 4
  bool told_late = false, early_bar = false;
  double sigma_power = 0.5;
  bool other_sigma = false, late_sigma = false;
  bool always_clip = false, never_clip = false, clip_to_2 = false;
};

double beta_tilde(const At& c) { return c.noise_before / c.noise * c.beta; }

// Line 4 without its noise, for one number.
double mean(const Slips& slips, const Schedule& s, int t, double x, double eps, bool clip) {
  const At c(s, t);
  const double noise = slips.early_bar && t > 1 ? c.noise_before : c.noise;
  if (!clip)
    return (x - std::pow(1 - c.alpha, slips.beta_power) / std::pow(noise, slips.noise_power) * slips.eps_sign * eps) /
           std::pow(c.alpha, slips.alpha_power);
  const double x_0 = (x - std::sqrt(c.noise) * eps) / std::sqrt(c.bar), limit = slips.clip_to_2 ? 2 : 1;
  const double clipped = std::fmin(std::fmax(x_0, -limit), limit);
  return (std::sqrt(c.bar_before) * c.beta * clipped + std::sqrt(c.alpha) * c.noise_before * x) / c.noise;
}

double deviation(const Slips& slips, const Schedule& s, int t, Variance variance) {
  const At c(s, slips.late_sigma && t > 2 ? t - 1 : t);
  const bool beta = (variance == Variance::beta) != slips.other_sigma;
  return std::pow(beta ? c.beta : beta_tilde(c), slips.sigma_power);
}

Tensor written_out(const Slips& slips, const NoisePredictor& e, const Shape& image, const Schedule& s,
                   ReverseConfig config, int count) {
  const bool clip = (config.clip || slips.always_clip) && !slips.never_clip;
  const int n = image[0];
  const Tensor start = standard_normal({count, n}, {8, purpose_test, 0, 0});
  Tensor x(start.shape());
  for (int i = 0; i < x.size(); ++i) x.data()[i] = slips.prior * start.data()[slips.prior_shared ? i % n : i];
  for (int k = s.T - slips.from_but; k >= slips.to; --k) {
    const int t = slips.upwards ? s.T + 1 - k : k;
    Tape tape(Tape::off);
    const Tensor eps = e(tape, x, std::vector<int>(count, slips.told_late ? std::max(1, t - 1) : t));
    const Tensor z = standard_normal(x.shape(), {8, purpose_test, slips.same_z ? 1u : static_cast<uint32_t>(t), 0});
    Tensor next(x.shape());
    for (int i = 0; i < x.size(); ++i) {
      double noise = z.data()[slips.shared_z ? i % n : i];
      if (slips.uniform) noise = std::sqrt(3.0) / 2 * some_number(i, 400 + t);
      if (slips.z_is_x_T) noise = start.data()[i];
      next.data()[i] = mean(slips, s, t, x.data()[i], eps.data()[i], clip) +
                       (t > slips.no_noise_to ? deviation(slips, s, t, config.variance) * noise : 0);
    }
    x = next;
  }
  return x;
}

Mutation sampling(const char* what, const Slips& slips) {
  return {algorithm(2), what, [slips](Formulas& f) {
            f.sample = [slips](const NoisePredictor& e, const Shape& image, const Schedule& s, ReverseConfig config,
                               uint64_t, int64_t, int count, const SampleProgress&) {
              return written_out(slips, e, image, s, config, count);
            };
          }};
}

}  // namespace

std::vector<Mutation> sampling_mutations() {
  return {
      sampling("as printed", {}),
      sampling("line 1: x_T = 0", {.prior = 0}),
      sampling("line 1: x_T's variance", {.prior = 1.2}),
      sampling("line 1: one x_T for all images", {.prior_shared = true}),
      sampling("line 2: from T - 1", {.from_but = 1}),
      sampling("line 2: to t = 2", {.to = 2}),
      sampling("line 2: upwards", {.upwards = true}),
      sampling("line 3: noise at t = 1", {.no_noise_to = 0}),
      sampling("line 3: no noise at t = 2", {.no_noise_to = 2}),
      sampling("line 3: no noise at all", {.no_noise_to = 6}),
      sampling("line 3: the same z in every step", {.same_z = true}),
      sampling("line 3: x_T once more for z", {.z_is_x_T = true}),
      sampling("line 3: one z for all images", {.shared_z = true}),
      sampling("line 3: z uniform", {.uniform = true}),
      sampling("line 4: no square root of alpha", {.alpha_power = 1}),
      sampling("line 4: multiplied by sqrt(alpha)", {.alpha_power = -0.5}),
      sampling("line 4: not divided by sqrt(alpha)", {.alpha_power = 0}),
      sampling("line 4: sqrt(1 - alpha)", {.beta_power = 0.5}),
      sampling("line 4: no square root of 1 - alpha_bar", {.noise_power = 1}),
      sampling("line 4: alpha_bar_{t-1} for alpha_bar_t", {.early_bar = true}),
      sampling("line 4: the sign of eps_theta", {.eps_sign = -1}),
      sampling("line 4: eps_theta at t - 1", {.told_late = true}),
      sampling("line 4: sigma^2 for sigma", {.sigma_power = 1}),
      sampling("line 4: the other sigma", {.other_sigma = true}),
      sampling("line 4: sigma_{t-1} for sigma_t", {.late_sigma = true}),
      sampling("the clip where none is asked for", {.always_clip = true}),
      sampling("no clip where it is asked for", {.never_clip = true}),
      sampling("a clip to [-2, 2]", {.clip_to_2 = true}),
  };
}

}  // namespace equations
