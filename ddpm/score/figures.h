// Measures of sample quality, computed from a classifier's output for N images.
//   sure        fraction of images whose most probable class has a probability above 0.9
//   confidence  mean probability of the most probable class
//   inception   exp(mean of KL(p(class | image) || p(class))), 1..10. It is high if every image is clear
//               and all classes occur. Source: inception score, Salimans et al. 2016.
//   frechet     squared Frechet distance between two Gaussians: one fitted to the features of the images,
//               one to the features of training images. Source: FID, Heusel et al. 2017.
// The paper's IS and FID (Table 1) use the Inception network instead of our classifier. Our values
// can only be compared with each other, and only for the same N.
// Checked by: tests/ddpm/score/test_figures.cpp.
#pragma once

#include <array>
#include <vector>

#include "ddpm/score/classifier.h"

namespace ddpm {

// The classifier's output for N images, one row per image.
struct Judged {
  std::vector<double> probabilities;  // (N, 10)
  std::vector<double> features;       // (N, 64)
  // Returns N.
  int64_t size() const { return int64_t(probabilities.size()) / classes; }
};

// Appends the classifier's output for the images x (B, H, W, C) in [-1, 1] to `judged`: B rows. Throws Error
// as classify does.
void judge(const Classifier&, const Tensor& x, Judged& judged);

// Mean (D) and covariance (D, D) of a set of vectors.
struct Moments {
  std::vector<double> mean, covariance;
};
// Returns the sample mean and the sample covariance (divisor N - 1) of rows (N, D). Throws
// std::logic_error if N < 2.
Moments moments(const std::vector<double>& rows, int D);
// Returns whether the vectors differ from each other by more than rounding.
bool vary(const Moments&);

// Returns the squared Frechet distance of two Gaussians, with means mu and covariances S (D, D):
//   ||mu_a - mu_b||^2 + tr(S_a + S_b - 2 sqrt(sqrt(S_a) S_b sqrt(S_a)))
// Returns 0 where rounding errors make the value negative, and NaN if a number is NaN or the squares of the
// covariances overflow. Source: FID, Heusel et al. 2017.
double frechet_distance(const Moments& a, const Moments& b);

// The measures listed at the top of this file.
struct Figures {
  double sure, confidence, inception, frechet;
  std::array<int64_t, classes> histogram;  // number of images per most probable class
};
// Computes all measures. `reference` holds the moments of the training images' features (D = 64).
// Throws std::logic_error for fewer than two images, and Error if a measure is not finite.
Figures figures(const Judged&, const Moments& reference);

}  // namespace ddpm
