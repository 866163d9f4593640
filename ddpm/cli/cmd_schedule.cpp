// ddpm schedule: prints the variance schedule as a summary or as CSV.
// Checked by: tests/ddpm/cli/test_cli.cpp.
#include "ddpm/schedule.h"

#include <cmath>
#include <cstdio>
#include <ostream>
#include <set>

#include "ddpm/cli/advice.h"
#include "ddpm/cli/commands.h"
#include "ddpm/cli/shared.h"
#include "ddpm/formats/csv.h"
#include "ddpm/losses.h"
#include "ddpm/posterior.h"
#include "ddpm/run/preflight.h"

namespace ddpm {

namespace {

CsvTable table_of(const Schedule& s) {
  CsvTable table{{"t", "beta", "alpha", "alpha_bar", "posterior_variance", "posterior_coef_x0",
                  "posterior_coef_xt", "loss_weight"},
                 {}};
  for (int t = 1; t <= s.T; ++t) {
    const PosteriorCoefficients of = posterior_coefficients(s, t);
    const double weight = loss_weight(s, t, s.beta[t]);
    table.rows.push_back(
        {double(t), s.beta[t], s.alpha[t], s.alpha_bar[t], posterior_variance(s, t), of.x_0, of.x_t, weight});
  }
  return table;
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
  const Schedule schedule = make_schedule(schedule_config(options));
  if (options.on("csv"))
    console.out << csv_text(table_of(schedule));
  else
    print_summary(console.out, schedule);
}

std::vector<Option> schedule_table() {
  std::vector<Option> options = schedule_options();
  options.push_back(
      {"csv", "", "",
       "print one CSV row per t = 1..T; 17 significant digits, fewer for numbers below 1e-308"});
  return options;
}

}  // namespace

const Command& schedule_command() {
  static const Command command{
      "schedule", "print the variance schedule: beta_t and the coefficients derived from it (Section 2)",
      schedule_table(), run_schedule};
  return command;
}

}  // namespace ddpm
