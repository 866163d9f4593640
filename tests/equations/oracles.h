// What the equations are compared with: the schedule's tables computed in another way, textbook formulas for
// normal distributions, sums over a grid, and exact expectations. Nothing here calls ddpm/.
// Checked by: each other, in the rows of Eq. (7), (8) and (22).
#pragma once

#include <functional>
#include <vector>

#include "tests/support/normal.h"

namespace ddpm::test::equations {

// beta_t, alpha_t, alpha_bar_t and 1 - alpha_bar_t for t = 0..T. log alpha_bar_t is computed as a sum of
// log(1 - beta_s) over s <= t.
struct Tables {
  int T;
  std::vector<double> beta, alpha, bar, noise;  // bar = alpha_bar, noise = 1 - alpha_bar
  explicit Tables(const std::vector<double>& betas);
};

std::vector<double> paper_betas();     // T = 1000, 1e-4 to 0.02
std::vector<double> short_betas();     // T = 6, 0.05 to 0.6, not monotonic: all terms matter
const std::vector<int>& some_times();  // of 1..1000, both ends included

double kl(Normal q, Normal p);          // KL(q || p), in closed form
double kl_on_grid(Normal q, Normal p);  // as a sum over a grid
// Returns the posterior of x given y, where x ~ prior and y ~ N(slope x, variance), by adding precisions.
Normal bayes(Normal prior, double slope, double variance, double y);
// Returns the same from the product of the two densities, summed over a grid.
Normal bayes_on_grid(Normal prior, double slope, double variance, double y);
// Return q(x_t | x_0), and q(x_{t-1} | x_t, x_0) by bayes().
Normal noised(const Tables&, int t, double x_0);
Normal posterior(const Tables&, int t, double x_0, double x_t);

// The moments of a density.
struct Summed {
  double mass, mean, variance;
};
// Returns the moments of a density, given by its logarithm, as sums over n points of [low, high]. For a
// smooth density that vanishes at both ends the error is smaller than every power of the step.
Summed sum_density(const std::function<double(double)>& log_density, double low, double high, int n = 400);

// Returns E[f(z)] for z ~ N(0, I) in n dimensions. Exact if f is a polynomial of degree 2.
double expectation(int n, const std::function<double(const std::vector<double>& z)>& f);

// Returns a number in (-2, 2), for inputs. Numbers with other arguments are independent of it.
double some_number(int name, int which = 0);

}  // namespace ddpm::test::equations
