// Wrong versions of Eq. (8), (9), (10), (12): see mutations.h.
#include <cmath>

#include "tests/equations/mutations.h"
#include "tests/equations/oracles.h"

namespace equations {

namespace {

double square(double x) { return x * x; }
double x_t(const At& c, double x_0, double eps) {
  return std::sqrt(c.bar) * x_0 + std::sqrt(c.noise) * eps;
}
double mu_tilde(const At& c, double x_0, double x) {
  return (std::sqrt(c.bar_before) * c.beta * x_0 + std::sqrt(c.alpha) * c.noise_before * x) / c.noise;
}
// Eq. (9): x_t put in, and x_0 in terms of x_t and eps by the coefficients of `back`.
double mean_9(const At& c, const At& back, double x_0, double eps) {
  const double x = x_t(c, x_0, eps);
  return mu_tilde(c, (x - std::sqrt(back.noise) * eps) / std::sqrt(back.bar), x);
}

}  // namespace

#define LOSS_8(what, ...) MUTATION(8, step_loss_posterior, what, OF_FOUR(x_0, x, mu, v, __VA_ARGS__))
#define CONSTANT_8(what, ...)                                                        \
  MUTATION(8, step_constant, what, [](const Schedule& s, int t, double v) {          \
    const double r = s.posterior_variance(t) / v;                                    \
    return __VA_ARGS__;                                                              \
  })
#define LOSS_9(what, ...) \
  MUTATION(9, step_loss_reparametrised, what, OF_FOUR(x_0, eps, mu, v, __VA_ARGS__))
#define LOSS_10(what, ...)                                                                     \
  MUTATION(10, step_loss_target, what, OF_FOUR(x_0, eps, mu, v, square(__VA_ARGS__ - mu) / (2 * v)))
#define LOSS_12(what, ...) MUTATION(12, step_loss_noise, what, OF_THREE(eps, e, v, __VA_ARGS__))

std::vector<Mutation> loss_mutations() {
  using std::sqrt;
  return {
      LOSS_8("as printed", square(mu_tilde(c, x_0, x) - mu) / (2 * v)),
      LOSS_8("no factor 2", square(mu_tilde(c, x_0, x) - mu) / v),
      LOSS_8("sigma for sigma^2", square(mu_tilde(c, x_0, x) - mu) / (2 * sqrt(v))),
      LOSS_8("beta for sigma^2", square(mu_tilde(c, x_0, x) - mu) / (2 * c.beta)),
      LOSS_8("a distance, not squared", std::fabs(mu_tilde(c, x_0, x) - mu) / (2 * v)),
      LOSS_8("the sign of mu_theta", square(mu_tilde(c, x_0, x) + mu) / (2 * v)),
      LOSS_8("x_0 for mu_tilde", square(x_0 - mu) / (2 * v)),
      LOSS_8("t off by one", square(mu_tilde(At(s, t < s.T ? t + 1 : t), x_0, x) - mu) / (2 * v)),
      CONSTANT_8("as printed", 0.5 * (r - 1 - std::log(r))),
      CONSTANT_8("C: the logarithm's sign", 0.5 * (r - 1 + std::log(r))),
      CONSTANT_8("C: the ratio inverted", 0.5 * (1 / r - 1 + std::log(r))),
      CONSTANT_8("C: no 1/2", r - 1 - std::log(r)),
      CONSTANT_8("C: no -1", 0.5 * (r - std::log(r))),
      CONSTANT_8("C left out", 0 * r),

      LOSS_9("as printed", square(mean_9(c, c, x_0, eps) - mu) / (2 * v)),
      LOSS_9("x_0 back by t off by one",
          square(mean_9(c, At(s, t < s.T ? t + 1 : t - 1), x_0, eps) - mu) / (2 * v)),
      LOSS_9("the sign of eps", square(mean_9(c, c, x_0, -eps) - mu) / (2 * v)),
      LOSS_9("no factor 2", square(mean_9(c, c, x_0, eps) - mu) / v),
      LOSS_9("beta for sigma^2", square(mean_9(c, c, x_0, eps) - mu) / (2 * c.beta)),
      LOSS_9("sigma for sigma^2", square(mean_9(c, c, x_0, eps) - mu) / (2 * sqrt(v))),
      LOSS_9("the sign of mu_theta", square(mean_9(c, c, x_0, eps) + mu) / (2 * v)),
      LOSS_9("x_0 and eps exchanged", square(mean_9(c, c, eps, x_0) - mu) / (2 * v)),
      LOSS_9("x_t for x_0 hat", square(mu_tilde(c, x_t(c, x_0, eps), x_t(c, x_0, eps)) - mu) / (2 * v)),

      LOSS_10("as printed", (x_t(c, x_0, eps) - c.beta / sqrt(c.noise) * eps) / sqrt(c.alpha)),
      LOSS_10("no square root of alpha", (x_t(c, x_0, eps) - c.beta / sqrt(c.noise) * eps) / c.alpha),
      LOSS_10("no square root of 1 - alpha_bar",
          (x_t(c, x_0, eps) - c.beta / c.noise * eps) / sqrt(c.alpha)),
      LOSS_10("sqrt(beta)", (x_t(c, x_0, eps) - sqrt(c.beta / c.noise) * eps) / sqrt(c.alpha)),
      LOSS_10("the sign of eps", (x_t(c, x_0, eps) + c.beta / sqrt(c.noise) * eps) / sqrt(c.alpha)),
      LOSS_10("sqrt(alpha_bar)", (x_t(c, x_0, eps) - c.beta / sqrt(c.noise) * eps) / sqrt(c.bar)),
      LOSS_10("multiplied by sqrt(alpha)", (x_t(c, x_0, eps) - c.beta / sqrt(c.noise) * eps) * sqrt(c.alpha)),
      LOSS_10("x_0 for x_t", (x_0 - c.beta / sqrt(c.noise) * eps) / sqrt(c.alpha)),
      LOSS_10("x_t off by one",
          (x_t(At(s, t == 1 ? 2 : t - 1), x_0, eps) - c.beta / sqrt(c.noise) * eps) / sqrt(c.alpha)),

      LOSS_12("as printed", c.beta * c.beta / (2 * v * c.alpha * c.noise) * square(eps - e)),
      LOSS_12("beta for beta^2", c.beta / (2 * v * c.alpha * c.noise) * square(eps - e)),
      LOSS_12("no factor 2", c.beta * c.beta / (v * c.alpha * c.noise) * square(eps - e)),
      LOSS_12("sigma for sigma^2",
          c.beta * c.beta / (2 * sqrt(v) * c.alpha * c.noise) * square(eps - e)),
      LOSS_12("no alpha", c.beta * c.beta / (2 * v * c.noise) * square(eps - e)),
      LOSS_12("alpha_bar for alpha", c.beta * c.beta / (2 * v * c.bar * c.noise) * square(eps - e)),
      LOSS_12("sqrt(1 - alpha_bar)",
          c.beta * c.beta / (2 * v * c.alpha * sqrt(c.noise)) * square(eps - e)),
      LOSS_12("the sign of eps_theta", c.beta * c.beta / (2 * v * c.alpha * c.noise) * square(eps + e)),
      LOSS_12("no weight", square(eps - e)),
      MUTATION(12, loss_weight, "as printed",
          OF_TIME(c.beta * c.beta / (2 * c.beta * c.alpha * c.noise))),
      MUTATION(12, loss_weight, "weight: no alpha", OF_TIME(c.beta / (2 * c.noise))),
      MUTATION(12, loss_weight, "weight: t off by one",
          OF_TIME(c.beta / (2 * c.alpha * s.one_minus_alpha_bar[t > 1 ? t - 1 : t]))),
      MUTATION(12, loss_weight, "weight: beta tilde for sigma^2",
          OF_TIME(c.beta * c.beta / (2 * (t > 1 ? s.posterior_variance(t) : c.beta) * c.alpha * c.noise))),
  };
}

}  // namespace equations
