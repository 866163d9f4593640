// Guarded arrays for the tests of kernels, random inputs, and the comparison of a kernel's output with its
// definition. A comparison returns "" or a sentence about the difference: CHECK(differs(...) == "") prints
// it. Checked by: tests/support/test_arrays.cpp.
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
// The rounding error of a long sum, relative to its result. The definitions sum in double: that is exact
// compared with float, but in the double build the definition's sum rounds as much as the kernel's.
constexpr double sum_unit = sizeof(real) == 4 ? 0x1p-24 : 0x1p-49;

// Array lengths for kernels that work element by element: below, at and above multiples of the vector
// width, and long enough for several threads.
constexpr int64_t lengths[] = {1, 2, 7, 16, 33, 1000, 4097, 100003};

// n elements between five guard elements on each side. A kernel that writes outside of the array changes
// a guard. A kernel that reads outside of it gets a number far from all others. The first element is not
// aligned to a vector, because no kernel may rely on that. Elements without a value are NaN: a kernel
// that overwrites them must not read them.
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
  // Returns whether no guard has changed.
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

// Returns n standard normal numbers. The name selects which: the tests use a letter per array.
inline Array normal(int64_t n, uint32_t name) {
  Array x(n);
  naive::fill_normal(n, Stream{20200619, 0, 0, name}, x);
  return x;
}

// Returns |x|, element by element.
inline Array magnitudes(Array x) {
  for (int64_t i = 0; i < x.size(); ++i) x[i] = std::fabs(x[i]);
  return x;
}

// Compares got with want, |got - want| <= atol + rtol |want|, and checks got's guards.
inline std::string differs(const Array& got, const Array& want, double atol, double rtol = 0) {
  if (!got.guarded()) return "written outside the array";
  return mismatch(got.data(), want.data(), size_t(want.size()), atol, rtol);
}

// Compares sums of `terms` products. size holds the sums of the products' absolute values. Rounding, in
// any order of the terms, has an error of about unit sqrt(terms) size, and never above unit terms size. A
// sum that lacks one term differs by about size / terms, which is far more.
inline std::string sum_differs(const Array& got, const Array& want, const Array& size, double terms) {
  if (!got.guarded()) return "written outside the array";
  const double tolerance = unit * (8 + 2 * std::sqrt(terms));
  for (int64_t i = 0; i < want.size(); ++i)
    if (!near(got[i], want[i], tolerance * size[i]))
      return text("element ", i, " of ", want.size(), ": got ", got[i], ", want ", want[i], " (atol ",
                  tolerance * size[i], ")");
  return "";
}

}  // namespace ddpm::test
