// tests/support/near.h: accepts numbers within the tolerance, and rejects all others, NaN and infinity.
#include <doctest/doctest.h>

#include <limits>

#include "tests/support/near.h"

namespace ddpm::test {

TEST_CASE("near: accepts only finite numbers within the tolerance") {
  const double inf = std::numeric_limits<double>::infinity();
  const double nan = std::numeric_limits<double>::quiet_NaN();
  CHECK(near(1.0, 1.0, 0));
  CHECK(near(1.0 + 1e-9, 1.0, 1e-8));
  CHECK(near(100.1, 100.0, 0, 1e-2));
  CHECK_FALSE(near(1.0 + 2e-8, 1.0, 1e-8));
  CHECK_FALSE(near(nan, 1.0, 1e9));
  CHECK_FALSE(near(1.0, nan, 1e9));
  CHECK_FALSE(near(nan, nan, 1e9));
  CHECK_FALSE(near(inf, inf, 1e9));
  CHECK_FALSE(near(1.0, inf, 0, 1));
}

TEST_CASE("near: mismatch names the worst element") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double want[3] = {1, 2, 3}, close[3] = {1, 2, 3 + 1e-12}, far[3] = {1.5, 4, 3};
  const double broken[3] = {1, nan, 99};
  CHECK(mismatch(close, want, 3, 1e-9) == "");
  CHECK(mismatch(far, want, 3, 1e-9).find("element 1 of 3: got 4, want 2") == 0);
  CHECK(mismatch(broken, want, 3, 1e-9).find("element 1 of 3: got nan") == 0);
}

}  // namespace ddpm::test
