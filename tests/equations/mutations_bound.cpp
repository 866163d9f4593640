// Wrong versions of Eq. (3) and (5): see mutations.h.
#include <algorithm>
#include <cmath>
#include <numbers>

#include "tests/equations/mutations.h"

namespace equations {

namespace {

// Eq. (3) written out, with each ingredient to be spoilt.
struct PathSlips {
  double prior = 1, q = 1, p = 1;  // factors of the three kinds of terms
  int first = 1, last_but = 0;     // the sum runs from first to T − last_but
  int variance_late = 0, time_late = 0;
};
Mutation path(const char* what, PathSlips slips) {
  return {equation(3), what, [slips](Formulas& f) {
            f.path_bound = [slips](const Schedule& s, const std::vector<double>& variances,
                                   const NoisePredictor& eps_theta, const std::vector<Tensor>& x) {
              PerImage bound = log_normal(x[s.T], Tensor::zeros(x[s.T].shape()), 1);
              for (double& value : bound) value *= -slips.prior;
              Tape tape(Tape::off);
              for (int t = slips.first; t <= s.T - slips.last_but; ++t) {
                const Tensor eps = eps_theta(tape, x[t], {std::max(1, t - slips.time_late)});
                const double variance = variances[std::max(1, t - slips.variance_late)];
                const PerImage p = reverse_log_density(s, t, x[t], eps, variance, x[t - 1]);
                const PerImage q = forward_log_density(s, t, x[t - 1], x[t]);
                for (size_t b = 0; b < bound.size(); ++b) bound[b] -= slips.p * p[b] - slips.q * q[b];
              }
              return bound;
            };
          }};
}

// variational_bound, asked with another clip.
Mutation clip(const char* what, bool always) {
  return {equation(5), what, [always](Formulas& f) {
            f.variational_bound = [always](const Schedule& s, const std::vector<double>& variances,
                                           const NoisePredictor& e, const Tensor& x_0, Stream noise, bool) {
              return ::variational_bound(s, variances, e, x_0, noise, always);
            };
          }};
}

// variational_bound, changed after the fact.
Mutation drawn(const char* what, void (*change)(Bound&)) {
  return {equation(5), what, [change](Formulas& f) {
            f.variational_bound = [change](const Schedule& s, const std::vector<double>& variances,
                                           const NoisePredictor& e, const Tensor& x_0, Stream noise,
                                           bool clip) {
              Bound bound = ::variational_bound(s, variances, e, x_0, noise, clip);
              change(bound);
              return bound;
            };
          }};
}

// Other variances in place of those for the β̃ choice.
Mutation variances(int number, const char* what,
                   void (*change)(const Schedule&, std::vector<double>&)) {
  return {equation(number), what, [change](Formulas& f) {
            f.reverse_variances = [change](const Schedule& s, Variance choice) {
              std::vector<double> list = ::reverse_variances(s, choice);
              change(s, list);
              return list;
            };
          }};
}
void unpatched(const Schedule& s, std::vector<double>& list) { list[1] = s.beta[1]; }

}  // namespace

std::vector<Mutation> bound_mutations() {
  return {
      path("as printed", {}),
      path("log p(x_T) left out", {.prior = 0}),
      path("log p(x_T)'s sign", {.prior = -1}),
      path("q left out", {.q = 0}),
      path("p's sign", {.p = -1}),
      path("the sum starts at t = 2", {.first = 2}),
      path("the sum ends at T - 1", {.last_but = 1}),
      path("sigma_{t-1} for sigma_t", {.variance_late = 1}),
      path("eps_theta at t - 1", {.time_late = 1}),
      variances(3, "as printed", [](const Schedule&, std::vector<double>&) {}),
      variances(3, "beta_1 at t = 1 for beta tilde_2", unpatched),

      drawn("as printed", [](Bound&) {}),
      drawn("drawn: L_T forgotten", [](Bound& b) { b.L.back()[0] = 0; }),
      drawn("drawn: L_0's sign", [](Bound& b) { b.L[0][0] *= -1; }),
      drawn("drawn: terms one place late",
          [](Bound& b) { std::rotate(b.L.begin(), b.L.end() - 1, b.L.end()); }),
      drawn("drawn: bits for nats",
          [](Bound& b) { for (PerImage& term : b.L) term[0] /= std::numbers::ln2; }),
      clip("drawn: the clip ignored", false),
      clip("drawn: a clip where none is asked for", true),
      MUTATION(5, prior_bits_per_dim, "as printed", [](const Schedule& s, double square) {
        const double v = s.one_minus_alpha_bar[s.T];
        return 0.5 * (s.alpha_bar[s.T] * square + v - 1 - std::log(v)) / std::numbers::ln2;
      }),
      MUTATION(5, prior_bits_per_dim, "L_T in bits: in nats",
          [](const Schedule& s, double square) { return s.prior_bits_per_dim(square) * std::numbers::ln2; }),
      MUTATION(5, prior_bits_per_dim, "L_T in bits: the root of the mean square",
          [](const Schedule& s, double square) { return s.prior_bits_per_dim(std::sqrt(square)); }),
      MUTATION(5, prior_term, "L_T: no term in x_0",
          [](const Schedule& s, double) { return ::prior_term(s, number(0))[0]; }),
      MUTATION(5, prior_term, "L_T: the logarithm's sign", [](const Schedule& s, double x) {
        const double v = s.one_minus_alpha_bar[s.T];
        return 0.5 * (s.alpha_bar[s.T] * x * x + v - 1 + std::log(v));
      }),
      MUTATION(5, prior_term, "L_T: no 1/2",
          [](const Schedule& s, double x) { return 2 * ::prior_term(s, number(x))[0]; }),
      MUTATION(5, step_term, "L_{t-1}: no C",
          OF_FOUR(x_0, x, mu, v, ::step_loss_posterior(s, t, number(x_0), number(x), number(mu), v)[0])),
      MUTATION(5, step_term, "L_{t-1}: beta for sigma^2",
          OF_FOUR(x_0, x, mu, v, 0 * v + ::step_term(s, t, number(x_0), number(x), number(mu),
          c.beta)[0])),
      variances(5, "beta_1 at t = 1 for beta tilde_2", unpatched),
      variances(16, "as printed", [](const Schedule&, std::vector<double>&) {}),
      variances(16, "beta_1 at t = 1 for beta tilde_2", unpatched),
  };
}

}  // namespace equations
