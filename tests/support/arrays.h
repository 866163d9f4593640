// Guarded arrays for the kernels' tests, random inputs, and the comparison of
// a kernel's output with its definition.
// Rules: a failed comparison is a sentence, "" is success, so that
// CHECK(differs(…) == "") prints it. Checked by: tests/kernels/test_kernels.cpp.
#pragma once

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "kernels/naive/naive.h"
#include "tests/support/near.h"

namespace ddpm::test {

// The rounding error of one operation, relative to its result.
constexpr double unit = sizeof(real) == 4 ? 0x1p-24 : 0x1p-53;
// The same for what follows from long sums: the definitions sum in double, which
// is exact beside float, but in the double build errs as much as the kernel.
constexpr double sum_unit = sizeof(real) == 4 ? 0x1p-24 : 0x1p-49;

// n numbers between guards, five on each side: a kernel that writes outside its
// array changes a guard, one that reads there gets a number far from all others.
// The first element is not aligned to a vector: no kernel may rely on that.
// Fresh elements are NaN: a kernel that overwrites must not read them.
class Array {
 public:
  explicit Array(int64_t n, real value = std::numeric_limits<real>::quiet_NaN())
      : all_(n + 2 * guards, guard) {
    std::fill_n(data(), n, value);
  }
  real* data() { return all_.data() + guards; }
  const real* data() const { return all_.data() + guards; }
  operator real*() { return data(); }
  operator const real*() const { return data(); }
  operator Accumulator() { return data(); }
  int64_t size() const { return int64_t(all_.size()) - 2 * guards; }
  bool guarded() const {
    auto intact = [](real x) { return x == guard; };
    return std::all_of(all_.begin(), all_.begin() + guards, intact) &&
           std::all_of(all_.end() - guards, all_.end(), intact);
  }

 private:
  static constexpr int64_t guards = 5;
  static constexpr real guard = 12345;
  std::vector<real> all_;
};

// n standard normal numbers; other names give other numbers.
inline Array normal(int64_t n, uint32_t name) {
  Array x(n);
  naive::fill_normal(n, Stream{20200619, 0, 0, name}, x);
  return x;
}

// |x|, element by element.
inline Array magnitudes(Array x) {
  for (int64_t i = 0; i < x.size(); ++i) x[i] = std::fabs(x[i]);
  return x;
}

// got against want, |error| <= atol + rtol·|want|, and got's guards.
inline std::string differs(const Array& got, const Array& want, double atol, double rtol = 0) {
  if (!got.guarded()) return "written outside the array";
  return mismatch(got.data(), want.data(), size_t(want.size()), atol, rtol);
}

// The same for sums of `terms` products. size holds the sums of their absolute
// values: rounding in any order errs by about unit·√terms·size, and never by
// more than unit·terms·size. A forgotten term errs by size/terms: far more.
inline std::string sum_differs(const Array& got, const Array& want, const Array& size, double terms) {
  if (!got.guarded()) return "written outside the array";
  const double tolerance = unit * (8 + 2 * std::sqrt(terms));
  for (int64_t i = 0; i < want.size(); ++i)
    if (!near(got[i], want[i], tolerance * size[i]))
      return text("element ", i, " of ", want.size(), ": got ", got[i], ", want ", want[i], " (atol ",
                  tolerance * size[i], ")");
  return "";
}

// Convolutions by one method while this object lives.
class UseMethod {
 public:
  explicit UseMethod(ConvolutionMethod method) { kernels::set_convolution_method(method); }
  ~UseMethod() { kernels::set_convolution_method(before_); }
  UseMethod(const UseMethod&) = delete;

 private:
  ConvolutionMethod before_ = kernels::convolution_method();
};

}  // namespace ddpm::test
