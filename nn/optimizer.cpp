// Adam, its learning rate, and the EMA of the weights: see optimizer.h.
#include "nn/optimizer.h"

#include <algorithm>
#include <cmath>

#include "kernels/kernels.h"

namespace ddpm {

double learning_rate(const AdamConfig& config, int64_t step) {
  const int64_t warmup = config.warmup;
  // Departure 4: the rate rises linearly during the warm-up, as in the official code.
  if (step < warmup) return config.learning_rate * double(step) / double(warmup);
  if (!config.cosine) return config.learning_rate;
  // Departure 5: with config.cosine, the rate falls to 0 along half a cosine.
  const double pi = std::acos(-1.0);
  const double decay_steps = double(std::max<int64_t>(config.total_steps - warmup, 1));
  const double progress = std::min(double(step - warmup) / decay_steps, 1.0);
  return config.learning_rate * (1 + std::cos(pi * progress)) / 2;
}

Adam::Adam(Parameters& parameters, AdamConfig config) : parameters_(parameters), config_(config) {
  for (const Parameter& p : parameters.all()) {
    m.push_back(Tensor::zeros(p.value.shape()));
    v.push_back(Tensor::zeros(p.value.shape()));
  }
}

double Adam::step(int64_t step) {
  ENSURE(step >= 1, step);
  const std::vector<Parameter>& all = parameters_.all();
  double sum = 0;
  for (const Parameter& p : all) sum += kernels::sum_squares(p.value.size(), p.value.gradient().read());
  const double norm = std::sqrt(sum);
  if (std::isfinite(norm)) {
    // Departure 3: the gradient is scaled down to a global norm of clip_norm, as in the official code.
    const bool clip = config_.clip_norm > 0 && norm > config_.clip_norm;
    const AdamStep update{
        learning_rate(config_, step),       config_.beta1, config_.beta2, config_.epsilon, step,
        clip ? config_.clip_norm / norm : 1};
    for (size_t i = 0; i < all.size(); ++i) {
      const Tensor& w = all[i].value;
      kernels::adam(w.size(), update, w.gradient().read(), m[i].data(), v[i].data(), w.data());
    }
  }
  parameters_.clear_gradients();
  return norm;
}

void update_average(double decay, const Parameters& weights, Parameters& average) {
  const std::vector<Parameter>&from = weights.all(), &to = average.all();
  ENSURE(from.size() == to.size(), from.size(), " and ", to.size(), " parameters");
  for (size_t i = 0; i < from.size(); ++i) {
    const Tensor &w = from[i].value, &a = to[i].value;
    ENSURE(w.shape() == a.shape(), from[i].name, to_string(w.shape()), to_string(a.shape()));
    kernels::ema(w.size(), real(decay), w.data(), a.data());
  }
}

}  // namespace ddpm
