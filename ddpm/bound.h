// The variational bound on -log p_theta(x_0): Eq. (3) along one path x_0, ..., x_T, and the terms
// L_0, ..., L_T of Eq. (5). Source: Section 2, Section 3.3, appendix A; clipping x_0_hat and drawing
// the noise once per t follow the official code.
// Units: nats, summed over each image's D = H W C dimensions; bits_per_dim converts them.
// Shapes: x_0 and every x_t are (B, ...). `variances` holds sigma_t^2 for t = 0..T, of which entry 0
// is unused (reverse_variances in ddpm/reverse.h). Nothing is overwritten.
// eps_theta is called once per t, without a tape. Variances and levels are checked before its first
// call.
// Checked by: tests/equations/bound.cpp, tests/ddpm/test_bound.cpp.
#pragma once

#include "ddpm/gaussian.h"
#include "ddpm/losses.h"
#include "ddpm/reverse.h"
#include "ddpm/schedule.h"

namespace ddpm {

// Eq. (3): returns, for each image, the expression inside of E_q for one path x_0, ..., x_T. Its mean
// over q is the bound L. x_0 is continuous here. Throws Error unless all variances are
// positive, std::logic_error unless path and variances have T + 1 entries.
PerImage path_bound(const Schedule&, const std::vector<double>& variances, const NoisePredictor&,
                    const std::vector<Tensor>& path);

// Eq. (5): returns L_T of each image. It has no trainable parameters.
PerImage prior_term(const Schedule&, const Tensor& x_0);
// Eq. (5): returns L_T per dimension, in nats, for data whose mean square is mean_square.
double prior_nats_per_dim(const Schedule&, double mean_square);

// The terms of Eq. (5), numbered as in the paper: L[t][b] is L_t of image b, t = 0..T.
struct Bound {
  std::vector<PerImage> L;
  double total(int b) const;  // L_0 + ... + L_T of image b
  double rate(int b) const;   // L_1 + ... + L_T (Section 4.3); the distortion is L[0][b]
};

// Eq. (5): returns all terms for images x_0 of the 256 levels, with L_0 by Eq. (13). The noise is
// drawn once per t: image b uses the stream {eps_stream.seed, eps_stream.purpose, t,
// eps_stream.index + b}, so its terms do not depend on the other images. With Clip::on, mu_theta is
// computed from the clipped x_0_hat, as in the official code's evaluation. Throws Error if x_0 is
// not made of levels, if a variance is not positive, or if Clip::on meets an x_t that holds nothing
// of x_0.
Bound variational_bound(const Schedule&, const std::vector<double>& variances, const NoisePredictor&,
                        const Tensor& x_0, Stream eps_stream, Clip clip);

// Returns nats / (D ln 2), where D is the number of dimensions of an image.
double bits_per_dim(double nats, int64_t dimensions);

}  // namespace ddpm
