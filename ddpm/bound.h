// The variational bound on −log p_θ(x_0): Eq. (3) on a path x_0, …, x_T, and
// Eq. (5)'s terms L_0, …, L_T, which need x_0 and one noised x_t for each t.
// Units: nats, summed over each image's D = H·W·C dimensions; bits_per_dim converts
// them. Shapes: x_0 and every x_t (B, …). variances are σ_t² for t = 0..T, entry 0
// not read (reverse_variances of ddpm/reverse.h); Error unless they are positive,
// before ε_θ is called. ε_θ is called once for each t, without a tape. Nothing is
// overwritten. Source: Section 2, Section 3.3, appendix A; the clip and one draw
// of the noise for each t are the official code's.
// Checked by: tests/equations/bound.cpp, tests/test_bound.cpp.
#pragma once

#include "ddpm/gaussian.h"
#include "ddpm/losses.h"
#include "ddpm/reverse.h"
#include "ddpm/schedule.h"

namespace ddpm {

// Eq. (3) for one path: log q(x_{1:T} | x_0) − log p_θ(x_{0:T}) of each image; its
// mean over q is the bound L. path is x_0, …, x_T; x_0 is continuous here. Our own
// code must give T + 1 points and variances (std::logic_error).
PerImage path_bound(const Schedule&, const std::vector<double>& variances, const NoisePredictor&,
                    const std::vector<Tensor>& path);

// L_T of Eq. (5) of each image: KL(q(x_T | x_0) ‖ p(x_T)), which no training changes.
PerImage prior_term(const Schedule&, const Tensor& x_0);

// Eq. (5), in the paper's counting: L[0] = L_0, L[t−1] = L_{t−1}, L[T] = L_T;
// L[i][b] is image b's.
struct Bound {
  std::vector<PerImage> L;
  double total(int b) const;  // L_T + … + L_0 of image b
  double rate(int b) const;   // L_T + … + L_1 (Section 4.3); the distortion is L[0][b]
};

// Eq. (5) for x_0 of the 256 levels, L_0 by Eq. (13): one draw of the noise for
// each t, image b's from the stream {eps_stream.seed, eps_stream.purpose, t, eps_stream.index + b},
// so that an image's terms do not depend on the batch. With clip, μ_θ comes from
// the clipped x̂_0, as in the official code's evaluation. Errors, before ε_θ is
// called: x_0 is off the levels; a variance is not positive. Error as well where
// clip meets an x_t without a trace of x_0 (predict_x0).
Bound variational_bound(const Schedule&, const std::vector<double>& variances, const NoisePredictor&,
                        const Tensor& x_0, Stream eps_stream, Clip clip);

// nats / (D ln 2), D the number of dimensions of an image.
double bits_per_dim(double nats, int64_t dimensions);

}  // namespace ddpm
