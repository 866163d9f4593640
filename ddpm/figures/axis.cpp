// See ddpm/figures/axis.h. Checked by: tests/ddpm/figures/test_svg.cpp.
#include "ddpm/figures/axis.h"

#include <cmath>
#include <cstdio>

#include "kernels/types.h"

namespace ddpm {

namespace {

constexpr double slack = 1e-9;  // makes up for rounding where a number must not be below another

// Returns the multiples of `step` in the range.
std::vector<double> multiples(double step, Range range) {
  std::vector<double> found;
  for (double k = std::ceil(range.from / step - slack); k <= std::floor(range.to / step + slack); ++k)
    found.push_back(k * step);
  return found;
}

// Returns the multiples of the smallest 1, 2 or 5 times a power of ten that gives at most `most`.
std::vector<double> linear_ticks(Range range, int most) {
  for (double power = std::pow(10, std::floor(std::log10((range.to - range.from) / most)));; power *= 10)
    for (const int digit : {1, 2, 5}) {
      const std::vector<double> found = multiples(digit * power, range);
      if (found.size() <= size_t(most)) return found;
    }
}

// Returns the products of the digits and the powers of ten that lie in the range.
std::vector<double> digits_times_powers(const std::vector<int>& digits, Range range) {
  std::vector<double> found;
  for (double k = std::floor(std::log10(range.from)); k <= std::floor(std::log10(range.to) + slack); ++k)
    for (const int digit : digits) {
      const double value = digit * std::pow(10, k);
      if (value >= range.from * (1 - slack) && value <= range.to * (1 + slack)) found.push_back(value);
    }
  return found;
}

std::vector<double> logarithmic_ticks(Range range, int most) {
  const std::vector<double> fine = digits_times_powers({1, 2, 5}, range);
  if (fine.size() < 2) return linear_ticks(range, most);  // less than a factor of 5 or so
  if (fine.size() <= size_t(most)) return fine;
  std::vector<double> ticks = digits_times_powers({1}, range);
  if (ticks.size() <= size_t(most)) return ticks;
  ticks = linear_ticks({std::log10(range.from), std::log10(range.to)}, most);  // exponents
  for (double& tick : ticks) tick = std::pow(10, tick);
  return ticks;
}

}  // namespace

Axis::Axis(Scale scale, Range values, Range lengths) : scale_(scale), values_(values), lengths_(lengths) {
  ENSURE(values.from < values.to && std::isfinite(values.to - values.from), values.from, " ", values.to);
  ENSURE(scale == Scale::linear || values.from > 0, values.from);
}

double Axis::at(double value) const {
  const double share = scale_ == Scale::linear
                           ? (value - values_.from) / (values_.to - values_.from)
                           : std::log(value / values_.from) / std::log(values_.to / values_.from);
  return lengths_.from + share * (lengths_.to - lengths_.from);
}

std::vector<double> Axis::ticks(int most) const {
  ENSURE(most >= 2, most);
  return scale_ == Scale::linear ? linear_ticks(values_, most) : logarithmic_ticks(values_, most);
}

std::string number_label(double value, int digits) {
  char buffer[64];
  std::snprintf(buffer, sizeof(buffer), "%.*e", digits - 1, value);  // rounds, as in "4.0e-05"
  const std::string rounded = buffer;
  const size_t e = rounded.find('e');
  const int power = e == rounded.npos ? 0 : std::stoi(rounded.substr(e + 1));
  const bool in_full = -3 <= power && power < 6;
  std::snprintf(buffer, sizeof(buffer), "%.*g", digits, in_full ? value : std::stod(rounded.substr(0, e)));
  return in_full ? buffer : text(buffer, "e", power);
}

}  // namespace ddpm
