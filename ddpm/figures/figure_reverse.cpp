// The figure `reverse` (ddpm/figures/figure.h). Checked by: tests/ddpm/figures/test_figure.cpp.
#include <algorithm>
#include <cmath>

#include "ddpm/figures/figure.h"
#include "ddpm/figures/sheet.h"
#include "ddpm/formats/csv.h"
#include "ddpm/sample.h"

namespace ddpm {

namespace {

// The chain of a batch of samples: tensors (count, H, W, C), one per column, t = T, ..., 0.
struct Chain {
  std::vector<Tensor> x_t, x_0_hat;
};

struct Experiment {
  const NoisePredictor& eps_theta;
  const Shape& image;  // (H, W, C)
  const Schedule& schedule;
  Variance variance;
  int count;
  uint64_t seed;
  std::vector<int> times;  // the columns' times: T, ..., 0
};

// Runs Algorithm 2 and keeps the tensors of the columns. Returns an empty Chain if the reporter stops it.
Chain run_chain(const Experiment& e, Clip clip, const std::string& name, const Reporter& reporter) {
  Chain chain;
  Tensor x_t;
  // Keeps x_t where eps_theta receives it: the observer sees x_{t-1} instead.
  const NoisePredictor watched = [&](Tape& tape, const Tensor& x, const std::vector<int>& t) {
    x_t = x;
    return e.eps_theta(tape, x, t);
  };
  const SampleObserver observer = [&](int t, const Tensor&, const Tensor& x_0_hat) {
    if (std::find(e.times.begin(), e.times.end(), t) != e.times.end()) {
      chain.x_t.push_back(x_t);
      chain.x_0_hat.push_back(x_0_hat);
    }
    reporter.progress(text("chain ", name, " the clip, t = ", t), t == 1);
    return !reporter.stop();
  };
  const Tensor x_0 = sample(watched, e.image, e.schedule, {e.variance, clip}, e.seed, 0, e.count, observer);
  if (!x_0) return {};
  // At t = 0 the estimate is x_0 itself: Algorithm 2 returns x_0_hat of t = 1.
  chain.x_t.push_back(x_0);
  chain.x_0_hat.push_back(x_0);
  return chain;
}

// Returns the share of the numbers with |x| > 1.
double share_outside(const Tensor& x) {
  const auto outside = [](real value) { return std::abs(value) > 1; };
  return double(std::count_if(x.data(), x.data() + x.size(), outside)) / double(x.size());
}

// Returns one row of images: image b of each column's tensor.
SheetRow image_row(const std::string& label, const std::vector<Tensor>& columns, int b) {
  SheetRow row{label};
  for (const Tensor& x : columns) {
    const int64_t one = x.size() / x.dim(0);
    row.images.insert(row.images.end(), x.data() + b * one, x.data() + (b + 1) * one);
  }
  return row;
}

// Adds a heading, the times, and two rows per sample.
void add_chain(Sheet& sheet, const std::string& heading, const Experiment& e, const Chain& chain) {
  SheetRow times{"t"};
  for (const int t : e.times) times.texts.push_back(text(t));
  sheet.rows.push_back({heading});
  sheet.rows.push_back(times);
  for (int b = 0; b < e.count; ++b) {
    sheet.rows.push_back(image_row("x_t", chain.x_t, b));
    sheet.rows.push_back(image_row("x_0_hat", chain.x_0_hat, b));
  }
}

std::string picture(const Experiment& e, const Chain& clipped, const Chain& unclipped) {
  Sheet sheet{"Reverse process, with and without the clip", e.image, {}, {}};
  add_chain(sheet, "x_0_hat clipped to [-1, 1] (Departure 2)", e, clipped);
  add_chain(sheet, "Without the clip (Algorithm 2 as printed)", e, unclipped);
  SheetRow outside{"outside"};
  for (const Tensor& x_0_hat : unclipped.x_0_hat)
    outside.texts.push_back(text(std::lround(100 * share_outside(x_0_hat)), " %"));
  sheet.rows.push_back(outside);
  sheet.caption = {"x_0_hat: the estimate of x_0 from x_t, Eq. (15). Both chains use the same noise.",
                   "outside: share of the pixels whose unclipped x_0_hat is outside of [-1, 1]."};
  return sheet_svg(sheet, int(e.times.size()));
}

CsvTable numbers_of(const Experiment& e, const Chain& clipped, const Chain& unclipped) {
  CsvTable table{{"t", "alpha_bar", "clipped_x_t_rms", "clipped_x_0_hat_rms", "unclipped_x_t_rms",
                  "unclipped_x_0_hat_rms", "unclipped_outside"},
                 {}};
  for (size_t i = 0; i < e.times.size(); ++i)
    table.rows.push_back({double(e.times[i]), e.schedule.alpha_bar[e.times[i]],
                          root_mean_square(clipped.x_t[i]), root_mean_square(clipped.x_0_hat[i]),
                          root_mean_square(unclipped.x_t[i]), root_mean_square(unclipped.x_0_hat[i]),
                          share_outside(unclipped.x_0_hat[i])});
  return table;
}

}  // namespace

Figure reverse_figure(const NoisePredictor& eps_theta, const Shape& image, const Schedule& schedule,
                      Variance variance, int count, uint64_t seed, const Reporter& reporter) {
  require_grey_or_rgb(image.at(2));
  Experiment e{eps_theta, image, schedule, variance, count, seed, column_times(schedule.T)};
  std::reverse(e.times.begin(), e.times.end());
  const Chain clipped = run_chain(e, Clip::on, "with", reporter);
  if (clipped.x_t.empty()) return {};
  const Chain unclipped = run_chain(e, Clip::off, "without", reporter);
  if (unclipped.x_t.empty()) return {};
  return {picture(e, clipped, unclipped), csv_text(numbers_of(e, clipped, unclipped))};
}

}  // namespace ddpm
