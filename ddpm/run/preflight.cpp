// See ddpm/run/preflight.h. Checked by: tests/ddpm/run/test_preflight.cpp.
#include "ddpm/run/preflight.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "ddpm/bound.h"
#include "ddpm/data/image.h"
#include "ddpm/formats/quote.h"

namespace ddpm {

namespace {

constexpr int64_t max_images = 1024;
constexpr double paper_alpha_bar_T = 4.0e-5;
constexpr double largest_prior_bits = 1e-3;  // L_T in bits/dim above which a warning is printed

}  // namespace

DataSummary summarize(const Dataset& data) {
  const int64_t n = std::min(max_images, data.size());
  std::vector<uint8_t> pixels(size_t(data.H) * data.W * data.C);
  DataSummary summary{INFINITY, -INFINITY, 0, 0};
  const double weight = 1 / (double(n) * double(pixels.size()));
  for (int64_t i = 0; i < n; ++i) {
    data.image(i * (data.size() / n), pixels.data());
    for (const uint8_t pixel : pixels) {
      const double x = to_unit(pixel);
      summary.lowest = std::min(summary.lowest, x);
      summary.highest = std::max(summary.highest, x);
      summary.mean += weight * x;
      summary.mean_square += weight * x * x;
    }
  }
  return summary;
}

std::string data_line(const Dataset& data, const DataSummary& summary) {
  const bool endless = data.size() >= int64_t(1) << 40;
  std::ostringstream line;
  line.precision(3);
  line << "data      " << printable(data.name) << ": " << (endless ? "endless" : grouped(data.size()))
       << " images of " << data.H << "x" << data.W << "x" << data.C << " in [" << summary.lowest << ", "
       << summary.highest << "], mean " << summary.mean << "\n";
  return line.str();
}

std::string schedule_lines(const Schedule& schedule, double mean_square, const std::string& advice) {
  const double bits = bits_per_dim(prior_nats_per_dim(schedule, mean_square), 1);
  std::ostringstream line;
  line.precision(4);
  line << "schedule  T = " << schedule.T << ", beta " << schedule.beta[1] << " to " << schedule.beta.back()
       << ": sqrt(alpha_bar_T) = " << std::sqrt(schedule.alpha_bar.back()) << ", L_T = " << bits
       << " bits/dim\n";
  if (!(bits <= largest_prior_bits))
    line << "warning: L_T is above " << largest_prior_bits
         << ": x_T still depends on x_0, so sampling starts from "
         << "noise that the network is not trained on; " << advice << "\n";
  return line.str();
}

std::string unusual_schedule_lines(const Schedule& schedule, const std::string& advice) {
  const double ratio = schedule.alpha_bar.back() / paper_alpha_bar_T;
  return 0.1 <= ratio && ratio <= 10 ? "" : schedule_lines(schedule, 1, advice);
}

std::string digits(double number) {
  std::ostringstream out;
  out.precision(0);
  out << std::fixed << number;
  return out.str();
}

std::string grouped(double number) {
  std::string all = digits(number);
  const size_t first = number < 0;
  for (size_t at = all.size(); at > first + 3;) all.insert(at -= 3, 1, ',');
  return all;
}

}  // namespace ddpm
