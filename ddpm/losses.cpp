// The training loss: see losses.h. Section 3.4 of the paper.
#include "ddpm/losses.h"

#include "ddpm/forward.h"
#include "tensor/ops.h"

Tensor predict_noise(Tape& tape, const Unet& network, const Tensor& x_t, const std::vector<int>& t,
                     const Stream* dropout_noise) {
  // Departure 8: the network counts time from 0.
  Tensor time({static_cast<int>(t.size())});
  for (size_t b = 0; b < t.size(); ++b) time.data()[b] = static_cast<real>(t[b] - 1);
  return network(tape, x_t, time, dropout_noise);
}

Tensor simple_loss(Tape& tape, const NoisePredictor& eps_theta, const Schedule& schedule,
                   const Tensor& x_0, const std::vector<int>& t, const Tensor& eps,
                   std::vector<double>* per_image) {
  // Eq. (4):  x_t = sqrt(alpha_bar_t) x_0 + sqrt(1 - alpha_bar_t) eps
  const Tensor x_t = q_sample(schedule, t, x_0, eps);
  // Eq. (14):  L_simple = || eps - eps_theta(x_t, t) ||^2
  // Departure 7: the mean over dimensions, not their sum, as in the official code.
  return mean_squared_error(tape, eps_theta(tape, x_t, t), eps, per_image);
}

Tensor simple_loss(Tape& tape, const Unet& network, const Schedule& schedule, const Tensor& x_0,
                   const std::vector<int>& t, const Tensor& eps, const Stream* dropout_noise,
                   std::vector<double>* per_image) {
  const NoisePredictor eps_theta = [&](Tape& own, const Tensor& x_t, const std::vector<int>& times) {
    return predict_noise(own, network, x_t, times, dropout_noise);
  };
  return simple_loss(tape, eps_theta, schedule, x_0, t, eps, per_image);
}
