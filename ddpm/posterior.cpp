// The forward process's posterior: see posterior.h. Section 2 of the paper.
#include "ddpm/posterior.h"

namespace ddpm {

Tensor posterior_mean(const Schedule& schedule, int t, const Tensor& x_0, const Tensor& x_t) {
  // Eq. (7):  mu_tilde_t = sqrt(alpha_bar_{t-1}) beta_t / (1 - alpha_bar_t) x_0
  //                      + sqrt(alpha_t) (1 - alpha_bar_{t-1}) / (1 - alpha_bar_t) x_t
  return linear_combination(schedule.posterior_coef_x0(t), x_0, schedule.posterior_coef_xt(t), x_t);
}

PerImage posterior_log_density(const Schedule& schedule, int t, const Tensor& x_0, const Tensor& x_t,
                               const Tensor& x_prev) {
  if (t == 1) fail("q(x_0 | x_1, x_0) is the point x_0 and has no density: ask for t = 2..T");
  // Eq. (6):  q(x_{t-1} | x_t, x_0) = N(x_{t-1}; mu_tilde_t(x_t, x_0), beta_tilde_t I)
  return log_normal(x_prev, posterior_mean(schedule, t, x_0, x_t), schedule.posterior_variance(t));
}

}  // namespace ddpm
