// Group normalization with swish. Contract: kernels.h. One thread takes one
// image, which fits its cache, and goes over it a few times: sums by channel,
// then by group; then every channel is one multiplication and one addition.
#include "kernels/cpu/columns.h"
#include "kernels/cpu/parallel.h"
#include "kernels/cpu/scratch.h"
#include "kernels/kernels.h"

namespace ddpm::kernels {
namespace {

// group[g] = factor · Σ of the group's channels, in double, then channel[c] = group[c's].
void average_groups(int C, int G, double factor, real* channel, real* group) {
  const int size = C / G;
  for (int g = 0; g < G; ++g) {
    double s = 0;
    for (int c = g * size; c < (g + 1) * size; ++c) s += channel[c];
    group[g] = real(s * factor);
    std::fill_n(channel + g * size, size, group[g]);
  }
}

// The image's mean and 1/√(variance + epsilon), by group and by channel.
void statistics(int P, int C, int G, real epsilon, const real* x, real* mean, real* rstd, real* channel_mean,
                real* channel_rstd) {
  const double share = 1.0 / (double(P) * (C / G));
  sum_columns(P, C, channel_mean, [&](int64_t at, int64_t, int n) { return load(x + at, n); });
  average_groups(C, G, share, channel_mean, mean);
  sum_columns(P, C, channel_rstd, [&](int64_t at, int64_t c, int n) {
    const vec d = load(x + at, n) - load(channel_mean + c, n);
    return d * d;
  });
  average_groups(C, G, share, channel_rstd, rstd);
  for (int g = 0; g < G; ++g) rstd[g] = real(1) / std::sqrt(rstd[g] + epsilon);
  for (int c = 0; c < C; ++c) channel_rstd[c] = rstd[c / (C / G)];
}

// dx += rstd·(γ·dz − mean_g(γ·dz) − x̂·mean_g(γ·dz·x̂)), the means over the group.
// sum_dz and sum_dz_xhat are Σ_p by channel.
struct InputGradient {
  int P, C, G;
  const real *gamma, *mean, *rstd;

  void add(const real* x, const real* dz, const real* sum_dz, const real* sum_dz_xhat, Accumulator dx) const {
    static thread_local Scratch space;
    real* of_dz = space.get(4 * int64_t(C));  // dx += of_dz·dz + of_x·x + constant, by channel
    real *of_x = of_dz + C, *constant = of_x + C, *groups = constant + C;
    for (int c = 0; c < C; ++c) of_x[c] = gamma[c] * sum_dz_xhat[c], constant[c] = gamma[c] * sum_dz[c];
    const double share = 1.0 / (double(P) * (C / G));
    average_groups(C, G, share, of_x, groups);
    average_groups(C, G, share, constant, groups);
    for (int c = 0; c < C; ++c) {
      const real m = mean[c / (C / G)], r = rstd[c / (C / G)];
      of_dz[c] = r * gamma[c];
      of_x[c] *= -r * r;
      constant[c] = -r * constant[c] - of_x[c] * m;
    }
    for_columns(P, C, [&](int64_t at, int64_t c, int n) {
      const vec change = mul_add(load(of_dz + c, n), load(dz + at, n),
                                 mul_add(load(of_x + c, n), load(x + at, n), load(constant + c, n)));
      accumulate(dx, at, change, n);
    });
  }
};

}  // namespace

void group_norm(int B, int P, int C, int G, real epsilon, Activation activation, const real* x,
                const real* gamma, const real* beta, real* y, real* mean, real* rstd) {
  const bool swish = activation == Activation::swish;
#pragma omp parallel for schedule(dynamic) if (worth_threads(int64_t(B) * P * C))
  for (int b = 0; b < B; ++b) {
    static thread_local Scratch space;
    real *factor = space.get(3 * int64_t(C)), *offset = factor + C, *center = offset + C;
    const real* xb = x + int64_t(b) * P * C;
    real* yb = y + int64_t(b) * P * C;
    statistics(P, C, G, epsilon, xb, mean + b * G, rstd + b * G, center, factor);
    for (int c = 0; c < C; ++c) factor[c] *= gamma[c], offset[c] = beta[c];
    for_columns(P, C, [&](int64_t at, int64_t c, int n) {
      const vec z = mul_add(load(xb + at, n) - load(center + c, n), load(factor + c, n), load(offset + c, n));
      store(yb + at, swish ? z * logistic(z) : z, n);
    });
  }
}

void group_norm_gradient(int B, int P, int C, int G, Activation activation, const real* x, const real* gamma,
                         const real* beta, const real* mean, const real* rstd, const real* dy, Accumulator dx,
                         Accumulator dgamma, Accumulator dbeta) {
  const bool swish = activation == Activation::swish;
  static thread_local Scratch sums_space;
  const int64_t size = int64_t(P) * C;
  real* sums = sums_space.get(2 * int64_t(B) * C);  // (2,B,C): Σ_p dz·x̂ and Σ_p dz
#pragma omp parallel for schedule(dynamic) if (worth_threads(B * size))
  for (int b = 0; b < B; ++b) {
    static thread_local Scratch space;
    real *center = space.get(size + 2 * int64_t(C)), *factor = center + C, *dz = factor + C;
    if (dx && !dx.so_far())
      dz = dx.target() + b * size;  // dz becomes dx where it lies: less to bring into the cache
    real *sum_dz_xhat = sums + int64_t(b) * C, *sum_dz = sums + (int64_t(B) + b) * C;
    const real *xb = x + b * size, *dyb = dy + b * size;
    for (int c = 0; c < C; ++c) center[c] = mean[b * G + c / (C / G)], factor[c] = rstd[b * G + c / (C / G)];

    real* const both[] = {sum_dz, sum_dz_xhat};
    sum_columns(
        P, C, both, [=](int64_t at, int64_t c, int n) __attribute__((always_inline)) {
          const vec x_hat = (load(xb + at, n) - load(center + c, n)) * load(factor + c, n);
          vec d = load(dyb + at, n);
          if (swish) {
            d *= swish_slope(mul_add(x_hat, load(gamma + c, n), load(beta + c, n)));
            store(dz + at, d, n);
          }
          return Vectors<2>{{d, d * x_hat}};
        });
    if (dx)
      InputGradient{P, C, G, gamma, mean + b * G, rstd + b * G}.add(xb, swish ? dz : dyb, sum_dz, sum_dz_xhat,
                                                                    dx + b * size);
  }
  if (dgamma) sum_pixels(1, B, C, sums, dgamma);
  if (dbeta) sum_pixels(1, B, C, sums + int64_t(B) * C, dbeta);
}

}  // namespace ddpm::kernels
