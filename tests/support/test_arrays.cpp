// Checks the arrays of the kernels' tests (tests/support/arrays.h): a wrong element, a NaN, and a write
// outside of an array are noticed.
#include <doctest/doctest.h>

#include "tests/support/arrays.h"

namespace ddpm::test {

TEST_CASE("arrays: a wrong element, a NaN and a write outside are noticed") {
  const Array want(3, 1);
  Array got(3, 1);
  CHECK(differs(got, want, 0) == "");
  got[1] = 2;
  CHECK(differs(got, want, 0) != "");
  Array before(3, 1), after(3, 1);
  before.data()[-1] = 0;
  after.data()[3] = 0;
  CHECK(differs(before, want, 0) == "written outside the array");
  CHECK(sum_differs(after, want, want, 1) == "written outside the array");
  CHECK(sum_differs(Array(3), want, want, 1) != "");
}

}  // namespace ddpm::test
