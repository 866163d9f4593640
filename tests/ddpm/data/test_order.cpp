// Checks the order in which training visits images (ddpm/data/order.h): each epoch is a permutation, differs
// for each epoch and seed, and is drawn uniformly.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "ddpm/data/order.h"
#include "kernels/types.h"
#include "tests/support/statistics.h"

namespace ddpm::test {

TEST_CASE("order: every epoch visits every image once") {
  for (const int64_t n : {1, 2, 7, 64, 60000})
    for (const int64_t epoch : {0, 3}) {
      std::vector<int> visits(static_cast<size_t>(n));
      for (int64_t i = 0; i < n; ++i) {
        const int64_t image = shuffled(epoch * n + i, n, 5);
        REQUIRE(image >= 0);
        REQUIRE(image < n);
        ++visits[size_t(image)];
      }
      CHECK(std::count(visits.begin(), visits.end(), 1) == n);
    }
  const int64_t endless = int64_t(1) << 40;
  CHECK(shuffled(0, endless, 5) != shuffled(1, endless, 5));
  CHECK(shuffled(endless - 1, endless, 5) < endless);
  CHECK_THROWS_AS(shuffled(-1, 7, 5), std::logic_error);
  CHECK_THROWS_AS(shuffled(0, 0, 5), std::logic_error);
}

TEST_CASE("order: differs for each epoch and seed") {
  const int64_t n = 1000;
  const uint64_t far = uint64_t(1) << 32;  // seeds that differ in their high half only
  int epochs = 0, seeds = 0, high = 0, fixed = 0;
  for (int64_t i = 0; i < n; ++i) {
    const int64_t here = shuffled(i, n, 5);
    epochs += here == shuffled(i + n, n, 5);
    seeds += here == shuffled(i, n, 6);
    high += here == shuffled(i, n, 5 + far);
    fixed += here == i;
  }
  // Two random orders agree at one position on average.
  for (const int agree : {epochs, seeds, high, fixed}) CHECK(agree < 8);
}

TEST_CASE("order: is uniform: first pairs over many epochs, positions within one") {
  std::vector<int> pairs;
  for (const int64_t n : {5, 7}) {
    std::vector<int> count(size_t(n * n));
    for (int64_t epoch = 0; epoch < 100 * n * (n - 1); ++epoch)
      ++count[size_t(shuffled(epoch * n, n, 1) * n + shuffled(epoch * n + 1, n, 1))];
    std::erase(count, 0);  // (i, i) cannot happen
    REQUIRE(int64_t(count.size()) == n * (n - 1));
    const double freedom = double(n * (n - 1) - 1);
    CHECK(chi_square(count, 100) < freedom + 4 * std::sqrt(2 * freedom));
  }
  std::vector<int> places(100);
  for (int64_t i = 0; i < 60000; ++i) ++places[size_t(i / 6000 * 10 + shuffled(i, 60000, 1) / 6000)];
  // With f degrees of freedom the statistic has the mean f and the standard deviation sqrt(2 f).
  CHECK(chi_square(places, 600) < 81 + 4 * std::sqrt(2 * 81.0));
}

}  // namespace ddpm::test
