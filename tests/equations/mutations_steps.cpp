// Wrong versions of Eq. (1), (2), (4), (6), (7), (11), (15): see mutations.h.
#include <cmath>
#include <numbers>

#include "tests/equations/mutations.h"
#include "tests/equations/oracles.h"

namespace equations {

namespace {

// The tables, changed after the fact.
Mutation tables(int number, const char* what, void (*change)(Schedule&)) {
  return {equation(number), what, [change](Formulas& f) {
            f.tables = [change](const std::vector<double>& betas) {
              Schedule s(betas);
              change(s);
              return s;
            };
          }};
}

void late(std::vector<double>& table) { table.insert(table.begin(), table[0]), table.pop_back(); }

double mu(const At& c, double x, double eps) {
  return (x - c.beta / std::sqrt(c.noise) * eps) / std::sqrt(c.alpha);
}
double mu_tilde(const At& c, double x_0, double x) {
  return (std::sqrt(c.bar_before) * c.beta * x_0 + std::sqrt(c.alpha) * c.noise_before * x) / c.noise;
}
double beta_tilde(const At& c) { return c.noise_before / c.noise * c.beta; }

}  // namespace

// The formulas below read as the paper's, so that each slip can be seen.
#define MEAN(what, ...)                                                                        \
  { equation(11), what, [](Formulas& f) {                                                                \
      f.reverse_mean = [](const Schedule& s, int t, double x, double eps, bool clip) {         \
        const At c(s, t);                                                                      \
        return clip ? Lifted<decltype(::reverse_mean)>::of(::reverse_mean)(s, t, x, eps, true) \
                    : __VA_ARGS__;                                                             \
      };                                                                                       \
    } }
#define PRIOR_1(what, ...) MUTATION(1, prior_log_density, what, [](double x) { return __VA_ARGS__; })
#define DENSITY_1(what, ...) MUTATION(1, reverse_log_density, what, OF_FOUR(x, eps, v, to, __VA_ARGS__))
#define DENSITY_2(what, ...) MUTATION(2, forward_log_density, what, OF_TWO(x, to, __VA_ARGS__))
#define STEP_2(what, ...) MUTATION(2, forward_step, what, OF_TWO(x, eps, __VA_ARGS__))
#define JUMP_4(what, ...) MUTATION(4, q_sample, what, OF_TWO(x_0, eps, __VA_ARGS__))
#define DENSITY_6(what, ...) MUTATION(6, posterior_log_density, what, OF_THREE(x_0, x, to, __VA_ARGS__))
#define MEAN_7(what, ...) MUTATION(7, posterior_mean, what, OF_TWO(x_0, x, (__VA_ARGS__)))
#define COEFFICIENT_7(name, what, ...) MUTATION(7, name, what, OF_TIME(__VA_ARGS__))
#define VARIANCE_7(what, ...) MUTATION(7, posterior_variance, what, OF_TIME(__VA_ARGS__))
#define X0_15(what, ...) MUTATION(15, predict_x0, what, OF_TWO(x, eps, __VA_ARGS__))

std::vector<Mutation> step_mutations() {
  using std::sqrt;
  return {
      PRIOR_1("as printed", log_bell(x, 0, 1)),
      PRIOR_1("p(x_T)'s variance 2", log_bell(x, 0, 2)),
      PRIOR_1("p(x_T)'s mean 1/2", log_bell(x, 0.5, 1)),
      PRIOR_1("p(x_T)'s sign", -log_bell(x, 0, 1)),
      PRIOR_1("p(x_T) without its normaliser", -0.5 * x * x),
      DENSITY_1("as printed", log_bell(to, mu(c, x, eps), v)),
      DENSITY_1("sigma for sigma^2", log_bell(to, mu(c, x, eps), sqrt(v))),
      DENSITY_1("beta_t for sigma_t^2", log_bell(to, mu(c, x, eps), c.beta)),
      DENSITY_1("beta tilde for sigma_t^2", log_bell(to, mu(c, x, eps), t > 1 ? beta_tilde(c) : v)),
      DENSITY_1("the sign of eps_theta", log_bell(to, mu(c, x, -eps), v)),
      DENSITY_1("x_t for the mean", log_bell(to, x, v)),
      DENSITY_1("log p's sign", -log_bell(to, mu(c, x, eps), v)),
      DENSITY_1("t off by one", log_bell(to, mu(At(s, t < s.T ? t + 1 : t), x, eps), v)),

      STEP_2("as printed", sqrt(1 - c.beta) * x + sqrt(c.beta) * eps),
      STEP_2("no square root of 1 - beta", (1 - c.beta) * x + sqrt(c.beta) * eps),
      STEP_2("no square root of beta", sqrt(1 - c.beta) * x + c.beta * eps),
      STEP_2("x_{t-1} not scaled", x + sqrt(c.beta) * eps),
      STEP_2("alpha_bar for alpha", sqrt(c.bar) * x + sqrt(c.noise) * eps),
      STEP_2("sqrt(1 + beta)", sqrt(1 + c.beta) * x + sqrt(c.beta) * eps),
      STEP_2("t off by one", sqrt(1 - s.beta[t - 1]) * x + sqrt(s.beta[t - 1]) * eps),
      DENSITY_2("as printed", log_bell(to, sqrt(1 - c.beta) * x, c.beta)),
      DENSITY_2("q's variance sqrt(beta)", log_bell(to, sqrt(1 - c.beta) * x, sqrt(c.beta))),
      DENSITY_2("q's mean x_{t-1}", log_bell(to, x, c.beta)),
      DENSITY_2("q's t off by one", log_bell(to, sqrt(1 - c.beta) * x, s.beta[t < s.T ? t + 1 : t - 1])),
      DENSITY_2("no normaliser",
          -(to - sqrt(1 - c.beta) * x) * (to - sqrt(1 - c.beta) * x) / (2 * c.beta)),

      JUMP_4("as printed", sqrt(c.bar) * x_0 + sqrt(c.noise) * eps),
      JUMP_4("no square root of alpha_bar", c.bar * x_0 + sqrt(c.noise) * eps),
      JUMP_4("no square root of 1 - alpha_bar", sqrt(c.bar) * x_0 + c.noise * eps),
      JUMP_4("alpha for alpha_bar", sqrt(c.alpha) * x_0 + sqrt(c.noise) * eps),
      JUMP_4("beta for 1 - alpha_bar", sqrt(c.bar) * x_0 + sqrt(c.beta) * eps),
      JUMP_4("the sign of eps", sqrt(c.bar) * x_0 - sqrt(c.noise) * eps),
      JUMP_4("t off by one, down", sqrt(c.bar_before) * x_0 + sqrt(c.noise_before) * eps),
      JUMP_4("x_0 and eps exchanged", sqrt(c.bar) * eps + sqrt(c.noise) * x_0),
      tables(4, "alpha_bar one step late", [](Schedule& s) { late(s.alpha_bar); }),
      tables(4, "1 - alpha_bar one step late", [](Schedule& s) { late(s.one_minus_alpha_bar); }),
      JUMP_4("t off by one, up",
          t == s.T ? 0 : sqrt(s.alpha_bar[t + 1]) * x_0 + sqrt(s.one_minus_alpha_bar[t + 1]) * eps),
      MUTATION(4, simple_loss, "as printed",
          [](Tape& tape, const NoisePredictor& e, const Schedule& s, const Tensor& x_0,
             const std::vector<int>& t, const Tensor& eps, std::vector<double>*) {
            const At c(s, t[0]);
            return e(tape, number(sqrt(c.bar) * x_0.data()[0] + sqrt(c.noise) * eps.data()[0]), t);
          }),
      MUTATION(4, simple_loss, "the loss: x_{t-1} in the place of x_t",
          [](Tape& tape, const NoisePredictor& e, const Schedule& s, const Tensor& x_0,
             const std::vector<int>& t, const Tensor& eps, std::vector<double>*) {
            const At c(s, t[0]);
            return e(tape, number(sqrt(c.bar_before) * x_0.data()[0] + sqrt(c.noise_before) * eps.data()[0]), t);
          }),
      tables(4, "alpha_bar without alpha_1", [](Schedule& s) {
        for (double& bar : s.alpha_bar) bar /= s.alpha[1];
      }),

      DENSITY_6("as printed", log_bell(to, mu_tilde(c, x_0, x), beta_tilde(c))),
      DENSITY_6("beta for beta tilde", log_bell(to, mu_tilde(c, x_0, x), c.beta)),
      DENSITY_6("the square root of beta tilde", log_bell(to, mu_tilde(c, x_0, x), sqrt(beta_tilde(c)))),
      DENSITY_6("x_0 and x_t exchanged", log_bell(to, mu_tilde(c, x, x_0), beta_tilde(c))),
      DENSITY_6("the mean's t off by one", log_bell(to, mu_tilde(At(s, t - 1), x_0, x), beta_tilde(c))),
      DENSITY_6("beta tilde's t off by one",
          log_bell(to, mu_tilde(c, x_0, x), beta_tilde(At(s, t == s.T ? t - 1 : t + 1)))),
      DENSITY_6("1 - alpha_bar_{t-1} for beta tilde", log_bell(to, mu_tilde(c, x_0, x), c.noise_before)),
      DENSITY_6("the mean x_t / sqrt(alpha)", log_bell(to, x / sqrt(c.alpha), beta_tilde(c))),
      DENSITY_6("the mean without x_0", log_bell(to, mu_tilde(c, 0, x), beta_tilde(c))),
      DENSITY_6("the mean without x_t", log_bell(to, mu_tilde(c, x_0, 0), beta_tilde(c))),
      DENSITY_6("the mean's sign", log_bell(to, -mu_tilde(c, x_0, x), beta_tilde(c))),
      DENSITY_6("log q's sign", -log_bell(to, mu_tilde(c, x_0, x), beta_tilde(c))),
      DENSITY_6("no square root of 2 pi beta tilde",
          log_bell(to, mu_tilde(c, x_0, x), beta_tilde(c)) - 0.5 * std::log(2 * std::numbers::pi * beta_tilde(c))),
      DENSITY_6("no normaliser",
          log_bell(to, mu_tilde(c, x_0, x), beta_tilde(c)) + 0.5 * std::log(2 * std::numbers::pi * beta_tilde(c))),
      DENSITY_6("q(x_t | x_{t-1}), not turned round", log_bell(x, sqrt(c.alpha) * to, c.beta)),
      DENSITY_6("q(x_{t-1} | x_0), without x_t", log_bell(to, sqrt(c.bar_before) * x_0, c.noise_before)),

      MEAN_7("as printed",
          (sqrt(c.bar_before) * c.beta * x_0 + sqrt(c.alpha) * c.noise_before * x) / c.noise),
      MEAN_7("x_0: no square root of alpha_bar_{t-1}",
          (c.bar_before * c.beta * x_0 + sqrt(c.alpha) * c.noise_before * x) / c.noise),
      MEAN_7("x_0: alpha_bar_t for alpha_bar_{t-1}",
          (sqrt(c.bar) * c.beta * x_0 + sqrt(c.alpha) * c.noise_before * x) / c.noise),
      MEAN_7("x_0: sqrt(beta)",
          (sqrt(c.bar_before * c.beta) * x_0 + sqrt(c.alpha) * c.noise_before * x) / c.noise),
      MEAN_7("x_0: its sign",
          (-sqrt(c.bar_before) * c.beta * x_0 + sqrt(c.alpha) * c.noise_before * x) / c.noise),
      MEAN_7("x_0: 1 - alpha_bar_{t-1} below",
          t == 1 ? x_0 : sqrt(c.bar_before) * c.beta / c.noise_before * x_0
          + sqrt(c.alpha) * c.noise_before * x / c.noise),
      MEAN_7("x_t: no square root of alpha",
          (sqrt(c.bar_before) * c.beta * x_0 + c.alpha * c.noise_before * x) / c.noise),
      MEAN_7("x_t: alpha_bar for alpha",
          (sqrt(c.bar_before) * c.beta * x_0 + sqrt(c.bar) * c.noise_before * x) / c.noise),
      MEAN_7("x_t: 1 - alpha_bar_t above",
          (sqrt(c.bar_before) * c.beta * x_0 + sqrt(c.alpha) * c.noise * x) / c.noise),
      MEAN_7("x_0 and x_t exchanged", mu_tilde(c, x, x_0)),
      MEAN_7("t off by one", t == 1 ? x_0 : mu_tilde(At(s, t - 1), x_0, x)),
      VARIANCE_7("as printed", c.noise_before / c.noise * c.beta),
      VARIANCE_7("beta for beta tilde", t == 1 ? 0 : c.beta),
      VARIANCE_7("the fraction inverted", t == 1 ? 0 : c.noise / c.noise_before * c.beta),
      VARIANCE_7("alpha_bar for 1 - alpha_bar", t == 1 ? 0 : c.bar_before / c.bar * c.beta),
      VARIANCE_7("t off by one", t == 1 ? 0 : beta_tilde(At(s, t - 1))),
      COEFFICIENT_7(posterior_coef_x0, "as printed", sqrt(c.bar_before) * c.beta / c.noise),
      COEFFICIENT_7(posterior_coef_x0, "of x_0 alone: alpha_bar_t", sqrt(c.bar) * c.beta / c.noise),
      COEFFICIENT_7(posterior_coef_x0, "of x_0 alone: no square root", c.bar_before * c.beta / c.noise),
      COEFFICIENT_7(posterior_coef_x0, "of x_0 alone: beta tilde", sqrt(c.bar_before) * beta_tilde(c) / c.noise),
      COEFFICIENT_7(posterior_coef_xt, "as printed", sqrt(c.alpha) * c.noise_before / c.noise),
      COEFFICIENT_7(posterior_coef_xt, "of x_t alone: no square root", c.alpha * c.noise_before / c.noise),
      COEFFICIENT_7(posterior_coef_xt, "of x_t alone: no fraction", sqrt(c.alpha)),
      COEFFICIENT_7(posterior_coef_xt, "of x_t alone: alpha_bar", sqrt(c.bar) * c.noise_before / c.noise),

      MEAN("as printed", (x - c.beta / sqrt(c.noise) * eps) / sqrt(c.alpha)),
      MEAN("no square root of alpha", (x - c.beta / sqrt(c.noise) * eps) / c.alpha),
      MEAN("alpha_bar for alpha", (x - c.beta / sqrt(c.noise) * eps) / sqrt(c.bar)),
      MEAN("no square root of 1 - alpha_bar", (x - c.beta / c.noise * eps) / sqrt(c.alpha)),
      MEAN("sqrt(beta)", (x - sqrt(c.beta) / sqrt(c.noise) * eps) / sqrt(c.alpha)),
      MEAN("the sign of eps", (x + c.beta / sqrt(c.noise) * eps) / sqrt(c.alpha)),
      MEAN("x_t multiplied by sqrt(alpha)", (x - c.beta / sqrt(c.noise) * eps) * sqrt(c.alpha)),
      MEAN("t off by one", mu(At(s, t == 1 ? 1 : t - 1), x, eps)),
      MEAN("beta tilde for beta", (x - beta_tilde(c) / sqrt(c.noise) * eps) / sqrt(c.alpha)),
      {equation(11), "no clip where it is asked for", [](Formulas& f) {
         f.reverse_mean = [](const Schedule& s, int t, double x, double eps, bool) {
           return mu(At(s, t), x, eps);
         };
       }},
      {equation(11), "a clip where none is asked for", [](Formulas& f) {
         f.reverse_mean = [](const Schedule& s, int t, double x, double eps, bool) {
           return Lifted<decltype(::reverse_mean)>::of(::reverse_mean)(s, t, x, eps, true);
         };
       }},

      X0_15("as printed", (x - sqrt(c.noise) * eps) / sqrt(c.bar)),
      X0_15("no square root of 1 - alpha_bar", (x - c.noise * eps) / sqrt(c.bar)),
      X0_15("no square root of alpha_bar", (x - sqrt(c.noise) * eps) / c.bar),
      X0_15("the sign of eps", (x + sqrt(c.noise) * eps) / sqrt(c.bar)),
      X0_15("alpha for alpha_bar", (x - sqrt(c.noise) * eps) / sqrt(c.alpha)),
      X0_15("beta for 1 - alpha_bar", (x - sqrt(c.beta) * eps) / sqrt(c.bar)),
      X0_15("t off by one", (x - sqrt(c.noise_before) * eps) / sqrt(c.bar_before)),
      X0_15("x_t multiplied by sqrt(alpha_bar)", (x - sqrt(c.noise) * eps) * sqrt(c.bar)),
      X0_15("eps not divided by sqrt(alpha_bar)", x / sqrt(c.bar) - sqrt(c.noise) * eps),
  };
}

}  // namespace equations
