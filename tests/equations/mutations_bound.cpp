// Wrong versions of Eq. (3), (5), (16) and of appendix A's lines: see mutations.h.
#include <algorithm>
#include <cmath>
#include <numbers>

#include "tests/equations/lines.h"
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
  return {3, what, [slips](Formulas& f) {
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

// variational_bound, changed after the fact.
Mutation drawn(const char* what, void (*change)(Bound&)) {
  return {5, what, [change](Formulas& f) {
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
Mutation variances(int equation, const char* what,
                   void (*change)(const Schedule&, std::vector<double>&)) {
  return {equation, what, [change](Formulas& f) {
            f.reverse_variances = [change](const Schedule& s, Variance choice) {
              std::vector<double> list = ::reverse_variances(s, choice);
              change(s, list);
              return list;
            };
          }};
}
void unpatched(const Schedule& s, std::vector<double>& list) { list[1] = s.beta[1]; }

// The ratio of a step in the lines: log p_θ − log q.
double ratio(const Path& c, int t) { return c.p(t) - c.q(t); }

// Eq. (16) written out, with factors on its ends, the sum's first t, and each KL
// the right way round or swapped.
double marginal_form(const Setting& in, double prior, int first, bool swap, double entropy) {
  double bound = prior * kl(in.marginal(in.tables.T), {0, 1});
  for (int t = first; t <= in.tables.T; ++t) {
    const Normal now = in.marginal(t);
    bound += expectation(1, [&](const std::vector<double>& z) {
      const double x = now.mean + std::sqrt(now.variance) * z[0];
      const auto [g, h] = in.reverse_step(t);
      const Normal back = bayes(in.marginal(t - 1), std::sqrt(in.tables.alpha[t]), in.tables.beta[t], x);
      const Normal model{g * x + h, in.variances[t]};
      return swap ? kl(model, back) : kl(back, model);
    });
  }
  return bound + entropy * 0.5 * std::log(2 * std::numbers::pi * std::numbers::e * in.data.variance);
}

// Eq. (5) written out likewise.
double terms_form(const Setting& in, double prior, double steps, double end, bool swap) {
  const Tables& c = in.tables;
  return expectation(2, [&](const std::vector<double>& z) {
    const double x_0 = in.data.mean + std::sqrt(in.data.variance) * z[0];
    double sum = prior * kl({std::sqrt(c.bar[c.T]) * x_0, c.noise[c.T]}, {0, 1});
    for (int t = 1; t <= c.T; ++t) {
      const double x = std::sqrt(c.bar[t]) * x_0 + std::sqrt(c.noise[t]) * z[1];
      const auto [g, h] = in.reverse_step(t);
      const Normal model{g * x + h, in.variances[t]};
      const Normal before{std::sqrt(c.bar[t - 1]) * x_0, c.noise[t - 1]};
      const Normal q = bayes(before, std::sqrt(c.alpha[t]), c.beta[t], x);
      if (t == 1) sum -= end * log_bell(x_0, model.mean, model.variance);
      if (t > 1) sum += steps * (swap ? kl(model, q) : kl(q, model));
    }
    return sum;
  });
}

}  // namespace

#define LINE(number, line, what, ...) MUTATION(number, line, what, [](const Path& c) { \
    [[maybe_unused]] const int T = c.in.tables.T;                                      \
    return __VA_ARGS__;                                                                \
  })
#define SUM(from, ...) c.sum(from, [&](int t) { return __VA_ARGS__; })
#define WHOLE(number, line, what, ...) \
  MUTATION(number, line, what, [](const Setting& in) { return __VA_ARGS__; })
#define FIRST_LINE(n, line)                                                                        \
  LINE(n, line, "as printed", -c.p_T() - SUM(1, ratio(c, t))),                                     \
      LINE(n, line, "log p(x_T) left out", -SUM(1, ratio(c, t))),                                  \
      LINE(n, line, "log p(x_T)'s sign", c.p_T() - SUM(1, ratio(c, t))),                           \
      LINE(n, line, "the sum's sign", -c.p_T() + SUM(1, ratio(c, t))),                             \
      LINE(n, line, "the sum starts at t = 2", -c.p_T() - SUM(2, ratio(c, t))),                    \
      LINE(n, line, "p and q exchanged", -c.p_T() - SUM(1, c.q(t) - c.p(t))),                      \
      LINE(n, line, "q left out", -c.p_T() - SUM(1, c.p(t)))
#define MARGINAL(n)                                                                                  \
  WHOLE(n, line_16, "as printed", marginal_form(in, 1, 1, false, 1)),                                \
      WHOLE(n, line_16, "KL(q(x_T)) left out", marginal_form(in, 0, 1, false, 1)), \
      WHOLE(n, line_16, "its sign", marginal_form(in, -1, 1, false, 1)),                             \
      WHOLE(n, line_16, "the sum starts at t = 2", marginal_form(in, 1, 2, false, 1)),               \
      WHOLE(n, line_16, "KL the other way round", marginal_form(in, 1, 1, true, 1)),                 \
      WHOLE(n, line_16, "H(x_0) left out", marginal_form(in, 1, 1, false, 0)),                       \
      WHOLE(n, line_16, "H(x_0)'s sign", marginal_form(in, 1, 1, false, -1))
#define TERMS(n)                                                                       \
  WHOLE(n, line_22, "as printed", terms_form(in, 1, 1, 1, false)),                     \
      WHOLE(n, line_22, "L_T left out", terms_form(in, 0, 1, 1, false)),               \
      WHOLE(n, line_22, "L_{t-1}'s sign", terms_form(in, 1, -1, 1, false)),            \
      WHOLE(n, line_22, "L_0 left out", terms_form(in, 1, 1, 0, false)),               \
      WHOLE(n, line_22, "L_0's sign", terms_form(in, 1, 1, -1, false)),                \
      WHOLE(n, line_22, "KL the other way round", terms_form(in, 1, 1, 1, true))

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

      TERMS(5),
      drawn("as printed", [](Bound&) {}),
      drawn("drawn: L_T forgotten", [](Bound& b) { b.L.back()[0] = 0; }),
      drawn("drawn: L_0's sign", [](Bound& b) { b.L[0][0] *= -1; }),
      drawn("drawn: terms one place late",
          [](Bound& b) { std::rotate(b.L.begin(), b.L.end() - 1, b.L.end()); }),
      drawn("drawn: bits for nats",
          [](Bound& b) { for (PerImage& term : b.L) term[0] /= std::numbers::ln2; }),
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

      MARGINAL(16),
      variances(16, "beta_1 at t = 1 for beta tilde_2", unpatched),

      LINE(17, line_17, "as printed", -(c.p_T() + SUM(1, c.p(t))) + SUM(1, c.q(t))),
      LINE(17, line_17, "its sign", (c.p_T() + SUM(1, c.p(t))) - SUM(1, c.q(t))),
      LINE(17, line_17, "p(x_T) left out", -SUM(1, c.p(t)) + SUM(1, c.q(t))),
      LINE(17, line_17, "p_theta(x_0 | x_1) left out", -(c.p_T() + SUM(2, c.p(t))) + SUM(1, c.q(t))),
      LINE(17, line_17, "q(x_1 | x_0) left out", -(c.p_T() + SUM(1, c.p(t))) + SUM(2, c.q(t))),
      FIRST_LINE(18, line_18),

      LINE(19, line_19, "as printed", -c.p_T() - SUM(2, ratio(c, t)) - c.p(1) + c.q(1)),
      LINE(19, line_19, "t = 1 twice", -c.p_T() - SUM(1, ratio(c, t)) - c.p(1) + c.q(1)),
      LINE(19, line_19, "the sum starts at t = 3", -c.p_T() - SUM(3, ratio(c, t)) - c.p(1) + c.q(1)),
      LINE(19, line_19, "t = 1 left out", -c.p_T() - SUM(2, ratio(c, t))),
      LINE(19, line_19, "q(x_1 | x_0)'s sign", -c.p_T() - SUM(2, ratio(c, t)) - c.p(1) - c.q(1)),

      LINE(20, line_20, "as printed",
          -c.p_T() - SUM(2, c.p(t) - c.q_back_0(t) + c.q_0(t - 1) - c.q_0(t)) - c.p(1) + c.q(1)),
      LINE(20, line_20, "the fraction inverted",
          -c.p_T() - SUM(2, c.p(t) - c.q_back_0(t) - c.q_0(t - 1) + c.q_0(t)) - c.p(1) + c.q(1)),
      LINE(20, line_20, "the fraction left out",
          -c.p_T() - SUM(2, c.p(t) - c.q_back_0(t)) - c.p(1) + c.q(1)),
      LINE(20, line_20, "q(x_t | x_{t-1}) not turned",
          -c.p_T() - SUM(2, c.p(t) - c.q(t) + c.q_0(t - 1) - c.q_0(t)) - c.p(1) + c.q(1)),
      LINE(20, line_20, "marginals not given x_0",
          -c.p_T() - SUM(2, c.p(t) - c.q_back_0(t) + c.q_marginal(t - 1) - c.q_marginal(t))
          - c.p(1) + c.q(1)),

      LINE(21, line_21, "as printed", -c.p_T() + c.q_0(T) - SUM(2, c.p(t) - c.q_back_0(t)) - c.p(1)),
      LINE(21, line_21, "q(x_T | x_0) left out", -c.p_T() - SUM(2, c.p(t) - c.q_back_0(t)) - c.p(1)),
      LINE(21, line_21, "q(x_{T-1} | x_0) for q(x_T | x_0)",
          -c.p_T() + c.q_0(T - 1) - SUM(2, c.p(t) - c.q_back_0(t)) - c.p(1)),
      LINE(21, line_21, "q(x_1 | x_0) left over",
          -c.p_T() + c.q_0(T) - SUM(2, c.p(t) - c.q_back_0(t)) - c.p(1) + c.q(1)),
      LINE(21, line_21, "the sum starts at t = 3",
          -c.p_T() + c.q_0(T) - SUM(3, c.p(t) - c.q_back_0(t)) - c.p(1)),
      LINE(21, line_21, "q(x_{t-1} | x_t) without x_0",
          -c.p_T() + c.q_0(T) - SUM(2, c.p(t) - c.q_back(t)) - c.p(1)),

      TERMS(22),
      FIRST_LINE(23, line_18),

      LINE(24, line_24, "as printed",
          -c.p_T() - SUM(1, c.p(t) - c.q_back(t) + c.q_marginal(t - 1) - c.q_marginal(t))),
      LINE(24, line_24, "the fraction inverted",
          -c.p_T() - SUM(1, c.p(t) - c.q_back(t) - c.q_marginal(t - 1) + c.q_marginal(t))),
      LINE(24, line_24, "the sum starts at t = 2",
          -c.p_T() - SUM(2, c.p(t) - c.q_back(t) + c.q_marginal(t - 1) - c.q_marginal(t))),
      LINE(24, line_24, "q(x_t | x_{t-1}) not turned",
          -c.p_T() - SUM(1, c.p(t) - c.q(t) + c.q_marginal(t - 1) - c.q_marginal(t))),
      LINE(24, line_24, "q(x_t) for q(x_{t-1})", -c.p_T() - SUM(1, c.p(t) - c.q_back(t))),

      LINE(25, line_25, "as printed",
          -c.p_T() + c.q_marginal(T) - SUM(1, c.p(t) - c.q_back(t)) - c.q_marginal(0)),
      LINE(25, line_25, "log q(x_0) left out",
          -c.p_T() + c.q_marginal(T) - SUM(1, c.p(t) - c.q_back(t))),
      LINE(25, line_25, "log q(x_0)'s sign",
          -c.p_T() + c.q_marginal(T) - SUM(1, c.p(t) - c.q_back(t)) + c.q_marginal(0)),
      LINE(25, line_25, "q(x_T) left out", -c.p_T() - SUM(1, c.p(t) - c.q_back(t)) - c.q_marginal(0)),
      LINE(25, line_25, "q(x_{T-1}) for q(x_T)",
          -c.p_T() + c.q_marginal(T - 1) - SUM(1, c.p(t) - c.q_back(t)) - c.q_marginal(0)),
      LINE(25, line_25, "the sum starts at t = 2",
          -c.p_T() + c.q_marginal(T) - SUM(2, c.p(t) - c.q_back(t)) - c.q_marginal(0)),

      MARGINAL(26),
  };
}

}  // namespace equations
