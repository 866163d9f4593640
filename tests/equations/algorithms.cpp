// Algorithms 1 and 2, line by line: a spy takes the network's place, and what it is shown is compared with
// the lines of the paper. All seeds are fixed. The algorithms: ddpm/train.cpp, ddpm/sample.cpp.
#include "ddpm/sample.h"
#include "ddpm/train.h"
#include "tests/equations/draws.h"
#include "tests/equations/number.h"
#include "tests/equations/spy.h"
#include "tests/support/steps.h"

namespace ddpm::test::equations {

// Algorithm 1, training:
//   1: repeat
//   2:   x_0 ~ q(x_0)
//   3:   t ~ Uniform({1, ..., T})
//   4:   eps ~ N(0, I)
//   5:   take a gradient descent step on
//          grad_theta || eps - eps_theta(sqrt(alpha_bar_t) x_0 + sqrt(1 - alpha_bar_t) eps, t) ||^2
//   6: until converged
namespace {

// What one step drew.
struct Step {
  int number = 0;
  std::vector<int> t;
  std::vector<real> x_0, x_t, eps;
};

// The batch x_0 of a step.
Tensor images(int64_t step) { return some_numbers({Spy::B, Spy::D}, 100 + int(step)); }

// Returns what a step drew. eps is Eq. (4), solved for eps, at what the network was shown.
Step drawn(int number, const std::vector<int>& t, const std::vector<real>& x_t) {
  const Tables c(short_betas());
  Step now{number, t, images(number).values(), x_t, std::vector<real>(x_t.size())};
  for (size_t i = 0; i < x_t.size(); ++i) {
    const int time = t[i / Spy::D];
    now.eps[i] = (x_t[i] - std::sqrt(c.bar[time]) * now.x_0[i]) / std::sqrt(c.noise[time]);
  }
  return now;
}

std::vector<real> times_of(const Step& step) { return standardized(step.t, Spy::T, Spy::D); }

void times_are_independent(const Step& now, const Step& before, Worst& worst) {
  const double allowed = 4 / std::sqrt(double(Spy::B));  // 4 standard errors
  const std::vector<real> t = times_of(now);
  worst.near(mean_product(t, t, Spy::D), 0, allowed, "line 3: correlation of t with the next image's");
  if (before.number > 0)
    worst.near(mean_product(t, times_of(before), 0), 0, allowed,
               "line 3: correlation of t with the last step's");
}

void eps_is_noise(const Step& now, const Step& before, Worst& worst) {
  const std::string name = text("line 4: eps of step ", now.number);
  is_noise(now.eps, now.x_0, worst, name + " with x_0");
  is_noise(now.eps, before.eps, worst, name + " with the last step's");
  is_noise(now.eps, times_of(now), worst, name + " with t");
  // Box-Muller's method computes eps from two random words. Its size depends on one word only, so t must be
  // independent of the size, too.
  std::vector<real> squares;  // of mean 0 and variance 1
  for (real z : now.eps) squares.push_back((z * z - 1) / std::sqrt(2.0));
  worst.near(mean_product(squares, times_of(now), 0), 0, 4 / std::sqrt(double(squares.size())), name,
             ": correlation of its squares with t");
}

// Compares the weights after a step, and its report, with one step of Adam from the weights before.
void step_is_taken(const Step& now, const StepReport& report, const std::vector<real>& before,
                   const std::vector<real>& after, TextbookAdam& adam, Worst& worst) {
  const Descent d = descent(before, now.x_t, now.t, now.eps);
  double norm = 0;
  for (double g : d.gradient) norm += g * g;
  // Sums of 4000 numbers near 1.
  worst.near(report.mean_loss(), d.loss, 1e-12, "line 5: the loss, step ", now.number);
  worst.near(report.grad_norm, std::sqrt(norm), 1e-12, "line 5: the gradient's norm, step ", now.number);
  for (size_t i = 0; i < after.size(); ++i) {
    const double want = before[i] + adam.moved(i, d.gradient[i], now.number);
    // Rounding of the gradient, 1e-13, over the gradient, times the rate.
    worst.near(after[i], want, 1e-11, "line 5: weight ", i, " after step ", now.number);
  }
}

}  // namespace

ALGORITHM(1, "training: draws x_0, t and eps, and takes one step along the gradient",
          "what the network is shown; the gradient in closed form; Adam by the formulas of its authors") {
  Worst worst;
  TrainConfig config;
  config.seed = 5, config.ema_decay = 0.7, config.adam.learning_rate = 0.01, config.adam.clip_norm = 0;
  Spy spy;
  Parameters average = Spy().weights;  // the same numbers, in other memory
  Adam adam(spy.weights, config.adam);
  TextbookAdam textbook{0.01, {}, {}};
  std::vector<int64_t> drawn_for;  // the steps that x_0 was drawn for
  const DrawImages draw_x_0 = [&](int64_t step) { return drawn_for.push_back(step), images(step); };
  const auto eps_theta = [&](int64_t) { return spy.predictor(); };
  TrainingState state{spy.weights, average, adam};
  std::vector<int> all_t;
  Step before;
  before.eps.resize(Spy::B * Spy::D);  // zeros: no earlier noise
  for (int step = 1; step <= 3; ++step) {
    const std::vector<real> before_step = weights(spy.weights), averaged = weights(average);
    const StepReport report = one_step(config, Schedule(short_betas()), draw_x_0, eps_theta, state);
    // Line 2 draws x_0 once, and line 5 calls the network once.
    worst.near(drawn_for.size(), step, 0, "line 2: draws of x_0");
    worst.near(spy.x.size(), step, 0, "line 5: calls of the network");
    if (!worst.ok()) return worst;
    worst.near(drawn_for.back(), step, 0, "line 2: the step that x_0 is drawn for");

    // Line 3: t is uniform over all steps so far.
    const std::vector<int>& t = spy.t.back();
    worst.near(report.t == t, 1, 0, "the reported times");
    all_t.insert(all_t.end(), t.begin(), t.end());
    if (!is_uniform(all_t, Spy::T, worst)) return worst;
    const Step now = drawn(step, t, spy.x.back());
    times_are_independent(now, before, worst);

    // Lines 4 and 5.
    eps_is_noise(now, before, worst);
    const std::vector<real> after = weights(spy.weights), new_average = weights(average);
    step_is_taken(now, report, before_step, after, textbook, worst);

    // Section 4: the average of the weights.
    for (size_t i = 0; i < after.size(); ++i)
      worst.near(new_average[i], 0.7 * averaged[i] + 0.3 * after[i], 1e-14, "the average of weight ", i);
    before = now;
  }
  return worst;
}

// Algorithm 2, sampling:
//   1: x_T ~ N(0, I)
//   2: for t = T, ..., 1 do
//   3:   z ~ N(0, I) if t > 1, else z = 0
//   4:   x_{t-1} = 1/sqrt(alpha_t) (x_t - (1 - alpha_t) / sqrt(1 - alpha_bar_t) eps_theta(x_t, t))
//                  + sigma_t z
//   5: end for
//   6: return x_0
namespace {

// Returns the mean of x_{t-1} by line 4 of Algorithm 2: the line without sigma_t z.
double line_4_mean(const Tables& c, int t, double x, double eps, Clip clip) {
  if (clip == Clip::off) return (x - (1 - c.alpha[t]) / std::sqrt(c.noise[t]) * eps) / std::sqrt(c.alpha[t]);
  const double x_0_hat = (x - std::sqrt(c.noise[t]) * eps) / std::sqrt(c.bar[t]);  // Departure 2
  return posterior(c, t, std::fmin(std::fmax(x_0_hat, -1), 1), x).mean;
}

// Returns sigma_t z: x_{t-1} minus the mean of line 4.
std::vector<real> added(const Tables& c, int t, const Spy& spy, Clip clip) {
  const std::vector<real>&x = spy.x[c.T - t], &next = spy.x[c.T - t + 1];
  const std::vector<real> theta = weights(spy.weights);
  std::vector<real> difference;
  for (int i = 0; i < int(x.size()); ++i)
    difference.push_back(next[i] - line_4_mean(c, t, x[i], eps_theta(theta, x, t, i), clip));
  return difference;
}

void sampling(Variance choice, Clip clip, Worst& worst) {
  const Tables c(short_betas());
  const std::string with =
      text(clip == Clip::on ? " with the clip" : "", choice == Variance::beta ? "" : ", beta tilde");
  Spy spy;
  const Tensor x_0 =
      sample(spy.predictor(), {Spy::D}, Schedule(short_betas()), {choice, clip}, 11, 0, Spy::B);

  // Line 2: t = T, ..., 1, one call each.
  worst.near(spy.x.size(), c.T, 0, "line 2: calls of the network", with);
  for (size_t k = 0; k < spy.t.size(); ++k)
    for (int t : spy.t[k]) worst.near(t, c.T - double(k), 0, "line 2: t of call ", k, with);
  if (!worst.ok()) return;
  spy.x.push_back(x_0.values());  // x_T, ..., x_1, x_0

  // Line 1. There is no earlier noise yet.
  std::vector<real> z_before(spy.x[0].size());
  is_noise(spy.x[0], z_before, worst, "line 1: x_T" + with);

  // Algorithm 2, lines 3 and 4: the noise that each step adds.
  for (int t = c.T; t > 1; --t) {
    const double beta_tilde = c.noise[t - 1] / c.noise[t] * c.beta[t];
    const double sigma = std::sqrt(choice == Variance::beta ? c.beta[t] : beta_tilde);
    std::vector<real> z = added(c, t, spy, clip);
    for (real& number : z) number /= sigma;
    const std::string name = text("line 4: z at t = ", t, with);
    is_noise(z, spy.x[c.T - t], worst, name + " with x_t");
    is_noise(z, z_before, worst, name + " with the last step's");
    z_before = z;
  }
  double largest = 0;
  for (real number : added(c, 1, spy, clip)) largest = std::fmax(largest, std::fabs(number));
  worst.near(largest, 0, 1e-13, "line 3: z = 0 at t = 1", with);  // rounding of the mean
}

}  // namespace

ALGORITHM(2, "sampling: T steps from noise to x_0, each but the last with new noise",
          "the noise is x_{t-1} minus the mean of line 4, for both variances, with and without the clip") {
  Worst worst;
  for (const Variance choice : {Variance::beta, Variance::posterior})
    for (const Clip clip : {Clip::off, Clip::on}) {
      sampling(choice, clip, worst);
      if (!worst.ok()) return worst;
    }
  return worst;
}

}  // namespace ddpm::test::equations
