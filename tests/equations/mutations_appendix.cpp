// Wrong versions of Eq. (16), of Eq. (5) as appendix A's last line has it, and of
// appendix A's lines: see mutations.h.
#include <algorithm>
#include <cmath>
#include <numbers>

#include "tests/equations/lines.h"
#include "tests/equations/mutations.h"

namespace equations {

namespace {

// The ratio of a step in the lines: log p_θ − log q.
double ratio(const Path& c, int t) { return c.p(t) - c.q(t); }

// Eq. (16) written out, with each ingredient to be spoilt.
struct MarginalSlips {
  double prior = 1, steps = 1, entropy = 1;        // factors of the three terms
  bool swap_prior = false, swap_steps = false;     // KL the other way round
  int first = 1, last_but = 0, variance_late = 0;  // the sum runs over first..T − last_but
  int prior_late = 0;                              // q(x_{T−1}) for q(x_T)
  bool of_mean = false;                            // q(x_T | E x_0), not the marginal
  bool not_conditioned = false;                    // q(x_{t−1}) for q(x_{t−1} | x_t)
  bool given_mean = false;                         // q(x_{t−1} | x_t, E x_0)
  bool root = false;                               // a deviation's entropy for a variance's
  bool no_e = false;                               // log(2 pi variance) for log(2 pi e variance)
};
double kl_or_back(bool swap, Normal q, Normal p) { return swap ? kl(p, q) : kl(q, p); }
double marginal_form(const Setting& in, const MarginalSlips& slips) {
  const Tables& c = in.tables;
  Normal last = in.marginal(c.T - slips.prior_late);
  if (slips.of_mean) last.variance = c.noise[c.T];
  double bound = slips.prior * kl_or_back(slips.swap_prior, last, {0, 1});
  for (int t = slips.first; t <= c.T - slips.last_but; ++t) {
    const Normal now = in.marginal(t), before = in.marginal(t - 1);
    const Normal given{before.mean, c.noise[t - 1]};  // x_0 at its mean
    const auto [g, h] = in.reverse_step(t);
    const double slope = g, offset = h, variance = in.variances[std::max(1, t - slips.variance_late)];
    bound += slips.steps * expectation(1, [&](const std::vector<double>& z) {
      const double x = now.mean + std::sqrt(now.variance) * z[0];
      const Normal prior = slips.given_mean && t > 1 ? given : before;
      const Normal back = slips.not_conditioned ? before : bayes(prior, std::sqrt(c.alpha[t]), c.beta[t], x);
      return kl_or_back(slips.swap_steps, back, {slope * x + offset, variance});
    });
  }
  const double spread = slips.root ? std::sqrt(in.data.variance) : in.data.variance;
  const double e = slips.no_e ? 1 : std::numbers::e;
  return bound + slips.entropy * 0.5 * std::log(2 * std::numbers::pi * e * spread);
}

// Eq. (5) written out as a sum of expectations.
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
      LINE(n, line, "the fraction inverted", -c.p_T() - SUM(1, c.q(t) - c.p(t))),                  \
      LINE(n, line, "a product for the fraction", -c.p_T() - SUM(1, c.p(t) + c.q(t))),             \
      LINE(n, line, "the sum starts at t = 2", -c.p_T() - SUM(2, ratio(c, t))),                    \
      LINE(n, line, "the sum ends at T - 1", -c.p_T() - SUM(1, t < T ? ratio(c, t) : 0)),          \
      LINE(n, line, "q's t off by one", -c.p_T() - SUM(1, c.p(t) - c.q(t > 1 ? t - 1 : 1))),       \
      LINE(n, line, "q(x_t | x_0) for q(x_t | x_{t-1})", -c.p_T() - SUM(1, c.p(t) - c.q_0(t))),    \
      LINE(n, line, "p left out", -c.p_T() + SUM(1, c.q(t))),                                      \
      LINE(n, line, "q left out", -c.p_T() - SUM(1, c.p(t)))
#define MARGINAL(n, what, ...) WHOLE(n, line_16, what, marginal_form(in, MarginalSlips{__VA_ARGS__}))
#define MARGINALS(n)                                                                     \
  MARGINAL(n, "as printed", ), MARGINAL(n, "KL(q(x_T)) left out", .prior = 0),           \
      MARGINAL(n, "KL(q(x_T))'s sign", .prior = -1),                                     \
      MARGINAL(n, "KL(p(x_T) || q(x_T))", .swap_prior = true),                           \
      MARGINAL(n, "q(x_{T-1}) for q(x_T)", .prior_late = 1),                             \
      MARGINAL(n, "q(x_T | x_0) for q(x_T)", .of_mean = true),                           \
      MARGINAL(n, "the sum's sign", .steps = -1),                                        \
      MARGINAL(n, "the sum left out", .steps = 0),                                       \
      MARGINAL(n, "the sum starts at t = 2", .first = 2),                                \
      MARGINAL(n, "the sum ends at T - 1", .last_but = 1),                               \
      MARGINAL(n, "KL(p_theta || q)", .swap_steps = true),                               \
      MARGINAL(n, "sigma_{t-1} for sigma_t", .variance_late = 1),                        \
      MARGINAL(n, "q(x_{t-1}) for q(x_{t-1} | x_t)", .not_conditioned = true),           \
      MARGINAL(n, "q(x_{t-1} | x_t, x_0) for q(x_{t-1} | x_t)", .given_mean = true),     \
      MARGINAL(n, "H(x_0) left out", .entropy = 0),                                      \
      MARGINAL(n, "H(x_0)'s sign", .entropy = -1),                                       \
      MARGINAL(n, "H(x_0) without 1/2", .entropy = 2),                                   \
      MARGINAL(n, "H(x_0) without e", .no_e = true),                                     \
      MARGINAL(n, "H(x_0): sigma for sigma^2", .root = true)
#define TERMS(n)                                                                       \
  WHOLE(n, line_22, "as printed", terms_form(in, 1, 1, 1, false)),                     \
      WHOLE(n, line_22, "L_T left out", terms_form(in, 0, 1, 1, false)),               \
      WHOLE(n, line_22, "L_T's sign", terms_form(in, -1, 1, 1, false)),                \
      WHOLE(n, line_22, "L_{t-1} left out", terms_form(in, 1, 0, 1, false)),           \
      WHOLE(n, line_22, "L_{t-1} twice", terms_form(in, 1, 2, 1, false)),              \
      WHOLE(n, line_22, "L_{t-1}'s sign", terms_form(in, 1, -1, 1, false)),            \
      WHOLE(n, line_22, "L_0 left out", terms_form(in, 1, 1, 0, false)),               \
      WHOLE(n, line_22, "L_0's sign", terms_form(in, 1, 1, -1, false)),                \
      WHOLE(n, line_22, "KL the other way round", terms_form(in, 1, 1, 1, true))

std::vector<Mutation> appendix_mutations() {
  return {
      TERMS(5),
      MARGINALS(16),

      LINE(17, line_17, "as printed", -(c.p_T() + SUM(1, c.p(t))) + SUM(1, c.q(t))),
      LINE(17, line_17, "its sign", (c.p_T() + SUM(1, c.p(t))) - SUM(1, c.q(t))),
      LINE(17, line_17, "p(x_T) left out", -SUM(1, c.p(t)) + SUM(1, c.q(t))),
      LINE(17, line_17, "p_theta(x_0 | x_1) left out", -(c.p_T() + SUM(2, c.p(t))) + SUM(1, c.q(t))),
      LINE(17, line_17, "q(x_1 | x_0) left out", -(c.p_T() + SUM(1, c.p(t))) + SUM(2, c.q(t))),
      LINE(17, line_17, "p(x_T)'s sign", c.p_T() - SUM(1, c.p(t)) + SUM(1, c.q(t))),
      LINE(17, line_17, "a product for the fraction", -(c.p_T() + SUM(1, c.p(t))) - SUM(1, c.q(t))),
      LINE(17, line_17, "q(x_t | x_0) for q(x_t | x_{t-1})", -(c.p_T() + SUM(1, c.p(t))) + SUM(1, c.q_0(t))),
      LINE(17, line_17, "p_theta(x_{T-1} | x_T) left out",
          -(c.p_T() + SUM(1, t < T ? c.p(t) : 0)) + SUM(1, c.q(t))),

      FIRST_LINE(18, line_18),

      LINE(19, line_19, "as printed", -c.p_T() - SUM(2, ratio(c, t)) - c.p(1) + c.q(1)),
      LINE(19, line_19, "t = 1 twice", -c.p_T() - SUM(1, ratio(c, t)) - c.p(1) + c.q(1)),
      LINE(19, line_19, "the sum starts at t = 3", -c.p_T() - SUM(3, ratio(c, t)) - c.p(1) + c.q(1)),
      LINE(19, line_19, "t = 1 left out", -c.p_T() - SUM(2, ratio(c, t))),
      LINE(19, line_19, "q(x_1 | x_0)'s sign", -c.p_T() - SUM(2, ratio(c, t)) - c.p(1) - c.q(1)),
      LINE(19, line_19, "p_theta(x_0 | x_1)'s sign", -c.p_T() - SUM(2, ratio(c, t)) + c.p(1) + c.q(1)),
      LINE(19, line_19, "log p(x_T)'s sign", c.p_T() - SUM(2, ratio(c, t)) - c.p(1) + c.q(1)),
      LINE(19, line_19, "the sum's sign", -c.p_T() + SUM(2, ratio(c, t)) - c.p(1) + c.q(1)),
      LINE(19, line_19, "t = T set apart, not t = 1", -c.p_T() - SUM(2, ratio(c, t)) - c.p(T) + c.q(T)),

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
      LINE(20, line_20, "log p(x_T)'s sign",
          c.p_T() - SUM(2, c.p(t) - c.q_back_0(t) + c.q_0(t - 1) - c.q_0(t)) - c.p(1) + c.q(1)),
      LINE(20, line_20, "t = 1 turned round as well",
          -c.p_T() - SUM(2, c.p(t) - c.q_back_0(t) + c.q_0(t - 1) - c.q_0(t)) - c.p(1)),
      LINE(20, line_20, "the fraction's t off by one",
          -c.p_T() - SUM(2, c.p(t) - c.q_back_0(t) + c.q_0(t - 1) - c.q_0(t < T ? t + 1 : t)) - c.p(1) + c.q(1)),
      LINE(20, line_20, "q(x_{t-1} | x_t) without x_0",
          -c.p_T() - SUM(2, c.p(t) - c.q_back(t) + c.q_0(t - 1) - c.q_0(t)) - c.p(1) + c.q(1)),

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
      LINE(21, line_21, "q(x_T | x_0)'s sign", -c.p_T() - c.q_0(T) - SUM(2, c.p(t) - c.q_back_0(t)) - c.p(1)),
      LINE(21, line_21, "q(x_T) for q(x_T | x_0)",
          -c.p_T() + c.q_marginal(T) - SUM(2, c.p(t) - c.q_back_0(t)) - c.p(1)),
      LINE(21, line_21, "p_theta(x_0 | x_1) left out", -c.p_T() + c.q_0(T) - SUM(2, c.p(t) - c.q_back_0(t))),

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
      LINE(24, line_24, "the marginals left out", -c.p_T() - SUM(1, c.p(t) - c.q_back(t))),
      LINE(24, line_24, "log p(x_T)'s sign",
          c.p_T() - SUM(1, c.p(t) - c.q_back(t) + c.q_marginal(t - 1) - c.q_marginal(t))),
      LINE(24, line_24, "the sum's sign",
          -c.p_T() + SUM(1, c.p(t) - c.q_back(t) + c.q_marginal(t - 1) - c.q_marginal(t))),
      LINE(24, line_24, "the marginals given x_0",
          -c.p_T() - SUM(1, c.p(t) - c.q_back(t) + (t > 1 ? c.q_0(t - 1) : c.q_marginal(0)) - c.q_0(t))),
      LINE(24, line_24, "q(x_{t-1} | x_t, x_0) for q(x_{t-1} | x_t)",
          -c.p_T() - SUM(1, c.p(t) - (t > 1 ? c.q_back_0(t) : c.q_back(t)) + c.q_marginal(t - 1) - c.q_marginal(t))),

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
      LINE(25, line_25, "q(x_T)'s sign", -c.p_T() - c.q_marginal(T) - SUM(1, c.p(t) - c.q_back(t)) - c.q_marginal(0)),
      LINE(25, line_25, "q(x_T | x_0) for q(x_T)",
          -c.p_T() + c.q_0(T) - SUM(1, c.p(t) - c.q_back(t)) - c.q_marginal(0)),
      LINE(25, line_25, "the sum's sign", -c.p_T() + c.q_marginal(T) + SUM(1, c.p(t) - c.q_back(t)) - c.q_marginal(0)),

      MARGINALS(26),
  };
}

}  // namespace equations
