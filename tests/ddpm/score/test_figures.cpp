// Checks the figures of the score (ddpm/score/figures.cpp) and the matrix functions that they use
// (ddpm/score/symmetric.cpp) against closed forms.
#include <doctest/doctest.h>

#include <cmath>

#include "ddpm/score/figures.h"
#include "ddpm/score/symmetric.h"
#include "tests/support/near.h"
#include "tests/support/scratch.h"
#include "tests/support/normal.h"

namespace ddpm::test {

namespace {

// Returns a random symmetric matrix (D,D).
std::vector<double> random_symmetric(int D) {
  const Tensor a = normal({D, D}, 0);
  std::vector<double> s(size_t(D) * D);
  for (int i = 0; i < D; ++i)
    for (int j = 0; j < D; ++j) s[i * D + j] = a.data()[i * D + j] + a.data()[j * D + i];
  return s;
}

// Returns q diag(values) q^T with the orthonormal q of a random symmetric matrix.
std::vector<double> rotated(const std::vector<double>& values) {
  const int D = int(values.size());
  const std::vector<double> q = eigen(random_symmetric(D), D).vectors;
  std::vector<double> a(q.size());
  for (int i = 0; i < D; ++i)
    for (int j = 0; j < D; ++j)
      for (int k = 0; k < D; ++k) a[i * D + j] += q[i * D + k] * values[k] * q[j * D + k];
  return a;
}

// Returns judgements with these probabilities, a row for each image. Every feature is 0.
Judged judged(const std::vector<std::vector<double>>& probabilities) {
  Judged j;
  for (const auto& row : probabilities) j.probabilities.insert(j.probabilities.end(), row.begin(), row.end());
  j.features.assign(probabilities.size() * feature_count, 0);
  return j;
}
// Returns the probability p for class k, and equal ones for the others.
std::vector<double> sure_of(int k, double p) {
  std::vector<double> row(classes, (1 - p) / (classes - 1));
  row[k] = p;
  return row;
}
// The moments of features that are 0.
const Moments zero_moments{std::vector<double>(feature_count),
                           std::vector<double>(feature_count* feature_count)};

}  // namespace

// Tolerance: the rounding of a few thousand operations in double on numbers near 1.
TEST_CASE("symmetric: a matrix is the product of its eigenvectors and eigenvalues") {
  for (const int D : {1, 2, 5, 64}) {
    const std::vector<double> a = random_symmetric(D);
    const Eigen e = eigen(a, D);
    std::vector<double> rebuilt(a.size());
    for (int i = 0; i < D; ++i)
      for (int j = 0; j < D; ++j)
        for (int k = 0; k < D; ++k)
          rebuilt[i * D + j] += e.vectors[i * D + k] * e.values[k] * e.vectors[j * D + k];
    CHECK(mismatch(rebuilt.data(), a.data(), int64_t(a.size()), 1e-11) == "");
  }
}

TEST_CASE("symmetric: the square of the square root is the matrix") {
  const std::vector<double> a = rotated({4, 1, 0.25, 0}), root = square_root(a, 4);
  CHECK(mismatch(multiply(root, root, 4).data(), a.data(), 16, 1e-12) == "");
}

TEST_CASE("figures: the moments of three points") {
  const Moments m = moments({1, 0, 2, 0, 3, 3}, 2);
  CHECK(m.mean == std::vector<double>{2, 1});
  CHECK(mismatch(m.covariance.data(), std::vector<double>{1, 1.5, 1.5, 3}.data(), 4, 1e-14) == "");
}

TEST_CASE("figures: the Frechet distance of two Gaussians is its closed form") {
  // If both covariances have the same axes, it is |mu_a - mu_b|^2 + sum over k of (sigma_ak - sigma_bk)^2.
  const Moments a{{1, 2, 3}, rotated({4, 1, 9})}, b{{1, 0, 3.5}, rotated({1, 1, 0.25})};
  CHECK(near(frechet_distance(a, b), 4 + 0.25 + 1 + 0 + 6.25, 1e-12));
  CHECK(near(frechet_distance(b, a), frechet_distance(a, b), 1e-12));
  CHECK(near(frechet_distance(a, a), 0, 1e-12));
  // With other axes, in two dimensions, tr(sqrt(C D))^2 = tr(C D) + 2 sqrt(det(C D)).
  const Moments c{{0, 0}, {2, 1, 1, 3}}, d{{0, 0}, {1, 0, 0, 5}};
  CHECK(near(frechet_distance(c, d), 5 + 6 - 2 * std::sqrt(2 + 15 + 2 * std::sqrt(5.0 * 5)), 1e-12));
}

TEST_CASE("figures: vectors that differ by rounding alone do not vary") {
  CHECK_FALSE(vary(moments({1e3, 2, 1e3, 2}, 2)));
  CHECK_FALSE(vary(moments({1e3, 2, 1e3 * (1 + 1e-15), 2}, 2)));
  CHECK(vary(moments({1e3, 2, 1e3, 2.1}, 2)));
  CHECK_FALSE(vary(moments({0, 0, 0, 0}, 2)));
}

TEST_CASE("figures: a NaN or an overflow never becomes a distance or another figure") {
  const Moments one{{0, 0}, {1, 0, 0, 1}};
  const std::vector<double> none(2, NAN), large{1e160, 1, 1, 1e160};
  CHECK(std::isnan(eigen({1, NAN, NAN, 1}, 2).values[0]));
  CHECK(std::isnan(eigen(large, 2).values[1]));
  CHECK(std::isnan(square_root(large, 2)[0]));
  CHECK(std::isnan(frechet_distance({none, one.covariance}, one)));
  CHECK(std::isnan(frechet_distance(one, {one.mean, {1, 0, 0, NAN}})));
  CHECK(std::isnan(frechet_distance(one, {one.mean, large})));

  const std::string says = "a figure of the score is not finite";
  Judged unlikely = judged({sure_of(0, 1), sure_of(1, 1)});
  for (const size_t k : {size_t(9), size_t(19)}) unlikely.probabilities[k] = NAN;
  CHECK(contains(error_of([&] { figures(unlikely, zero_moments); }), says));
  Judged lost = judged({sure_of(0, 1), sure_of(1, 1)});
  lost.features[0] = NAN;
  CHECK(contains(error_of([&] { figures(lost, zero_moments); }), says));
}

TEST_CASE("figures: of known judgements") {
  std::vector<std::vector<double>> every_class, undecided(20, std::vector<double>(classes, 0.1)), one_class;
  for (int k = 0; k < classes; ++k)
    every_class.push_back(sure_of(k, 1)), one_class.push_back(sure_of(3, 0.8));
  const Figures best = figures(judged(every_class), zero_moments);
  CHECK(near(best.sure, 1, 1e-14));
  CHECK(near(best.confidence, 1, 1e-14));
  CHECK(near(best.inception, 10, 1e-12));
  CHECK(near(best.frechet, 0, 1e-12));
  for (const int64_t images : best.histogram) CHECK(images == 1);
  const Figures worst = figures(judged(undecided), zero_moments);
  CHECK(worst.sure == 0);
  CHECK(near(worst.confidence, 0.1, 1e-14));
  CHECK(near(worst.inception, 1, 1e-12));
  const Figures threes = figures(judged(one_class), zero_moments);
  CHECK(threes.sure == 0);                  // 0.8 is not above 0.9
  CHECK(near(threes.inception, 1, 1e-12));  // clear images, but all of one class
  CHECK(threes.histogram[3] == 10);
  CHECK(near(figures(judged({sure_of(0, 0.95), sure_of(1, 0.85)}), zero_moments).sure, 0.5, 1e-14));
}

}  // namespace ddpm::test
