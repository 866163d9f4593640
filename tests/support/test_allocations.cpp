// Checks the count of allocations (tests/support/allocations.h).
#include "tests/support/allocations.h"

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

namespace ddpm::test {

TEST_CASE("allocations: the peak is the sum of what is in use at once") {
  CHECK(peak_of_allocations([] {}) == 0);
  CHECK(peak_of_allocations([] { std::vector<char>(1000); }) == 1000);
  CHECK(peak_of_allocations([] {
          std::vector<char>(1000);
          std::vector<char>(700);
        }) == 1000);
  CHECK(peak_of_allocations([] {
          const std::vector<char> a(1000);
          const auto b = std::make_unique<char[]>(700);
          const std::string c(99, 'x');
        }) == 1800);
  const std::vector<char> kept(5000);
  CHECK(peak_of_allocations([&] { const std::vector<char> copy = kept; }) == 5000);
  CHECK(peak_of_allocations([] {}) == 0);
}

}  // namespace ddpm::test
