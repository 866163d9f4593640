// Algorithms 1 and 2: what a spy in the network's place sees of them, against the
// lines of the paper. Distributions are tested by Kolmogorov's and the chi-square test
// at 0.1 %, correlations by 4 standard errors (level 6e-5); all seeds are fixed.
#include "nn/parameters.h"
#include "tensor/ops.h"
#include "tests/equations/oracles.h"
#include "tests/equations/registry.h"
#include "tests/law.h"

namespace equations {

namespace {

double standard(double z) { return 0.5 * std::erfc(-z / std::sqrt(2.0)); }

// Numbers that must be independent N(0, 1), also of their neighbours (the next dimension,
// the next image) and of `others`, number by number.
void is_noise(const std::vector<real>& z, const std::vector<real>& others, Worst& worst, const std::string& name) {
  const double n = static_cast<double>(z.size());
  worst.near(kolmogorov(z, standard), 0, kolmogorov_level_0_001, name, ": sqrt(n) |F_n - F|");
  double beside = 0, next = 0, across = 0, scale = 1e-300;
  for (size_t i = 0; i < z.size(); ++i) {
    beside += z[i] * z[(i + 1) % z.size()], next += z[i] * z[(i + 2) % z.size()];
    across += z[i] * others.at(i), scale += others[i] * others[i];
  }
  const double allowed = 4 / std::sqrt(n);
  worst.near(beside / n, 0, allowed, name, ": correlation with the next number");
  worst.near(next / n, 0, allowed, name, ": correlation with the next image");
  worst.near(across / std::sqrt(n * scale), 0, allowed, name, ": correlation with the others");
}

// Images of two numbers, and ε_θ(x, t) = (x, t/T) w + bias, which notes what it is asked.
struct Spy {
  static constexpr int B = 2000, D = 2, inputs = D + 1;
  Tables c{short_betas()};
  Parameters weights;
  Tensor w = weights.add("w", {inputs, D}, Layout::dense, Init::zeros);
  Tensor bias = weights.add("bias", {D}, Layout::vector, Init::zeros);
  std::vector<std::vector<int>> t;  // of every call
  std::vector<std::vector<real>> x;

  Spy() {
    for (int i = 0; i < inputs * D; ++i) w.data()[i] = 0.3 * some_number(i, 5);
    for (int i = 0; i < D; ++i) bias.data()[i] = 0.3 * some_number(i, 6);
  }
  NoisePredictor predictor() {
    return [this](Tape& tape, const Tensor& x_t, const std::vector<int>& times) {
      t.push_back(times), x.push_back(x_t.values());
      Tensor in({x_t.dim(0), inputs});
      for (int b = 0; b < x_t.dim(0); ++b) {
        std::copy_n(x_t.data() + b * D, D, in.data() + b * inputs);
        in.data()[b * inputs + D] = times[b] / double(c.T);
      }
      return matmul(tape, in, w, bias);
    };
  }
  // ε_θ's number i for images x, and the input that weight k of it multiplies.
  double input(const std::vector<real>& images, int time, int i, int k) const {
    return k < D ? images[i / D * D + k] : time / double(c.T);
  }
  double eps_theta(const std::vector<real>& images, int time, int i) const {
    double sum = bias.data()[i % D];
    for (int k = 0; k < inputs; ++k) sum += input(images, time, i, k) * w.data()[k * D + i % D];
    return sum;
  }
};

// The gradient of the mean of (ε − ε_θ)², and that mean; w's numbers first, then bias's.
struct Descent {
  double loss = 0;
  std::vector<double> gradient;
};
Descent descent(const Spy& spy, const std::vector<real>& x, const std::vector<int>& t, const std::vector<real>& eps) {
  Descent d{0, std::vector<double>((Spy::inputs + 1) * Spy::D)};
  const int n = static_cast<int>(x.size());
  for (int i = 0; i < n; ++i) {
    const int time = t[i / Spy::D], column = i % Spy::D;
    const double error = spy.eps_theta(x, time, i) - eps[i];
    d.loss += error * error / n;
    for (int k = 0; k < Spy::inputs; ++k)
      d.gradient[k * Spy::D + column] += 2 * error * spy.input(x, time, i, k) / n;
    d.gradient[Spy::inputs * Spy::D + column] += 2 * error / n;
  }
  return d;
}

std::vector<real> numbers(const Parameters& weights) {
  std::vector<real> all;
  for (const Parameter& p : weights.all())
    all.insert(all.end(), p.value.data(), p.value.data() + p.value.size());
  return all;
}

// Adam as its authors print it, with the default constants.
struct TextbookAdam {
  std::vector<double> m, v;
  double moved(size_t i, double g, int step, double rate) {
    m.resize(std::max(m.size(), i + 1)), v.resize(m.size());
    m[i] = 0.9 * m[i] + 0.1 * g, v[i] = 0.999 * v[i] + 0.001 * g * g;
    return -rate * m[i] / (1 - std::pow(0.9, step)) / (std::sqrt(v[i] / (1 - std::pow(0.999, step))) + 1e-8);
  }
};

// Every t of 1..T as often as any other: of the chi-square statistic with T − 1 = 5 degrees
// of freedom, both tails of 0.1 %: a fixed round is as suspicious as a missing t.
// False if a time is none of them.
bool is_uniform(const std::vector<int>& t, int T, Worst& worst) {
  std::vector<double> count(T + 1);
  double outside = 0;
  for (int time : t) 1 <= time && time <= T ? ++count[time] : ++outside;
  worst.near(outside, 0, 0, "line 3: times outside 1..T");
  if (outside > 0) return false;
  const double expected = static_cast<double>(t.size()) / T;
  double chi_square = 0;
  for (int time = 1; time <= T; ++time) chi_square += (count[time] - expected) * (count[time] - expected) / expected;
  worst.near(chi_square, (20.52 + 0.21) / 2, (20.52 - 0.21) / 2, "line 3: chi-square of t's counts");
  return true;
}

// t as numbers of mean 0 and variance 1, one for each number of an image.
std::vector<real> standardised(const std::vector<int>& t, int T) {
  std::vector<real> out;
  for (int time : t) out.insert(out.end(), Spy::D, (time - 0.5 * (T + 1)) / std::sqrt((T * T - 1) / 12.0));
  return out;
}

double correlation(const std::vector<real>& a, const std::vector<real>& b, size_t shift) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += a[i] * b[(i + shift) % b.size()] / a.size();
  return sum;
}

}  // namespace

ALGORITHM(1, "training: x_0, t and noise are drawn, and one step is taken down the gradient",
          "what the network is shown; the gradient in closed form; Adam by its authors' formulas") {
  Worst worst;
  Spy spy;
  const int T = spy.c.T;
  Parameters average;
  average.add("w", {Spy::inputs, Spy::D}, Layout::dense, Init::zeros);
  average.add("bias", {Spy::D}, Layout::vector, Init::zeros);
  average.copy_from(spy.weights);
  TrainConfig config;
  config.seed = 5, config.ema_decay = 0.7, config.adam.learning_rate = 0.01, config.adam.clip_norm = 0;
  Adam adam(spy.weights, config.adam);
  TextbookAdam textbook;
  std::vector<int64_t> asked;
  const DrawImages draw_x_0 = [&](int64_t step) {
    asked.push_back(step);
    Tensor x_0({Spy::B, Spy::D});
    for (int i = 0; i < Spy::B * Spy::D; ++i) x_0.data()[i] = some_number(i, 100 + static_cast<int>(step));
    return x_0;
  };
  const Schedule s = f.tables(short_betas());
  std::vector<int> all_t, before_t;
  std::vector<real> before_eps(Spy::B * Spy::D);
  for (int step = 1; step <= 3; ++step) {
    const std::vector<real> weights = numbers(spy.weights), averaged = numbers(average);
    const Spy now = [&] {  // with weights of its own, which the step does not change
      Spy copy;
      copy.weights.copy_from(spy.weights);
      return copy;
    }();
    const StepReport report =
        f.train_step(config, s, draw_x_0, step, spy.predictor(), spy.weights, adam, average);
    worst.near(static_cast<double>(asked.size()), step, 0, "line 2: draws of x_0");
    worst.near(static_cast<double>(asked.back()), step, 0, "line 2: the step that x_0 is drawn for");
    worst.near(static_cast<double>(spy.x.size()), step, 0, "line 5: calls of the network");
    if (!worst.ok()) return worst;
    const std::vector<int>& t = spy.t.back();
    const std::vector<real>&x = spy.x.back(), x_0 = draw_x_0(step).values();
    asked.pop_back();
    all_t.insert(all_t.end(), t.begin(), t.end());
    worst.near(report.t == t, 1, 0, "the times that are reported");
    if (!is_uniform(all_t, T, worst)) return worst;

    std::vector<real> eps(x.size());
    for (size_t i = 0; i < x.size(); ++i) {
      const int time = t[i / Spy::D];
      eps[i] = (x[i] - std::sqrt(spy.c.bar[time]) * x_0[i]) / std::sqrt(spy.c.noise[time]);
    }
    const std::string line_4 = text("line 4: eps of step ", step);
    is_noise(eps, x_0, worst, line_4 + " beside x_0");
    is_noise(eps, before_eps, worst, line_4 + " beside the last step's");
    is_noise(eps, standardised(t, T), worst, line_4 + " beside t");
    const double allowed = 4 / std::sqrt(double(Spy::B));  // of B times
    const std::vector<real> now_t = standardised(t, T);
    worst.near(correlation(now_t, now_t, Spy::D), 0, allowed, "line 3: t beside the next image's");
    if (step > 1)
      worst.near(correlation(now_t, standardised(before_t, T), 0), 0, allowed, "line 3: t beside the last step's");
    before_eps = eps, before_t = t;

    const Descent d = descent(now, x, t, eps);
    worst.near(report.loss, d.loss, 1e-12, "line 5: the loss, step ", step);  // sums of 4000 numbers near 1
    double norm = 0;
    for (double g : d.gradient) norm += g * g;
    worst.near(report.grad_norm, std::sqrt(norm), 1e-12, "line 5: the gradient's norm, step ", step);
    const std::vector<real> got = numbers(spy.weights), got_average = numbers(average);
    for (size_t i = 0; i < got.size(); ++i) {
      const double want = weights[i] + textbook.moved(i, d.gradient[i], step, 0.01);
      // Rounding of the gradient, 1e-13, over the gradient, times the rate.
      worst.near(got[i], want, 1e-11, "line 5: weight ", i, " after step ", step);
      worst.near(got_average[i], 0.7 * averaged[i] + 0.3 * got[i], 1e-14, "the average of weight ", i);
    }
  }
  return worst;
}

ALGORITHM(2, "sampling: from noise, T steps back, with fresh noise in all but the last",
          "the noise between what the network is shown and line 4's mean, for both variances, clip or not") {
  Worst worst;
  for (const Variance choice : {Variance::beta, Variance::posterior})
    for (const bool clip : {false, true}) {
      Spy spy;
      const Tables& c = spy.c;
      const Schedule s = f.tables(short_betas());
      const auto progress = [](int) { return true; };
      const ReverseConfig config{choice, clip};
      const Tensor x_0 = f.sample(spy.predictor(), Shape{Spy::D}, s, config, 11, 0, Spy::B, progress);
      const std::string with = text(clip ? " with the clip" : "", choice == Variance::beta ? "" : ", beta tilde");
      worst.near(static_cast<double>(spy.x.size()), c.T, 0, "line 2: calls of the network", with);
      for (size_t k = 0; k < spy.t.size(); ++k)
        for (int t : spy.t[k]) worst.near(t, c.T - double(k), 0, "line 2: t of call ", k, with);
      if (!worst.ok()) return worst;
      spy.x.push_back(x_0.values());
      std::vector<real> z_before(spy.x[0].size());  // the last step's noise; at first x_T itself
      is_noise(spy.x[0], z_before, worst, "line 1: x_T" + with);
      for (int t = c.T; t >= 1; --t) {
        const std::vector<real>&x = spy.x[c.T - t], &next = spy.x[c.T - t + 1];
        const double beta_tilde = c.noise[t - 1] / c.noise[t] * c.beta[t];
        const double sigma = std::sqrt(choice == Variance::beta ? c.beta[t] : beta_tilde);
        std::vector<real> z(x.size());
        double largest = 0;
        for (size_t i = 0; i < x.size(); ++i) {
          const double eps = spy.eps_theta(x, t, static_cast<int>(i));
          double mean = (x[i] - (1 - c.alpha[t]) / std::sqrt(c.noise[t]) * eps) / std::sqrt(c.alpha[t]);
          if (clip) {  // Departure 2
            const double estimate = (x[i] - std::sqrt(c.noise[t]) * eps) / std::sqrt(c.bar[t]);
            const Normal before{std::sqrt(c.bar[t - 1]) * std::fmin(std::fmax(estimate, -1), 1), c.noise[t - 1]};
            mean = bayes(before, std::sqrt(c.alpha[t]), c.beta[t], x[i]).mean;
          }
          z[i] = (next[i] - mean) / (t > 1 ? sigma : 1);
          largest = std::fmax(largest, std::fabs(z[i]));
        }
        if (t == 1) {
          worst.near(largest, 0, 1e-13, "line 3: z = 0 at t = 1", with);  // rounding of the mean
          continue;
        }
        const std::string line_4 = text("line 4: z at t = ", t, with);
        is_noise(z, x, worst, line_4 + " beside x_t");
        is_noise(z, z_before, worst, line_4 + " beside the last step's");
        z_before = z;
      }
    }
  return worst;
}

}  // namespace equations
