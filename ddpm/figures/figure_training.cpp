// The figure `training` (ddpm/figures/figure.h). Checked by: tests/ddpm/figures/test_figure.cpp.
#include <cmath>

#include "ddpm/figures/chart.h"
#include "ddpm/figures/figure.h"
#include "ddpm/formats/csv.h"

namespace ddpm {

namespace {

const std::vector<std::string> log_columns{"loss", "loss_q1", "loss_q2", "loss_q3", "loss_q4"};
const std::vector<std::string> validation_columns{"raw_loss", "raw_q1", "raw_q2", "raw_q3", "raw_q4",
                                                  "ema_loss", "ema_q1", "ema_q2", "ema_q3", "ema_q4"};

CsvTable read_log(const std::string& path, std::vector<std::string> columns) {
  columns.push_back("step");
  const CsvTable table = read_csv(path, columns);
  for (const double step : table.column("step"))
    if (!(step >= 0 && step <= 0x1p53 && step == std::floor(step)))
      fail(path, " has a row whose step is no number of steps: ", step);
  return table;
}

// Returns the means of a log's column over the steps after each validation up to the next, last included.
// Skips empty cells. The mean of none is NaN.
std::vector<double> means_until(const std::vector<double>& validated, const CsvTable& log,
                                const std::string& column) {
  const std::vector<double> steps = log.column("step"), losses = log.column(column);
  std::vector<double> means;
  size_t i = 0;
  for (const double last : validated) {
    double sum = 0;
    int count = 0;
    for (; i < steps.size() && steps[i] <= last; ++i)
      if (!std::isnan(losses[i])) sum += losses[i], ++count;
    means.push_back(sum / count);
  }
  return means;
}

// Returns one table with a row per validation.
CsvTable joined(const CsvTable& log, const CsvTable& validation) {
  const std::vector<double> steps = validation.column("step");
  CsvTable table{{"step"}, {}};
  for (const double step : steps) table.rows.push_back({step});
  const auto add = [&](const std::string& name, const std::vector<double>& numbers) {
    table.names.push_back(name);
    for (size_t i = 0; i < numbers.size(); ++i) table.rows[i].push_back(numbers[i]);
  };
  for (const std::string& name : log_columns) add("train_" + name, means_until(steps, log, name));
  for (const std::string& name : validation_columns) add(name, validation.column(name));
  return table;
}

// Throws Error, which names the file, if the chart has no point to draw.
void require_losses(const Chart& chart, const std::string& path) {
  if (!has_points(chart)) fail(path, " has no finite loss to draw");
}

// Adds the curves of the four quarters, whose columns are named prefix + "1" to prefix + "4".
void add_quarters(Chart& chart, const CsvTable& table, const std::string& prefix,
                  const std::vector<std::string>& labels, bool dashed) {
  const Colour colours[] = {Colour::blue, Colour::orange, Colour::green, Colour::purple};
  for (int q = 0; q < 4; ++q)
    chart.curves.push_back(
        {labels[size_t(q)], {colours[q], dashed}, table.column("step"), table.column(text(prefix, q + 1))});
}

// Adds a name to the legend: what the curves of this dash are.
void explain(Chart& chart, const std::string& label, bool dashed) {
  chart.curves.push_back({label, {Colour::grey, dashed}, {}, {}});
}

}  // namespace

Figure training_figure(const std::string& run) {
  const std::string log = run + "/log.csv", validation_log = run + "/validation.csv";
  const CsvTable steps = read_log(log, log_columns);
  const CsvTable table = joined(steps, read_log(validation_log, validation_columns));
  const std::vector<std::string> quarters{"1st", "2nd", "3rd", "4th"}, unnamed{"", "", "", ""};
  Chart training{.title = "Training batches, by quarter of t",
                 .x_label = "training steps",
                 .y_label = "L_simple (mean per pixel)",
                 .y_scale = Scale::logarithmic};
  Chart validation = training;
  add_quarters(training, table, "train_loss_q", quarters, false);
  require_losses(training, log);
  explain(training, "mean since last validation", false);

  validation.title = "Validation set, by quarter of t";
  add_quarters(validation, table, "raw_q", quarters, false);
  add_quarters(validation, table, "ema_q", unnamed, true);
  require_losses(validation, validation_log);
  explain(validation, "raw weights", false);
  explain(validation, "averaged", true);

  constexpr double width = figure_width / 2, height = 320;
  Svg svg(figure_width, height, "Loss during training, by quarter of t");
  draw_chart(svg, {0, 0, width, height}, training);
  draw_chart(svg, {width, 0, width, height}, validation);
  return {svg.file(), csv_text(table)};
}

}  // namespace ddpm
