// Holds single steps and variances beside those of the library diffusers, computed in double
// (tests/golden/library-scheduler/): ddpm/schedule.cpp, posterior.cpp, reverse.cpp, and the names of
// ddpm/diffusers/scheduler.cpp.
#include <doctest/doctest.h>

#include <cmath>

#include "ddpm/diffusers/model.h"
#include "ddpm/posterior.h"
#include "tests/support/files.h"
#include "tests/support/near.h"
#include "tests/support/scratch.h"

namespace ddpm::test {

namespace {

using Row = std::map<std::string, std::string>;  // cells by the names of their columns

std::vector<std::string> cells(const std::string& line) {
  std::vector<std::string> all(1);
  for (const char c : line)
    if (c == ',')
      all.emplace_back();
    else
      all.back() += c;
  return all;
}

std::vector<Row> table(const std::string& name) {
  const std::vector<std::string> lines = rows(read_bytes("tests/golden/library-scheduler/" + name));
  const std::vector<std::string> names = cells(lines[0]);
  std::vector<Row> all;
  for (size_t i = 1; i < lines.size(); ++i) {
    const std::vector<std::string> values = cells(lines[i]);
    REQUIRE(values.size() == names.size());
    Row& row = all.emplace_back();
    for (size_t k = 0; k < names.size(); ++k) row[names[k]] = values[k];
  }
  return all;
}

double number(const Row& row, const std::string& column) {
  return row.at(column).empty() ? 0 : std::stod(row.at(column));
}

// Reads a file of the library with this row's settings.
DiffusionConfig config_of(const Row& row, bool clip) {
  const ScratchFolder folder;
  folder.put("scheduler_config.json",
             text("{\"beta_schedule\": \"", row.at("beta_schedule"), "\", \"variance_type\": \"",
                  row.at("variance_type"), "\", \"clip_sample\": ", clip ? "true" : "false", "}"));
  return read_scheduler(folder / ".");
}

// Returns what a row has that is not here yet, "" if it is all here.
std::string missing(const Row& row) {
  if (row.at("prediction_type") != "epsilon") return "prediction of x_0";
  if (row.at("variance_type").starts_with("learned")) return "learned variance";
  if (row.at("steps") != "1000") return "fewer steps";
  return "";
}

// Checks x_{t-1} and x_0_hat, as line 4 of Algorithm 2 makes them.
void check_step(const Row& row) {
  const DiffusionConfig config = config_of(row, row.at("clip") == "1");
  const Schedule schedule = make_schedule(config.schedule);
  const int t = int(number(row, "t"));
  Tensor x_t({1, 1}), eps_hat({1, 1}), z({1, 1});
  x_t.data()[0] = number(row, "x_t"), eps_hat.data()[0] = number(row, "model_output");
  z.data()[0] = number(row, "noise");
  const bool clip = config.reverse.clip == Clip::on;
  const Tensor x_0_hat = (clip ? clipped_x0 : predict_x0)(schedule, t, x_t, eps_hat);
  const Tensor mean =
      clip ? posterior_mean(schedule, t, x_0_hat, x_t) : reverse_mean(schedule, t, x_t, eps_hat);
  const Tensor x_prev = linear_combination(1, mean, sigma(schedule, t, config.reverse.variance), z);
  double largest = 0;
  for (const char* column : {"x_t", "model_output", "noise", "x_prev", "pred_x0"})
    largest = std::max(largest, std::fabs(number(row, column)));
  INFO(row.at("beta_schedule"), " ", row.at("variance_type"), " clip ", clip, " t ", t);
  CHECK(near(x_prev.data()[0], number(row, "x_prev"), 1e-12 * largest));
  CHECK(near(x_0_hat.data()[0], number(row, "pred_x0"), 1e-12 * largest));
}

}  // namespace

TEST_CASE("library scheduler: 56 steps agree, and the others are counted") {
  std::map<std::string, int> counts;
  for (const Row& row : table("ddpm_steps.csv")) {
    ++counts[missing(row)];
    if (missing(row).empty()) check_step(row);
  }
  CHECK(counts == std::map<std::string, int>{
                      {"", 56}, {"prediction of x_0", 224}, {"learned variance", 112}, {"fewer steps", 56}});
}

TEST_CASE("library scheduler: the variances of every type agree") {
  int seen = 0, floored = 0;
  for (const Row& row : table("variance.csv")) {
    const DiffusionConfig config = config_of(row, true);
    const int t = int(number(row, "t"));
    // The library's floor of 1e-20 in place of beta_tilde_1 = 0: no noise is added at t = 1.
    if (t == 1 && config.reverse.variance == Variance::posterior) {
      CHECK(near(number(row, "sigma_squared"), 1e-20, 0, 1e-12));
      ++floored;
      continue;
    }
    const double got = std::pow(sigma(make_schedule(config.schedule), t, config.reverse.variance), 2);
    INFO(row.at("beta_schedule"), " ", row.at("variance_type"), " t ", t);
    // The library computes the cosine's beta_t as 1 - x, which rounds it to a multiple of 2^-53.
    CHECK(near(got, number(row, "sigma_squared"), 0x1p-52, 1e-12));
    ++seen;
  }
  CHECK(seen == 90);
  CHECK(floored == 6);
}

}  // namespace ddpm::test
