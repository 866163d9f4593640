// Figures of sample quality, from what a classifier says of images.
//   sure        the share of images with a class above 0.9
//   confidence  the mean of the largest class probability
//   inception   exp of the mean KL(p(class | image) ‖ p(class)), 1..10: high when
//               every image is clear and all classes occur (Salimans et al. 2016)
//   frechet     the distance between two Gaussians fitted to the classifier's
//               features of the images and of training images (Heusel et al. 2017)
// The paper's FID and IS (Table 1) are these with the Inception network: our
// numbers compare with each other only, and only at the same number of images.
// Checked by: tests/test_score.cpp.
#pragma once

#include <array>
#include <vector>

#include "ddpm/score/classifier.h"

namespace ddpm {

// What the classifier says of N images, row by row.
struct Judged {
  std::vector<double> probabilities;  // (N, 10)
  std::vector<double> features;       // (N, 64)
  int64_t size() const { return int64_t(probabilities.size()) / classes; }
};

// Appends the judgement of images x (B,H,W,C).
void judge(const Classifier&, const Tensor& x, Judged& judged);

// The mean (D) and covariance (D, D), divided by N − 1, of N rows. Needs N ≥ 2.
struct Moments {
  std::vector<double> mean, covariance;
};
Moments moments(const std::vector<double>& rows, int D);

// |μ_a − μ_b|² + tr(Σ_a + Σ_b − 2 (Σ_a^½ Σ_b Σ_a^½)^½), at least 0.
double frechet_distance(const Moments& a, const Moments& b);

struct Figures {
  double sure, confidence, inception, frechet;
  std::array<int64_t, classes> histogram;  // images whose most probable class it is
};
// Needs at least two images.
Figures figures(const Judged&, const Moments& reference);

}  // namespace ddpm
