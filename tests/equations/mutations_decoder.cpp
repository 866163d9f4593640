// Wrong versions of Eq. (13): see mutations.h.
#include <cmath>

#include "tests/equations/mutations.h"
#include "tests/equations/oracles.h"

namespace equations {

namespace {

constexpr double half = 1 / 255.0;  // half a bin

// One factor of Eq. (13), written out.
using Factor = double (*)(double x, double mean, double sigma);

// The mass between two points, in logarithms; fine for likely bins.
double log_mass(double low, double high, double mean, double sigma) {
  const auto below = [&](double x) { return 0.5 * std::erfc(-(x - mean) / sigma / std::sqrt(2.0)); };
  const auto above = [&](double x) { return 0.5 * std::erfc((x - mean) / sigma / std::sqrt(2.0)); };
  return std::log(low > mean ? above(low) - above(high) : below(high) - below(low));
}
// x + outward, or infinity beyond the first and the last level.
double edge(double x, double outward) {
  return std::fabs(x) == 1 && x * outward > 0 ? x * INFINITY : x + outward;
}
double as_printed(double x, double m, double sd) { return log_mass(edge(x, -half), edge(x, half), m, sd); }

// Out where the plain difference has no digits the mutation lies in the likely bins alone.
double where_likely(Factor f, double x, double mean, double variance) {
  const double right = ::log_level_probability(x, mean, variance);
  return right > -10 ? f(x, mean, std::sqrt(variance)) : right;
}
Mutation factor(const char* what, Factor f) {
  return {equation(13), what, [f](Formulas& formulas) {
            formulas.log_level_probability = [f](double x, double mean, double variance) {
              return where_likely(f, x, mean, variance);
            };
          }};
}

// The product over dimensions, from what is added for each number: b is its image, i its
// place in the batch.
using Add = void (*)(PerImage& sums, int b, int i, double log_factor);
Mutation product(const char* what, Add add) {
  return {equation(13), what, [add](Formulas& f) {
            f.decoder_log_likelihood = [add](const Tensor& x_0, const Tensor& mean, double variance) {
              const int B = x_0.dim(0), n = static_cast<int>(x_0.size()) / B;
              PerImage sums(B);
              for (int i = 0; i < B * n; ++i)
                add(sums, i / n, i, as_printed(x_0.data()[i], mean.data()[i], std::sqrt(variance)));
              return sums;
            };
          }};
}

}  // namespace

#define FACTOR(what, ...) factor(what, [](double x, double m, double sd) { return __VA_ARGS__; })
#define PRODUCT(what, ...) \
  product(what, [](PerImage& sums, [[maybe_unused]] int b, [[maybe_unused]] int i, double l) { __VA_ARGS__; })

std::vector<Mutation> decoder_mutations() {
  return {
      FACTOR("as printed", as_printed(x, m, sd)),
      FACTOR("bins twice as wide", log_mass(edge(x, -2 * half), edge(x, 2 * half), m, sd)),
      FACTOR("bins half as wide", log_mass(edge(x, -half / 2), edge(x, half / 2), m, sd)),
      FACTOR("1/256 for 1/255", log_mass(edge(x, -1 / 256.0), edge(x, 1 / 256.0), m, sd)),
      FACTOR("delta_+ half a bin low", log_mass(edge(x, -half), edge(x, 0), m, sd)),
      FACTOR("delta_- half a bin high", log_mass(edge(x, 0), edge(x, half), m, sd)),
      FACTOR("both half a bin low", log_mass(edge(x, -2 * half), edge(x, 0), m, sd)),
      FACTOR("no infinite edges", log_mass(x - half, x + half, m, sd)),
      FACTOR("infinity at 1 only", log_mass(x - half, edge(x, half), m, sd)),
      FACTOR("-infinity at -1 only", log_mass(edge(x, -half), x + half, m, sd)),
      FACTOR("infinity from 254/255 on", log_mass(edge(x, -half), x > 0.99 ? INFINITY : x + half, m, sd)),
      FACTOR("sigma^2 for sigma", log_mass(edge(x, -half), edge(x, half), m, sd * sd)),
      FACTOR("sqrt(sigma) for sigma", log_mass(edge(x, -half), edge(x, half), m, std::sqrt(sd))),
      FACTOR("the mean's sign", log_mass(edge(x, -half), edge(x, half), -m, sd)),
      FACTOR("the mean left out", log_mass(edge(x, -half), edge(x, half), 0 * m, sd)),
      FACTOR("the density for the integral", log_bell(x, m, sd * sd) + std::log(2 * half)),
      FACTOR("the density alone", log_bell(x, m, sd * sd)),
      FACTOR("the mass, not its logarithm", std::exp(as_printed(x, m, sd))),
      FACTOR("the logarithm's sign", -as_printed(x, m, sd)),
      FACTOR("log to base 2", as_printed(x, m, sd) / std::log(2.0)),

      PRODUCT("as printed", sums[b] += l),
      PRODUCT("the last dimension alone", sums[b] = l),
      PRODUCT("the sum of the factors", sums[b] += std::exp(l)),
      PRODUCT("the mean over dimensions", sums[b] += l / 3),
      PRODUCT("all images together", sums[0] += l; sums[1] = sums[0]),
      PRODUCT("the first dimension left out", if (i % 3) sums[b] += l),
      PRODUCT("the product's sign", sums[b] -= l),
  };
}

}  // namespace equations
