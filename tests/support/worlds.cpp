// Mixtures of normal distributions under the forward process: see worlds.h.
#include "tests/support/worlds.h"

#include <algorithm>
#include <cmath>

#include "ddpm/posterior.h"
#include "kernels/kernels.h"
#include "tests/support/normal.h"

namespace ddpm::test {

namespace {

// Returns log(weight N(x; mean, diag(variance))).
double log_term(const Component& c, int D, const Point& x) {
  double sum = std::log(c.weight);
  for (int i = 0; i < D; ++i) sum += normal_log_density(x[i], c.mean[i], c.variance[i]);
  return sum;
}

// Returns the probability that x was drawn from component c.
double responsibility(const World& world, const Component& c, const Point& x, double log_density) {
  return std::exp(log_term(c, world.D, x) - log_density);
}

Component noised(const Component& c, const Schedule& s, int t) {
  Component out = c;
  for (int i = 0; i < 2; ++i) {
    // Eq. (4) for x_0 ~ N(m, v):  mean sqrt(alpha_bar_t) m, variance alpha_bar_t v + 1 - alpha_bar_t
    out.mean[i] = std::sqrt(s.alpha_bar[t]) * c.mean[i];
    out.variance[i] = s.alpha_bar[t] * c.variance[i] + s.one_minus_alpha_bar[t];
  }
  return out;
}

Point scaled(double factor, const Point& x) { return {factor * x[0], factor * x[1]}; }

}  // namespace

double World::log_density(const Point& x) const {
  double highest = -INFINITY, sum = 0;
  for (const Component& c : components) highest = std::max(highest, log_term(c, D, x));
  for (const Component& c : components) sum += std::exp(log_term(c, D, x) - highest);
  return highest + std::log(sum);
}

Point World::score(const Point& x) const {
  const double total = log_density(x);
  Point sum{};
  for (const Component& c : components)
    for (int i = 0; i < D; ++i)
      sum[i] += responsibility(*this, c, x, total) * (c.mean[i] - x[i]) / c.variance[i];
  return sum;
}

double World::cdf(double x) const {
  double sum = 0;
  for (const Component& c : components) sum += c.weight * normal_cdf(x, c.mean[0], c.variance[0]);
  return sum;
}

World gaussian(double mean, double variance) { return {1, {{1, {mean, 0}, {variance, 1}}}}; }

World gaussian(const Point& mean, const Point& variance) { return {2, {{1, mean, variance}}}; }

World finite_set(int D, const std::vector<Point>& points) {
  World world{D, {}};
  for (const Point& x : points) world.components.push_back({1.0 / points.size(), x, {0, 0}});
  return world;
}

World noised(const World& data, const Schedule& s, int t) {
  World world{data.D, {}};
  for (const Component& c : data.components) world.components.push_back(noised(c, s, t));
  return world;
}

Point exact_noise(const World& data, const Schedule& s, int t, const Point& x_t) {
  s.ensure_time(t);
  return scaled(-std::sqrt(s.one_minus_alpha_bar[t]), noised(data, s, t).score(x_t));
}

NoisePredictor exact_noise(const World& data, const Schedule& s) {
  std::vector<World> q;  // q(x_0), ..., q(x_T)
  for (int t = 0; t <= s.T; ++t) q.push_back(noised(data, s, t));
  return [s, q, D = data.D](Tape&, const Tensor& x_t, const std::vector<int>& t) {
    Tensor eps(x_t.shape());
    const int64_t n = x_t.size() / x_t.dim(0);
    for (int64_t k = 0; k < x_t.size(); k += D) {
      const int time = t[k / n];
      const real* x = x_t.data() + k;
      const Point score = q[time].score({x[0], D == 2 ? x[1] : 0});
      for (int i = 0; i < D; ++i)
        eps.data()[k + i] = real(-std::sqrt(s.one_minus_alpha_bar[time]) * score[i]);
    }
    return eps;
  };
}

Posterior posterior(const World& data, const Schedule& s, int t, const Point& x_t) {
  const World q = noised(data, s, t);
  const double total = q.log_density(x_t), signal = std::sqrt(s.alpha_bar[t]);
  Posterior out{};
  for (size_t k = 0; k < q.components.size(); ++k) {
    const Component &c = data.components[k], &seen = q.components[k];
    const double r = responsibility(q, seen, x_t, total);
    for (int i = 0; i < data.D; ++i) {
      // Given component k, x_0 and x_t are jointly normal: condition x_0 on x_t.
      const double gain = signal * c.variance[i] / seen.variance[i];
      const double mean = c.mean[i] + gain * (x_t[i] - seen.mean[i]);
      out.mean[i] += r * mean;
      out.variance[i] += r * (c.variance[i] * (1 - gain * signal) + mean * mean);
    }
  }
  for (int i = 0; i < data.D; ++i) out.variance[i] -= out.mean[i] * out.mean[i];
  return out;
}

Tensor draw(const World& data, const Shape& shape, Stream first) {
  Tensor x(shape);
  const int64_t rows = shape.at(0), n = x.size() / rows;
  std::vector<real> z(n), u(n);
  for (int64_t b = 0; b < rows; ++b) {
    Stream stream = first;
    stream.index += uint32_t(b);
    kernels::fill_normal(n, stream, z.data());
    stream.seed += uint64_t(1) << 32;  // another key: u, which chooses the component, is independent of z
    kernels::fill_uniform(n, stream, u.data());
    for (int64_t k = 0; k < n; ++k) {
      const size_t i = k % data.D;
      double left = u[k - i];  // the same component for all coordinates of a point
      auto c = data.components.begin();
      while ((left -= c->weight) > 0 && c + 1 != data.components.end()) ++c;
      x.data()[b * n + k] = real(c->mean[i] + std::sqrt(c->variance[i]) * z[k]);
    }
  }
  return x;
}

double expectation(const World& world, const std::function<double(const Point&)>& f) {
  // The grid reaches 10 standard deviations beyond the outermost means. Its step is a quarter of the
  // smallest standard deviation.
  Point low{0, 0}, step{1, 1};
  int n[2] = {1, 1};
  for (int i = 0; i < world.D; ++i) {
    double first = INFINITY, last = -INFINITY, narrow = INFINITY;
    for (const Component& c : world.components) {
      const double deviation = std::sqrt(c.variance[i]);
      first = std::min(first, c.mean[i] - 10 * deviation);
      last = std::max(last, c.mean[i] + 10 * deviation);
      narrow = std::min(narrow, deviation);
    }
    low[i] = first, step[i] = narrow / 4;
    n[i] = int((last - first) / step[i]) + 1;
  }
  double sum = 0;
  for (int a = 0; a < n[0]; ++a)
    for (int b = 0; b < n[1]; ++b) {
      const Point x{low[0] + a * step[0], low[1] + b * step[1]};
      sum += std::exp(world.log_density(x)) * f(x) * step[0] * step[1];
    }
  return sum;
}

double minimum_loss(const World& data, const Schedule& s, int t) {
  return 1 - expectation(noised(data, s, t), [&](const Point& x) {
           const Point eps = exact_noise(data, s, t, x);
           return (eps[0] * eps[0] + (data.D == 2 ? eps[1] * eps[1] : 0)) / data.D;
         });
}

double reverse_variance(const World& data, const Schedule& s, int t) {
  // Var(x_{t-1} | x_t) = beta_tilde_t + (coefficient of x_0)^2 Var(x_0 | x_t), by Eq. (7), where
  // Var(x_0 | x_t) is the loss's minimum in units of x_0, by Eq. (15).
  const double of_x0 = minimum_loss(data, s, t) * s.one_minus_alpha_bar[t] / s.alpha_bar[t];
  return posterior_variance(s, t) + std::pow(posterior_coefficients(s, t).x_0, 2) * of_x0;
}

}  // namespace ddpm::test
