// Worlds: made-up data in one or two dimensions whose noised density q(x_t), and so the best possible
// noise predictor eps*(x_t, t), are closed formulas in double. Normal distributions, mixtures of them and
// finite sets of points are all mixtures of normal distributions, so one formula serves them all.
// Source: Section 3.2 (eps* is the score of q(x_t)), Eq. (14) (the loss that eps* has).
// A point has no density before noise is added: ask for a finite set at t >= 1 only.
// Checked by: tests/support/test_worlds.cpp.
#pragma once

#include <array>
#include <functional>
#include <vector>

#include "ddpm/losses.h"

namespace ddpm::test {

// A point in one or two dimensions. In one dimension the second number is ignored.
using Point = std::array<double, 2>;

// weight N(mean, diag(variance)).
struct Component {
  double weight;
  Point mean, variance;
};

struct World {
  int D;                              // dimensions, 1 or 2
  std::vector<Component> components;  // weights sum to 1

  double log_density(const Point& x) const;  // in nats
  Point score(const Point& x) const;         // the gradient of log_density
  double cdf(double x) const;                // the distribution function, in one dimension
};

World gaussian(double mean, double variance);               // in one dimension
World gaussian(const Point& mean, const Point& variance);   // in two dimensions
World finite_set(int D, const std::vector<Point>& points);  // all points have the same probability

// The worlds that several tests use: a mixture with unequal humps in one dimension; a mixture and a normal
// distribution in two dimensions, with unequal variances.
inline const World lopsided{1, {{0.3, {-0.6, 0}, {0.04, 1}}, {0.7, {0.5, 0}, {0.01, 1}}}};
inline const World tilted{2, {{0.25, {-0.5, 0.4}, {0.09, 0.02}}, {0.75, {0.6, -0.1}, {0.04, 0.25}}}};
inline const World oblong{2, {{1, {0.3, -0.4}, {0.25, 0.04}}}};

// Returns q(x_t) for t = 0..T. It is a mixture too: each component is noised by Eq. (4).
World noised(const World& data, const Schedule&, int t);

// Section 3.2:  eps*(x, t) = -sqrt(1 - alpha_bar_t) grad log q(x_t)
Point exact_noise(const World& data, const Schedule&, int t, const Point& x_t);
// Returns eps* as a noise predictor. Each D consecutive numbers of x_t (B, ...) are a point: an image of n
// numbers in a one-dimensional world is n independent draws.
NoisePredictor exact_noise(const World& data, const Schedule&);

// The mean and the variance of each coordinate of x_0 given x_t.
struct Posterior {
  Point mean, variance;
};
Posterior posterior(const World& data, const Schedule&, int t, const Point& x_t);

// Draws x_0 of the given shape (B, ...): each D consecutive numbers are a point. Image b uses the stream with
// index first.index + b.
Tensor draw(const World& data, const Shape& shape, Stream first);

// Returns E[f(x)] for x ~ world, as a sum over a grid. Such sums are exact to many digits, because f is
// smooth and the density falls off like a normal one.
double expectation(const World&, const std::function<double(const Point&)>& f);

// Returns the minimum of Eq. (14) at t: E[(eps - eps*)^2], a mean over dimensions. Since
// eps* = E[eps | x_t], it is 1 - E[eps*^2].
double minimum_loss(const World& data, const Schedule&, int t);

// Returns E[Var(x_{t-1} | x_t)], a mean over dimensions: the best sigma_t^2, which Section 3.2 discusses
// (tests/ddpm/test_worlds_variance.cpp).
double reverse_variance(const World& data, const Schedule&, int t);

}  // namespace ddpm::test
