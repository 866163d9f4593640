// See ddpm/score/symmetric.h. Checked by: tests/ddpm/score/test_figures.cpp.
#include "ddpm/score/symmetric.h"

#include <cmath>
#include <cstddef>

namespace ddpm {

namespace {

// Rotates columns p and q of m (D, D) in place, by the angle with the given cosine and sine.
void rotate_columns(std::vector<double>& m, int D, int p, int q, double cosine, double sine) {
  for (int i = 0; i < D; ++i) {
    double &x = m[i * D + p], &y = m[i * D + q];
    const double rotated = cosine * x - sine * y;
    y = sine * x + cosine * y;
    x = rotated;
  }
}

// Rotates rows p and q of m (D, D) in place, by the same angle as rotate_columns.
void rotate_rows(std::vector<double>& m, int D, int p, int q, double cosine, double sine) {
  for (int j = 0; j < D; ++j) {
    double &x = m[p * D + j], &y = m[q * D + j];
    const double rotated = cosine * x - sine * y;
    y = sine * x + cosine * y;
    x = rotated;
  }
}

// Returns the sum of the squares of all elements outside the diagonal.
double off_diagonal(const std::vector<double>& a, int D) {
  double sum = 0;
  for (int i = 0; i < D; ++i)
    for (int j = 0; j < D; ++j)
      if (i != j) sum += a[i * D + j] * a[i * D + j];
  return sum;
}

}  // namespace

// Jacobi's method. Each rotation sets one pair of off-diagonal elements, a[p, q] and a[q, p], to
// zero. The sweeps over all pairs converge quadratically.
Eigen eigen(std::vector<double> a, int D) {
  double all = 0;
  for (const double x : a) all += x * x;
  if (!std::isfinite(all)) return {std::vector<double>(D, NAN), std::vector<double>(size_t(D) * D, NAN)};
  Eigen result{std::vector<double>(D), std::vector<double>(size_t(D) * D)};
  for (int i = 0; i < D; ++i) result.vectors[i * D + i] = 1;
  for (int sweep = 0; sweep < 50 && off_diagonal(a, D) > 1e-30 * all; ++sweep)
    for (int p = 0; p < D; ++p)
      for (int q = p + 1; q < D; ++q) {
        if (a[p * D + q] == 0) continue;
        const double slope = (a[q * D + q] - a[p * D + p]) / (2 * a[p * D + q]);
        const double tangent = std::copysign(1, slope) / (std::fabs(slope) + std::hypot(slope, 1));
        const double cosine = 1 / std::hypot(tangent, 1), sine = tangent * cosine;
        rotate_columns(a, D, p, q, cosine, sine);
        rotate_rows(a, D, p, q, cosine, sine);
        rotate_columns(result.vectors, D, p, q, cosine, sine);
      }
  for (int i = 0; i < D; ++i) result.values[i] = a[i * D + i];
  return result;
}

std::vector<double> multiply(const std::vector<double>& a, const std::vector<double>& b, int D) {
  std::vector<double> c(size_t(D) * D);
  for (int i = 0; i < D; ++i)
    for (int k = 0; k < D; ++k)
      for (int j = 0; j < D; ++j) c[i * D + j] += a[i * D + k] * b[k * D + j];
  return c;
}

std::vector<double> square_root(const std::vector<double>& a, int D) {
  const Eigen e = eigen(a, D);
  std::vector<double> scaled = e.vectors, transposed(size_t(D) * D);
  for (int i = 0; i < D; ++i)
    for (int k = 0; k < D; ++k) {
      scaled[i * D + k] *= std::sqrt(not_negative(e.values[k]));
      transposed[k * D + i] = e.vectors[i * D + k];
    }
  return multiply(scaled, transposed, D);
}

}  // namespace ddpm
