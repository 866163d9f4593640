// Comparisons of numbers with a tolerance. They never accept a NaN or an infinity.
// Checked by: tests/support/test_near.cpp.
#pragma once

#include <cmath>
#include <cstddef>
#include <string>

#include "kernels/types.h"

namespace ddpm::test {

// Returns whether |got - want| <= atol + rtol |want|, and both are finite.
inline bool near(double got, double want, double atol, double rtol = 0) {
  return std::isfinite(got) && std::isfinite(want) && std::fabs(got - want) <= atol + rtol * std::fabs(want);
}

// Compares n numbers. Returns "" if all are near, else a sentence about the worst element, which
// CHECK(mismatch(...) == "") prints.
template <typename A, typename B>
std::string mismatch(const A* got, const B* want, std::size_t n, double atol, double rtol = 0) {
  std::size_t worst = n;
  double excess = 0;
  for (std::size_t i = 0; i < n; ++i) {
    const double g = got[i], w = want[i];
    if (near(g, w, atol, rtol)) continue;
    const double e = std::fabs(g - w) - atol - rtol * std::fabs(w);
    if (worst == n || !(e <= excess)) worst = i, excess = e;
    if (std::isnan(e)) break;
  }
  if (worst == n) return "";
  return text("element ", worst, " of ", n, ": got ", +got[worst], ", want ", +want[worst], " (atol ", atol,
              ", rtol ", rtol, ")");
}

}  // namespace ddpm::test
