// Symmetric matrices (D, D), small and in double: eigenvalues by Jacobi's
// rotations, and the root that the Fréchet distance needs.
// Checked by: tests/test_score.cpp.
#pragma once

#include <vector>

namespace ddpm {

// a = Σ_k values[k] v_k v_kᵀ, v_k = column k of vectors (D, D), orthonormal.
struct Eigen {
  std::vector<double> values, vectors;
};
Eigen eigen(std::vector<double> a, int D);

// a b, both (D, D), any matrices.
std::vector<double> multiply(const std::vector<double>& a, const std::vector<double>& b, int D);

// The root r, r r = a, of a matrix without negative eigenvalues (those that
// rounding made negative count as 0).
std::vector<double> square_root(const std::vector<double>& a, int D);

}  // namespace ddpm
