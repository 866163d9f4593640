// ddpm schedule: prints the variance schedule as a summary or as CSV.
// Checked by: tests/ddpm/cli/test_cli.cpp.
#include "ddpm/schedule.h"

#include <cmath>
#include <cstdio>
#include <ostream>
#include <set>

#include "ddpm/cli/advice.h"
#include "ddpm/cli/commands.h"
#include "ddpm/losses.h"
#include "ddpm/posterior.h"
#include "ddpm/run/preflight.h"

namespace ddpm {

namespace {

void print_csv(std::ostream& out, const Schedule& s) {
  out << "t,beta,alpha,alpha_bar,posterior_variance,posterior_coef_x0,posterior_coef_xt,loss_weight\n";
  for (int t = 1; t <= s.T; ++t) {
    out << t;
    const PosteriorCoefficients of = posterior_coefficients(s, t);
    for (const double value : {s.beta[t], s.alpha[t], s.alpha_bar[t], posterior_variance(s, t), of.x_0,
                               of.x_t, loss_weight(s, t, s.beta[t])}) {
      char cell[32];
      std::snprintf(cell, sizeof(cell), ",%.17g", value);
      out << cell;
    }
    out << "\n";
  }
}

void print_summary(std::ostream& out, const Schedule& s) {
  out << schedule_lines(s, 1, prior_advice)  // 1 is the largest mean square of data in [-1, 1]
      << "\n      t        beta   alpha_bar   signal sqrt(alpha_bar)   noise sqrt(1 - alpha_bar)\n";
  std::set<int> shown{1, 2, s.T};
  for (int tenth = 1; tenth < 10; ++tenth) shown.insert(std::max(1, int(int64_t(s.T) * tenth / 10)));
  for (const int t : shown) {
    if (t > s.T) continue;
    char row[128];
    std::snprintf(row, sizeof(row), "%7d  %10.4g  %10.4g   %23.6f   %25.6f\n", t, s.beta[t], s.alpha_bar[t],
                  std::sqrt(s.alpha_bar[t]), std::sqrt(s.one_minus_alpha_bar[t]));
    out << row;
  }
}

void run_schedule(Options& options, const Console& console) {
  ScheduleConfig config;
  config.kind = options.value("kind");
  config.T = int(options.integer("T"));
  config.beta_1 = options.number("beta-1");
  config.beta_T = options.number("beta-T");
  const Schedule schedule = make_schedule(config);
  if (options.on("csv"))
    print_csv(console.out, schedule);
  else
    print_summary(console.out, schedule);
}

}  // namespace

const Command& schedule_command() {
  static const Command command{
      "schedule",
      "print the variance schedule: beta_t and the coefficients derived from it (Section 2)",
      {{"kind", "KIND", "linear",
        "schedule: linear (the paper's), scaled_linear (in sqrt(beta)) or squaredcos_cap_v2 (cosine)",
        one_of({"linear", "scaled_linear", "squaredcos_cap_v2"})},
       {"T", "N", "1000", "steps of the forward process", whole(1, 1'000'000)},
       {"beta-1", "X", "0.0001", "variance of the first step", number(1e-12, 0.999999)},
       {"beta-T", "X", "0.02", "variance of the last step", number(1e-12, 0.999999)},
       {"csv", "", "",
        "print one CSV row per t = 1..T; 17 significant digits, fewer for numbers below 1e-308"}},
      run_schedule};
  return command;
}

}  // namespace ddpm
