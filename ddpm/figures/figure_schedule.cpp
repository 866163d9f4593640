// The figure `schedule` (ddpm/figures/figure.h). Checked by: tests/ddpm/figures/test_figure.cpp.
#include "ddpm/figures/chart.h"
#include "ddpm/figures/figure.h"
#include "ddpm/formats/csv.h"
#include "ddpm/losses.h"
#include "ddpm/posterior.h"

namespace ddpm {

namespace {

CsvTable numbers(const Schedule& s) {
  CsvTable table{
      {"t", "beta", "posterior_variance", "alpha_bar", "one_minus_alpha_bar", "snr", "loss_weight"}, {}};
  for (int t = 1; t <= s.T; ++t)
    table.rows.push_back({double(t), s.beta[t], posterior_variance(s, t), s.alpha_bar[t],
                          s.one_minus_alpha_bar[t], s.alpha_bar[t] / s.one_minus_alpha_bar[t],
                          loss_weight(s, t, s.beta[t])});
  return table;
}

}  // namespace

Figure schedule_figure(const Schedule& schedule) {
  const CsvTable table = numbers(schedule);
  const auto curve = [&](const std::string& label, Stroke stroke, const std::string& column) {
    return Curve{label, stroke, table.column("t"), table.column(column)};
  };
  constexpr Scale linear = Scale::linear, logarithmic = Scale::logarithmic;
  constexpr Stroke first{Colour::blue, false}, second{Colour::orange, true};
  const std::vector<Chart> charts{
      {"Variances",
       "t (steps)",
       "variance",
       logarithmic,
       logarithmic,
       {curve("beta_t", first, "beta"), curve("beta_tilde_t", second, "posterior_variance")}},
      {"Signal and noise in x_t",
       "t (steps)",
       "variance",
       linear,
       logarithmic,
       {curve("alpha_bar_t", first, "alpha_bar"), curve("1 - alpha_bar_t", second, "one_minus_alpha_bar")}},
      {"Signal-to-noise ratio",
       "t (steps)",
       "ratio",
       linear,
       logarithmic,
       {curve("alpha_bar_t / (1 - alpha_bar_t)", first, "snr")}},
      {"Weight in Eq. (12)",
       "t (steps)",
       "nats per squared error",
       logarithmic,
       logarithmic,
       {curve("sigma_t^2 = beta_t", first, "loss_weight")}}};

  constexpr double width = figure_width / 2, height = 260;
  Svg svg(figure_width, 2 * height, text("Variance schedule, T = ", schedule.T));
  for (const Chart& chart : charts)
    if (!has_points(chart)) fail("the chart ", chart.title, " has no value from 1e-100 to 1e100 to draw");
  for (int i = 0; i < 4; ++i) draw_chart(svg, {i % 2 * width, i / 2 * height, width, height}, charts[i]);
  return {svg.file(), csv_text(table)};
}

}  // namespace ddpm
