// See ddpm/score/figures.h. Checked by: tests/ddpm/score/test_figures.cpp.
#include "ddpm/score/figures.h"

#include <algorithm>
#include <cmath>

#include "ddpm/score/symmetric.h"

namespace ddpm {

void judge(const Classifier& classifier, const Tensor& x, Judged& judged) {
  const auto [features, logits] = classify(classifier, x);
  judged.features.insert(judged.features.end(), features.data(), features.data() + features.size());
  for (int b = 0; b < x.dim(0); ++b) {
    const real* row = logits.data() + int64_t(b) * classes;
    const double largest = *std::max_element(row, row + classes);
    double sum = 0;
    for (int k = 0; k < classes; ++k) sum += std::exp(row[k] - largest);
    for (int k = 0; k < classes; ++k) judged.probabilities.push_back(std::exp(row[k] - largest) / sum);
  }
}

Moments moments(const std::vector<double>& rows, int D) {
  const auto N = int64_t(rows.size()) / D;
  ENSURE(N >= 2, N);
  Moments result{std::vector<double>(D), std::vector<double>(int64_t(D) * D)};
  for (int64_t n = 0; n < N; ++n)
    for (int i = 0; i < D; ++i) result.mean[i] += rows[n * D + i] / double(N);
  for (int64_t n = 0; n < N; ++n)
    for (int i = 0; i < D; ++i)
      for (int j = 0; j < D; ++j)
        result.covariance[i * D + j] +=
            (rows[n * D + i] - result.mean[i]) * (rows[n * D + j] - result.mean[j]) / double(N - 1);
  return result;
}

bool vary(const Moments& m) {
  const int D = int(m.mean.size());
  double variances = 0, squares = 0;
  for (int i = 0; i < D; ++i) variances += m.covariance[i * D + i], squares += m.mean[i] * m.mean[i];
  return variances > 1e-12 * squares;
}

double frechet_distance(const Moments& a, const Moments& b) {
  const int D = int(a.mean.size());
  double distance = 0;
  for (int i = 0; i < D; ++i) {
    const double difference = a.mean[i] - b.mean[i];
    distance += difference * difference + a.covariance[i * D + i] + b.covariance[i * D + i];
  }
  // The trace of a matrix's square root is the sum of the square roots of the matrix's eigenvalues.
  const std::vector<double> root = square_root(a.covariance, D);
  const std::vector<double> product = multiply(multiply(root, b.covariance, D), root, D);
  for (const double eigenvalue : eigen(product, D).values)
    distance -= 2 * std::sqrt(not_negative(eigenvalue));
  return not_negative(distance);
}

Figures figures(const Judged& judged, const Moments& reference) {
  const int64_t N = judged.size();
  Figures result{};
  std::array<double, classes> mean{};
  for (int64_t n = 0; n < N; ++n) {
    const double* p = &judged.probabilities[n * classes];
    const double* most = std::max_element(p, p + classes);
    ++result.histogram[most - p];
    result.sure += (*most > 0.9) / double(N);
    result.confidence += *most / double(N);
    for (int k = 0; k < classes; ++k) mean[k] += p[k] / double(N);
  }
  double kl = 0;
  for (int64_t n = 0; n < N; ++n)
    for (int k = 0; k < classes; ++k) {
      const double p = judged.probabilities[n * classes + k];
      if (p != 0) kl += p * std::log(p / mean[k]) / double(N);
    }
  result.inception = std::exp(kl);
  result.frechet = frechet_distance(moments(judged.features, feature_count), reference);
  for (const double figure : {result.sure, result.confidence, result.inception, result.frechet})
    if (!std::isfinite(figure))
      fail("a figure of the score is not finite: the classifier's output is too large");
  return result;
}

}  // namespace ddpm
