// The figures (ddpm/figures/figure.h): the numbers in their CSV, their images and what they refuse.
// The command: tests/ddpm/cli/test_figure_command.cpp.
#include <doctest/doctest.h>

#include <cmath>

#include "ddpm/data/batch.h"
#include "ddpm/data/image.h"
#include "ddpm/figures/base64.h"
#include "ddpm/figures/figure.h"
#include "ddpm/formats/csv.h"
#include "ddpm/formats/png.h"
#include "ddpm/forward.h"
#include "ddpm/losses.h"
#include "ddpm/posterior.h"
#include "ddpm/sample.h"
#include "tensor/random.h"
#include "tests/support/command.h"
#include "tests/support/near.h"
#include "tests/support/tiny.h"
#include "tests/support/xml.h"

namespace ddpm::test {

namespace {

namespace fs = std::filesystem;

CsvTable table_of(const std::string& csv) {
  const ScratchFolder folder;
  return read_csv(folder.put("a.csv", csv), {});
}

// How an image row of a sheet is embedded: images (N, H, W, 1).
std::string strip_of(const std::vector<real>& images, int N, int side) {
  const Picture picture = grid(images.data(), N, side, side, 1, N, 1);
  return base64(encode_png(picture.pixels.data(), picture.H, picture.W, 1));
}

// A noise predictor whose x_0_hat leaves [-1, 1] in places.
Tensor half_of(Tape&, const Tensor& x_t, const std::vector<int>&) { return scale(0.5, x_t); }

Schedule short_schedule() { return make_schedule({.T = 20, .beta_1 = 0.01, .beta_T = 0.4}); }

}  // namespace

TEST_CASE("figure: the columns' times") {
  CHECK(column_times(1000) == std::vector<int>{0, 100, 200, 300, 400, 500, 600, 700, 800, 900, 1000});
  CHECK(column_times(12) == std::vector<int>{0, 1, 2, 3, 4, 6, 7, 8, 9, 10, 12});
  CHECK(column_times(1'000'000)[9] == 900'000);
  CHECK(error_of([] { column_times(9); }) ==
        "the figure has 11 columns, from t = 0 to T: T must be at least 10, not 9");
}

TEST_CASE("figure schedule: the CSV holds the schedule's numbers, the picture their curves") {
  const Schedule s = make_schedule({});
  const Figure figure = schedule_figure(s);
  const CsvTable table = table_of(figure.csv);
  REQUIRE(table.rows.size() == 1000);
  for (const int t : {1, 2, 500, 1000}) {
    const size_t i = size_t(t - 1);
    CHECK(table.column("t")[i] == t);
    CHECK(table.column("beta")[i] == s.beta[t]);
    CHECK(table.column("posterior_variance")[i] == posterior_variance(s, t));
    CHECK(table.column("alpha_bar")[i] == s.alpha_bar[t]);
    CHECK(table.column("one_minus_alpha_bar")[i] == s.one_minus_alpha_bar[t]);
    CHECK(near(table.column("snr")[i], s.alpha_bar[t] / (1 - s.alpha_bar[t]), 0, 1e-9));
    CHECK(near(table.column("loss_weight")[i], loss_weight(s, t, s.beta[t]), 0));
  }
  CHECK(xml_fault(figure.svg) == "");
  CHECK(figure.svg.size() < 40'000);
  for (const std::string words : {"beta_t", "beta_tilde_t", "alpha_bar_t", "1 - alpha_bar_t",
                                  "sigma_t^2 = beta_t", "Signal-to-noise ratio", "t (steps)"})
    CHECK_MESSAGE(contains(figure.svg, ">" + words + "<"), words);
  CHECK(xml_fault(schedule_figure(make_schedule({.T = 1})).svg) == "");
  // The signal-to-noise ratio falls from 1e12 to 0.
  CHECK(xml_fault(schedule_figure(make_schedule({.T = 9999, .beta_1 = 1e-12, .beta_T = 0.5})).svg) == "");
}

TEST_CASE("figure forward: Eq. (4) with one eps for all t") {
  const Bars data(20, 8);
  const Schedule s = short_schedule();
  const Figure figure = forward_figure(s, data, 3, 7);
  const Tensor x_0 = load_images(data, {3});
  const Tensor eps = standard_normal({1, 8, 8, 1}, {7, purpose_noise, 0, 0});
  std::vector<real> row = x_0.values();
  for (int t = 2; t <= 20; t += 2)
    for (const real x : q_sample(s, {t}, x_0, eps).values()) row.push_back(x);
  CHECK(count_of(figure.svg, strip_of(row, 11, 8)) == 1);
  CHECK(xml_fault(figure.svg) == "");
  CHECK(contains(figure.svg, "one eps for all t"));

  const CsvTable table = table_of(figure.csv);
  REQUIRE(table.rows.size() == 11);
  CHECK(table.rows[0] == std::vector<double>{0, 1, 1, 0, std::sqrt(squared_norm(x_0)[0] / 64)});
  CHECK(table.column("t")[10] == 20);
  CHECK(table.column("alpha_bar")[4] == s.alpha_bar[8]);
  CHECK(table.column("signal")[4] == std::sqrt(s.alpha_bar[8]));
  CHECK(table.column("noise")[4] == std::sqrt(s.one_minus_alpha_bar[8]));
  CHECK(forward_figure(s, data, 3, 8).svg != figure.svg);
  CHECK(error_of([&] { forward_figure(s, data, 20, 7); }) ==
        "the data have no image 20: their images are 0 to 19");
  CHECK_FALSE(error_of([&] { forward_figure(s, data, -1, 7); }) == "no error");
}

TEST_CASE("figure reverse: x_t and x_0_hat of Algorithm 2, with the clip and without") {
  const Schedule s = short_schedule();
  const int count = 2;
  std::vector<std::string> lines;
  Reporter reporter;
  reporter.progress = [&](const std::string& line, bool) { return lines.push_back(line), true; };
  const Figure figure = reverse_figure(half_of, {4, 4, 1}, s, Variance::posterior, count, 5, reporter);
  CHECK(lines.size() == 40);
  CHECK(lines.back() == "chain without the clip, t = 1");
  CHECK(xml_fault(figure.svg) == "");
  const CsvTable table = table_of(figure.csv);
  REQUIRE(table.rows.size() == 11);
  CHECK(table.column("t")[0] == 20);
  CHECK(table.column("t")[10] == 0);
  CHECK(table.column("alpha_bar")[3] == s.alpha_bar[14]);

  int outside_seen = 0;
  for (const Clip clip : {Clip::on, Clip::off}) {
    std::vector<real> x_t_row, x_0_hat_row;  // of the second sample
    const auto append = [](const Tensor& x, std::vector<real>& row) {
      row.insert(row.end(), x.data() + 16, x.data() + 32);
    };
    size_t column = 0;
    Tensor x_t = standard_normal({count, 4, 4, 1}, {5, purpose_prior, 0, 0});
    const std::string prefix = clip == Clip::on ? "clipped" : "unclipped";
    const Tensor x_0 =
        sample(half_of, {4, 4, 1}, s, {Variance::posterior, clip}, 5, 0, count,
               [&](int t, const Tensor& x_prev, const Tensor& x_0_hat) {
                 if (t % 2 == 0) {
                   append(x_t, x_t_row), append(x_0_hat, x_0_hat_row);
                   CHECK(near(table.column(prefix + "_x_t_rms")[column], root_mean_square(x_t), 0));
                   CHECK(near(table.column(prefix + "_x_0_hat_rms")[column], root_mean_square(x_0_hat), 0));
                   int outside = 0;
                   for (const real x : x_0_hat.values()) outside += std::abs(x) > 1;
                   if (clip == Clip::off) {
                     CHECK(table.column("unclipped_outside")[column] == outside / 32.0);
                     outside_seen += outside;
                   }
                   ++column;
                 }
                 x_t = x_prev;
                 return true;
               });
    append(x_0, x_t_row), append(x_0, x_0_hat_row);
    CHECK(count_of(figure.svg, strip_of(x_t_row, 11, 4)) == 1);
    CHECK(count_of(figure.svg, strip_of(x_0_hat_row, 11, 4)) == 1);
  }
  CHECK(outside_seen > 0);
  CHECK(
      contains(figure.svg, text(">", std::lround(100 * table.column("unclipped_outside")[0]), " %</text>")));

  for (const int stop_after : {5, 25}) {
    lines.clear();
    reporter.stop = [&] { return int(lines.size()) == stop_after; };
    CHECK(reverse_figure(half_of, {4, 4, 1}, s, Variance::beta, 1, 0, reporter).svg == "");
  }
  CHECK_THROWS_AS(reverse_figure(half_of, {4, 4, 2}, s, Variance::beta, 1, 0, {}), Error);
}

TEST_CASE("figure training: means between validations, and the validations' own losses") {
  const ScratchFolder run;
  const auto put_log = [&](const std::string& rows) {
    run.put("log.csv", "step,loss,loss_q1,loss_q2,loss_q3,loss_q4,learning_rate\n" + rows);
  };
  const std::string validation_header =
      "step,raw_loss,raw_q1,raw_q2,raw_q3,raw_q4,ema_loss,ema_q1,ema_q2,ema_q3,ema_q4\n";
  put_log("1,1,2,,3,4,0\n2,3,4,,5,,0\n3,5,6,7,8,9,0\n4,50,60,70,80,90,0\n");
  run.put("validation.csv", validation_header + "2,1,2,3,4,5,6,7,8,9,10\n3,11,12,13,14,15,16,17,18,19,20\n");
  const Figure figure = training_figure(run / ".");
  const CsvTable table = table_of(figure.csv);
  CHECK(table.column("step") == std::vector<double>{2, 3});
  CHECK(table.column("train_loss") == std::vector<double>{2, 5});
  CHECK(table.column("train_loss_q1") == std::vector<double>{3, 6});
  CHECK(std::isnan(table.column("train_loss_q2")[0]));
  CHECK(table.column("train_loss_q4") == std::vector<double>{4, 9});
  CHECK(table.column("raw_q4") == std::vector<double>{5, 15});
  CHECK(table.column("ema_loss") == std::vector<double>{6, 16});
  CHECK(xml_fault(figure.svg) == "");
  CHECK(count_of(figure.svg, "class=\"curve purple\"") == 4);  // two in legends
  CHECK(count_of(figure.svg, "class=\"curve purple dashed\"") == 1);

  put_log("");
  CHECK(contains(error_of([&] { training_figure(run / "."); }), "log.csv has no rows yet"));
  put_log("1,1,2,3,4,5,0\n");
  run.put("validation.csv", validation_header);
  CHECK(contains(error_of([&] { training_figure(run / "."); }), "validation.csv has no rows yet"));
  run.put("validation.csv", "step,loss\n1,2\n");
  CHECK(contains(error_of([&] { training_figure(run / "."); }), "validation.csv has no column raw_loss"));
  // Losses without a finite number have no curve.
  run.put("validation.csv", validation_header + "1,,,,,,,,,,\n");
  CHECK(contains(error_of([&] { training_figure(run / "."); }), "validation.csv has no finite loss"));
  put_log("1,1e301,1e301,1e301,1e301,1e301,0\n");
  CHECK(contains(error_of([&] { training_figure(run / "."); }), "log.csv has no finite loss"));
}

}  // namespace ddpm::test
