// Algorithm 1: see train.h.
#include "ddpm/train.h"

#include <cmath>
#include <limits>

#include "ddpm/forward.h"
#include "tensor/ops.h"
#include "tensor/random.h"

namespace ddpm {

namespace {

// Returns the number of the next step, 1, 2, ..., which also keys its random numbers.
uint32_t next_step(const TrainingState& state) {
  ENSURE(0 <= state.step && state.step < std::numeric_limits<uint32_t>::max(), "after step ", state.step);
  return uint32_t(state.step) + 1;
}

// Draws B times from 1..T. Each t gets floor(2^32/T) or ceil(2^32/T) of the 2^32 words: a relative
// bias below T/2^32 (2e-7 for T = 1000).
std::vector<int> draw_times(uint64_t seed, uint32_t step, int B, int T) {
  std::vector<int> t(B);
  for (int b = 0; b < B; ++b) {
    const uint64_t word = first_word({seed, purpose_time, step, uint32_t(b)});
    t[b] = 1 + int(word * T >> 32);
  }
  return t;
}

// Throws std::logic_error unless there is one loss for each of the B images.
void ensure_one_each(const Losses& losses, int B) {
  ENSURE(int(losses.values.size()) == B && losses.on_tape.shape() == Shape{B}, losses.values.size(), " and ",
         to_string(losses.on_tape.shape()), " losses for ", B, " images");
}

void require_finite(const char* what, double value, int64_t step) {
  if (!std::isfinite(value)) fail_for("diverged", what, " is not finite at step ", step);
}

}  // namespace

void train(const TrainConfig& config, const Schedule& schedule, const DrawImages& draw_x_0,
           const TrainingPredictor& predictor, TrainingState& state, const TrainCallbacks& callbacks,
           const Loss& loss) {
  // Algorithm 1, line 1:  repeat
  do {
    const uint32_t step = next_step(state);
    // Algorithm 1, line 2:  x_0 ~ q(x_0)
    const Tensor x_0 = draw_x_0(step);
    // Algorithm 1, line 3:  t ~ Uniform({1, ..., T})
    const std::vector<int> t = draw_times(config.seed, step, x_0.dim(0), schedule.T);
    // Algorithm 1, line 4:  eps ~ N(0, I)
    const Tensor eps = standard_normal(x_0.shape(), {config.seed, purpose_noise, step, 0});
    // Algorithm 1, line 5:  take a gradient descent step on
    //   grad_theta || eps - eps_theta(sqrt(alpha_bar_t) x_0 + sqrt(1 - alpha_bar_t) eps, t) ||^2
    const Tensor x_t = q_sample(schedule, t, x_0, eps);  // Eq. (4)
    const NoisePredictor eps_theta = predictor(step);
    Tape tape;
    const Losses losses = loss(tape, eps_theta, schedule, x_0, x_t, t, eps);
    ensure_one_each(losses, x_0.dim(0));
    require_finite("the loss", losses.values.sum(), step);
    tape.backward(mean(tape, losses.on_tape));
    const double grad_norm = state.adam.step(step);  // updates theta, the weights
    require_finite("the gradient", grad_norm, step);

    // Appendix B, not in Algorithm 1: the moving average of the weights (EMA).
    update_average(config.ema_decay, state.weights, state.average);
    state.step = step;
    callbacks.after_step({t, losses.values, grad_norm});
    // Algorithm 1, line 6:  until converged
  } while (!callbacks.converged());
}

}  // namespace ddpm
