// Worlds with a known answer: data whose noised density q(x_t), and so the best
// possible ε*(x_t, t), are closed formulas in double. A Gaussian, a mixture of
// them and a finite set of points are all mixtures of Gaussians: one formula
// serves the three. Section 3.2 (ε* is the score), Eq. (14) (the loss it ends at).
// Rules: one or two dimensions; points have no density before noise is added,
// so that a set of them is asked for t >= 1 alone.
// Checked by: tests/ddpm/test_worlds.cpp.
#pragma once

#include <array>
#include <functional>
#include <vector>

#include "ddpm/losses.h"

namespace ddpm::test {

// A place in one or two dimensions; the second number is not read in one.
using Point = std::array<double, 2>;

// weight · N(mean, diag(variance)).
struct Component {
  double weight;
  Point mean, variance;
};

struct World {
  int D;                              // dimensions, 1 or 2
  std::vector<Component> components;  // weights add up to 1

  double log_density(const Point& x) const;  // in nats
  Point score(const Point& x) const;         // the gradient of log_density
};

World gaussian(double mean, double variance);               // in one dimension
World gaussian(const Point& mean, const Point& variance);   // in two
World finite_set(int D, const std::vector<Point>& points);  // each as likely as the next

// q(x_t) for t = 0..T, itself a mixture: every component goes through Eq. (4).
World noised(const World& data, const Schedule&, int t);

// Section 3.2:  eps*(x, t) = -sqrt(1 - alpha_bar_t) grad log q(x_t)
Point exact_noise(const World& data, const Schedule&, int t, const Point& x_t);
// The same for Algorithms 1 and 2: every D numbers of x_t (B, …) are a point. A
// picture of n numbers in a one-dimensional world is n independent draws.
NoisePredictor exact_noise(const World& data, const Schedule&);

// Mean and variance of x_0 given x_t, coordinate by coordinate.
struct Posterior {
  Point mean, variance;
};
Posterior posterior(const World& data, const Schedule&, int t, const Point& x_t);

// x_0 of the given shape (B, …), every D numbers a draw; row b from first.index + b.
Tensor draw(const World& data, const Shape& shape, Stream first);

// E[f(x)] for x ~ world, as a sum over a grid: q and f are smooth and q falls
// off like a Gaussian, where such sums are exact to many digits.
double expectation(const World&, const std::function<double(const Point&)>& f);

// The least that Eq. (14) can be at t: E[(ε − ε*)²], a mean over dimensions.
// Since ε* = E[ε | x_t], it is 1 − E[ε*²].
double loss_floor(const World& data, const Schedule&, int t);

// E[Var(x_{t−1} | x_t)], a mean over dimensions: the exact reverse variance, the
// σ_t² that Section 3.2 asks for (tests/ddpm/test_worlds_variance.cpp).
double reverse_variance(const World& data, const Schedule&, int t);

}  // namespace ddpm::test
