// Linear algebra for small matrices (D, D) of doubles, row-major: eigenvalues, product and square
// root. The Frechet distance (ddpm/score/figures.h) needs them.
// Checked by: tests/ddpm/score/test_figures.cpp.
#pragma once

#include <vector>

namespace ddpm {

// Returns x, but 0 for a negative number, which rounding can make of 0. NaN stays NaN.
inline double not_negative(double x) { return x < 0 ? 0 : x; }

// Eigenvalues (D), in no particular order, and eigenvectors (D, D). Eigenvector k is column k.
struct Eigen {
  std::vector<double> values, vectors;
};
// Returns the eigenvalues and the orthonormal eigenvectors v_k of `a` (D, D), so that
// a = sum_k values[k] v_k v_k^T. All are NaN if the sum of the squares of a's elements is not finite.
// `a` must be symmetric; this is not checked. Source: Jacobi's method.
Eigen eigen(std::vector<double> a, int D);

// Returns the matrix product a b of two matrices (D, D), symmetric or not.
std::vector<double> multiply(const std::vector<double>& a, const std::vector<double>& b, int D);

// Returns the symmetric square root r (D, D), with r r = a, of a symmetric matrix `a` without negative
// eigenvalues. An eigenvalue that is negative due to rounding counts as 0.
std::vector<double> square_root(const std::vector<double>& a, int D);

}  // namespace ddpm
