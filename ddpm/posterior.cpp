// The forward process's posterior: see posterior.h. Section 2 of the paper.
#include "ddpm/posterior.h"

#include "ddpm/gaussian.h"

Tensor posterior_mean(const Schedule& schedule, int t, const Tensor& x_0, const Tensor& x_t) {
  // Eq. (7):  mu_tilde_t = sqrt(alpha_bar_{t-1}) beta_t / (1 - alpha_bar_t) x_0
  //                      + sqrt(alpha_t) (1 - alpha_bar_{t-1}) / (1 - alpha_bar_t) x_t
  return mix(schedule.posterior_coef_x0(t), x_0, schedule.posterior_coef_xt(t), x_t);
}
