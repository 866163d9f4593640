// What the equations are checked against: the tables computed another way,
// Gaussian identities in their textbook forms, sums over a grid, and exact
// expectations. Nothing here calls ddpm/.
// Checked by: each other, in the rows of Eq. (7), (8) and (22).
#pragma once

#include <functional>
#include <vector>

namespace ddpm::test::equations {

// β_t, α_t, ᾱ_t and 1 − ᾱ_t for t = 0..T, by ᾱ_t = exp(Σ log(1 − β_s)).
struct Tables {
  int T;
  std::vector<double> beta, alpha, bar, noise;
  explicit Tables(const std::vector<double>& betas);
};

std::vector<double> paper_betas();     // T = 1000, 1e-4 to 0.02
std::vector<double> short_betas();     // T = 6, 0.05 to 0.6: no symmetry, all terms matter
const std::vector<int>& some_times();  // of 1..1000, both ends included

double log_bell(double x, double mean, double variance);  // log N(x; mean, variance)

struct Normal {
  double mean, variance;
};
double kl(Normal q, Normal p);          // KL(q ‖ p), in closed form
double kl_on_grid(Normal q, Normal p);  // the same as a sum over a grid
// x ~ prior, y ~ N(slope x, variance) is seen: the law of x, precisions added.
Normal bayes(Normal prior, double slope, double variance, double y);
// The same from the product of the two densities, summed over a grid.
Normal bayes_on_grid(Normal prior, double slope, double variance, double y);
// q(x_t | x_0), and q(x_{t−1} | x_t, x_0) by bayes().
Normal noised(const Tables&, int t, double x_0);
Normal posterior(const Tables&, int t, double x_0, double x_t);

// Moments of a density given as its logarithm, summed over n points of
// [low, high]; sums of smooth functions that vanish at the ends are exact
// beyond all powers of the step.
struct Summed {
  double mass, mean, variance;
};
Summed sum_density(const std::function<double(double)>& log_density, double low, double high, int n = 400);

// E[f(z)] for z ~ N(0, I) in n dimensions: exact if f is of second degree.
double expectation(int n, const std::function<double(const std::vector<double>& z)>& f);

// Reproducible numbers in (−2, 2), for inputs; those of different names are
// independent (Philox).
double some_number(int name, int which = 0);

}  // namespace ddpm::test::equations
