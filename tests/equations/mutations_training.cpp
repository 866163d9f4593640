// Wrong versions of Eq. (14) and of Algorithm 1: see mutations.h.
#include <algorithm>
#include <cmath>
#include <numeric>

#include "ddpm/gaussian.h"
#include "tensor/ops.h"
#include "tensor/random.h"
#include "tests/equations/mutations.h"
#include "tests/equations/oracles.h"

namespace equations {

namespace {

// A tensor (B, D) like another, number by number: number i of the batch is image b's.
template <typename Value>
Tensor made(const Tensor& like, Value value) {
  Tensor out(like.shape());
  const int n = static_cast<int>(like.size() / like.dim(0));
  for (int i = 0; i < like.size(); ++i) out.data()[i] = value(i / n, i);
  return out;
}

// The value that Eq. (14) has in place of the mean of the images' losses.
using Value = double (*)(const std::vector<double>& each, const Schedule&, const std::vector<int>& t);
double mean(const std::vector<double>& each) {
  return std::accumulate(each.begin(), each.end(), 0.0) / static_cast<double>(each.size());
}

// Eq. (14) written out, with each ingredient to be spoilt.
struct LossSlips {
  int late = 0, told_late = 0;  // x_{t−1} for x_t; the network is told t − 1
  bool one_t = false;           // the first image's for all
  double signal_power = 0.5, noise_power = 0.5, eps_sign = 1;  // of x_t
  bool sees_x_0 = false, exchanged = false, beta_noise = false;
  double target_sign = 1;
  bool target_x_0 = false, target_x_t = false, other_noise = false;
  Value value = nullptr;
};
Tensor written_out(const LossSlips& slips, Tape& tape, const NoisePredictor& e, const Schedule& s,
                   const Tensor& x_0, std::vector<int> t, const Tensor& eps) {
  if (slips.one_t) std::fill(t.begin(), t.end(), t[0]);
  const Tensor x_t = made(x_0, [&](int b, int i) {
    const int time = std::max(1, t[b] - slips.late);
    const double noise = slips.beta_noise ? s.beta[time] : s.one_minus_alpha_bar[time];
    double x = x_0.data()[i], z = slips.eps_sign * eps.data()[i];
    if (slips.exchanged) std::swap(x, z);
    return std::pow(s.alpha_bar[time], slips.signal_power) * x + std::pow(noise, slips.noise_power) * z;
  });
  const Tensor target = made(eps, [&](int, int i) {
    if (slips.target_x_0) return x_0.data()[i];
    if (slips.target_x_t) return x_t.data()[i];
    return slips.target_sign * eps.data()[slips.other_noise ? (i + 3) % eps.size() : i];
  });
  std::vector<int> told = t;
  for (int& time : told) time -= slips.told_late;
  std::vector<double> each;
  const Tensor loss = mean_squared_error(tape, e(tape, slips.sees_x_0 ? x_0 : x_t, told), target, &each);
  if (slips.value) loss.data()[0] = slips.value(each, s, t);
  return loss;
}
Mutation loss(const char* what, const LossSlips& slips) {
  return {equation(14), what, [slips](Formulas& f) {
            f.simple_loss = [slips](Tape& tape, const NoisePredictor& e, const Schedule& s, const Tensor& x_0,
                                    const std::vector<int>& t, const Tensor& eps, std::vector<double>* each) {
              ::simple_loss(tape, e, s, x_0, t, eps, each);
              return written_out(slips, tape, e, s, x_0, t, eps);
            };
          }};
}

// Algorithm 1's lines 2 to 5 written out, with each to be spoilt.
struct TrainSlips {
  int first = 1, last_but = 0;                      // t in first..T − last_but
  bool same_t = false, same_t_each_step = false, in_turn = false;
  bool same_eps = false, same_eps_each_step = false, uniform = false, sees_eps_as_x_0 = false;
  double eps_scale = 1, uphill = 1, signal_power = 0.5, noise_power = 0.5;
  bool last_x_0 = false, target_x_0 = false, told_late = false, no_step = false, late_step = false;
  bool average_turned = false, no_average = false;
  int draws = 1;
};
std::vector<int> times(const TrainSlips& slips, int B, int T, int64_t step) {
  std::vector<int> t(B);
  for (int b = 0; b < B; ++b) {
    const int which = slips.same_t_each_step ? 1 : static_cast<int>(step);
    const double u = (some_number(slips.same_t ? 0 : b, 200 + which) + 2) / 4;  // in (0, 1)
    t[b] = slips.first + static_cast<int>(u * (T - slips.last_but - slips.first + 1));
    if (slips.in_turn) t[b] = 1 + b % T;
  }
  return t;
}
Tensor noise(const TrainSlips& slips, const Tensor& x_0, int64_t step) {
  const uint32_t key = slips.same_eps_each_step ? 1 : static_cast<uint32_t>(step);
  const Tensor z = standard_normal(x_0.shape(), {6, purpose_test, key, 0});
  const int n = static_cast<int>(x_0.size() / x_0.dim(0));
  return made(x_0, [&](int, int i) {
    if (slips.uniform) return std::sqrt(3.0) / 2 * some_number(i, 300 + static_cast<int>(step));
    if (slips.sees_eps_as_x_0) return (x_0.data()[i] + z.data()[i]) / 1.5;
    return slips.eps_scale * z.data()[slips.same_eps ? i % n : i];
  });
}
StepReport lines_2_to_5(const TrainSlips& slips, const TrainConfig& config, const Schedule& s, const DrawImages& q,
                        int64_t step, const NoisePredictor& e, const Parameters& weights, Adam& adam,
                        Parameters& average) {
  Tensor x_0 = q(slips.last_x_0 ? std::max<int64_t>(1, step - 1) : step);
  for (int more = 1; more < slips.draws; ++more) x_0 = q(step);
  StepReport report{};
  report.t = times(slips, x_0.dim(0), s.T, step);
  const Tensor eps = noise(slips, x_0, step);
  const Tensor x_t = made(x_0, [&](int b, int i) {
    return std::pow(s.alpha_bar[report.t[b]], slips.signal_power) * x_0.data()[i] +
           std::pow(s.one_minus_alpha_bar[report.t[b]], slips.noise_power) * eps.data()[i];
  });
  std::vector<int> told = report.t;
  if (slips.told_late) for (int& t : told) --t;
  Tape tape;
  const Tensor loss = mean_squared_error(tape, e(tape, x_t, told), slips.target_x_0 ? x_0 : eps);
  report.loss = loss.data()[0];
  tape.backward(loss);
  for (const Parameter& p : weights.all())
    for (int64_t i = 0; i < p.value.size(); ++i) p.value.gradient().data()[i] *= slips.uphill;
  if (!slips.no_step) report.grad_norm = adam.step(slips.late_step ? step + 1 : step);
  if (!slips.no_average)
    update_average(slips.average_turned ? 1 - config.ema_decay : config.ema_decay, weights, average);
  return report;
}
Mutation train(const char* what, const TrainSlips& slips) {
  return {algorithm(1), what, [slips](Formulas& f) {
            f.train_step = [slips](const TrainConfig& config, const Schedule& s, const DrawImages& q, int64_t step,
                                   const NoisePredictor& e, const Parameters& weights, Adam& adam,
                                   Parameters& average) {
              return lines_2_to_5(slips, config, s, q, step, e, weights, adam, average);
            };
          }};
}

}  // namespace

std::vector<Mutation> training_mutations() {
  return {
      loss("as printed", {}),
      loss("x_{t-1} for x_t", {.late = 1}),
      loss("the network is told t - 1", {.told_late = 1}),
      loss("one t for all images", {.one_t = true}),
      loss("no square root of alpha_bar", {.signal_power = 1}),
      loss("no square root of 1 - alpha_bar", {.noise_power = 1}),
      loss("beta for 1 - alpha_bar", {.beta_noise = true}),
      loss("the sign of eps in x_t", {.eps_sign = -1}),
      loss("the network sees x_0", {.sees_x_0 = true}),
      loss("x_0 and eps exchanged in x_t", {.exchanged = true}),
      loss("the sign of eps_theta", {.target_sign = -1}),
      loss("eps left out of the difference", {.target_sign = 0}),
      loss("x_0 is predicted", {.target_x_0 = true}),
      loss("x_t is predicted", {.target_x_t = true}),
      loss("the noise of another image", {.other_noise = true}),
      loss("with a factor 1/2",
           {.value = [](const auto& each, const Schedule&, const auto&) { return mean(each) / 2; }}),
      loss("the sum over dimensions",
           {.value = [](const auto& each, const Schedule&, const auto&) { return mean(each) * 3; }}),
      loss("the norm, not squared",
           {.value = [](const auto& each, const Schedule&, const auto&) { return std::sqrt(mean(each)); }}),
      loss("the weight of Eq. (12) left in", {.value = [](const auto& each, const Schedule& s, const auto& t) {
             double sum = 0;
             for (size_t b = 0; b < each.size(); ++b) sum += s.loss_weight(t[b]) * each[b] / 4;
             return sum;
           }}),

      train("as printed", {}),
      train("line 2: the last step's x_0", {.last_x_0 = true}),
      train("line 2: x_0 drawn twice", {.draws = 2}),
      train("line 3: t from 0", {.first = 0, .last_but = 1}),
      train("line 3: t = 1 left out", {.first = 2}),
      train("line 3: t = T left out", {.last_but = 1}),
      train("line 3: one t for all images", {.same_t = true}),
      train("line 3: the same t in every step", {.same_t_each_step = true}),
      train("line 3: t in turn, 1, 2, ..., T", {.in_turn = true}),
      train("line 4: eps uniform", {.uniform = true}),
      train("line 4: eps's variance", {.eps_scale = 1.1}),
      train("line 4: one eps for all images", {.same_eps = true}),
      train("line 4: the same eps in every step", {.same_eps_each_step = true}),
      train("line 4: eps depends on x_0", {.sees_eps_as_x_0 = true}),
      train("line 5: no square root of alpha_bar", {.signal_power = 1}),
      train("line 5: no square root of 1 - alpha_bar", {.noise_power = 1}),
      train("line 5: x_0 is predicted", {.target_x_0 = true}),
      train("line 5: the network is told t - 1", {.told_late = true}),
      train("line 5: uphill", {.uphill = -1}),
      train("line 5: twice the gradient", {.uphill = 2}),
      train("line 5: no step is taken", {.no_step = true}),
      train("line 5: Adam's step number off by one", {.late_step = true}),
      train("the average's decay and its complement exchanged", {.average_turned = true}),
      train("no average", {.no_average = true}),
  };
}

}  // namespace equations
