// The figure `forward` (ddpm/figures/figure.h). Checked by: tests/ddpm/figures/test_figure.cpp.
#include <cmath>

#include "ddpm/data/batch.h"
#include "ddpm/figures/axis.h"
#include "ddpm/figures/figure.h"
#include "ddpm/figures/sheet.h"
#include "ddpm/formats/csv.h"
#include "ddpm/forward.h"
#include "tensor/random.h"

namespace ddpm {

Figure forward_figure(const Schedule& schedule, const Dataset& data, int64_t index, uint64_t seed) {
  if (index < 0 || index >= data.size())
    fail("the data have no image ", index, ": their images are 0 to ", data.size() - 1);
  require_grey_or_rgb(data.C);
  const std::vector<int> times = column_times(schedule.T);
  const Tensor x_0 = load_images(data, {index});
  const Tensor eps = standard_normal(x_0.shape(), {seed, purpose_noise, 0, 0});

  SheetRow t_row{"t"}, alpha_bar_row{"alpha_bar"}, x_row{"x_t"};
  CsvTable table{{"t", "alpha_bar", "signal", "noise", "x_t_rms"}, {}};
  for (const int t : times) {
    // Eq. (4) has t >= 1. At t = 0 there is no noise yet.
    const Tensor x_t = t == 0 ? x_0 : q_sample(schedule, {t}, x_0, eps);
    const double alpha_bar = schedule.alpha_bar[t], variance = schedule.one_minus_alpha_bar[t];
    t_row.texts.push_back(text(t));
    alpha_bar_row.texts.push_back(number_label(alpha_bar, 2));
    x_row.images.insert(x_row.images.end(), x_t.data(), x_t.data() + x_t.size());
    table.rows.push_back(
        {double(t), alpha_bar, std::sqrt(alpha_bar), std::sqrt(variance), root_mean_square(x_t)});
  }
  const Sheet sheet{
      "Forward process of one image",
      {data.H, data.W, data.C},
      {t_row, alpha_bar_row, x_row},
      {"Eq. (4): x_t = sqrt(alpha_bar_t) x_0 + sqrt(1 - alpha_bar_t) eps, with one eps for all t.",
       "Values outside of [-1, 1] are shown as black or white."}};
  return {sheet_svg(sheet, int(times.size())), csv_text(table)};
}

}  // namespace ddpm
