// Checks the built-in digits (ddpm/data/builtin_digits.cpp): they look like MNIST's, can be told apart, and
// are the same in every run.
#include <doctest/doctest.h>

#include <algorithm>
#include <numeric>
#include <set>

#include "ddpm/data/dataset.h"
#include "tests/support/images.h"

namespace ddpm::test {

TEST_CASE("digits: are 28x28 grey, white on black, about as bright as MNIST") {
  const auto data = open_dataset("digits", Split::train);
  CHECK(data->H == 28);
  CHECK(data->W == 28);
  CHECK(data->C == 1);
  CHECK(data->name == "digits");
  CHECK(data->size() == int64_t(1) << 40);
  double sum = 0;
  for (int64_t i = 0; i < 500; ++i) {
    const std::vector<uint8_t> pixels = pixels_of(*data, i);
    sum += std::accumulate(pixels.begin(), pixels.end(), 0.0);
    CHECK(*std::max_element(pixels.begin(), pixels.end()) == 255);
    CHECK(std::count(pixels.begin(), pixels.end(), 0) > 392);
    for (const size_t corner : {0, 27, 27 * 28, 783}) CHECK(pixels[corner] == 0);
  }
  const double mean = sum / (500 * 784 * 255);  // MNIST: 0.1307
  CHECK(mean > 0.1);
  CHECK(mean < 0.16);
}

TEST_CASE("digits: depend on their split and index alone") {
  const auto train = open_digits(Split::train), again = open_digits(Split::train);
  const auto test = open_digits(Split::test);
  std::vector<std::vector<uint8_t>> seen;
  for (int64_t i = 0; i < 200; ++i) seen.push_back(pixels_of(*train, i));
  int different = 0;
#pragma omp parallel for num_threads(3) reduction(+ : different)
  for (int i = 199; i >= 0; --i) different += pixels_of(*again, i) != seen[size_t(i)];
  CHECK(different == 0);
  for (int64_t i = 0; i < 200; ++i) {
    CHECK(pixels_of(*test, i) != seen[size_t(i)]);
    CHECK(pixels_of(*train, i + (int64_t(1) << 32)) != seen[size_t(i)]);
  }
  std::set<std::string> distinct;
  for (const std::vector<uint8_t>& pixels : seen) distinct.emplace(pixels.begin(), pixels.end());
  CHECK(distinct.size() == seen.size());
  CHECK_THROWS_AS(train->label(-1), std::logic_error);
}

TEST_CASE("digits: their labels are uniform") {
  for (const Split split : {Split::train, Split::test}) {
    const auto data = open_digits(split);
    std::vector<int> counts(10);
    for (int64_t i = 0; i < 10000; ++i) ++counts[size_t(data->label(i))];
    double chi_square = 0;
    for (const int count : counts) chi_square += (count - 1000.0) * (count - 1000.0) / 1000;
    CHECK(chi_square < 30);  // 9 degrees of freedom: above 30 with probability 0.0004
  }
}

TEST_CASE("digits: the nearest training digit has the test digit's label") {
  const auto train = open_digits(Split::train), test = open_digits(Split::test);
  std::vector<std::vector<uint8_t>> known;
  for (int64_t i = 0; i < 1000; ++i) known.push_back(pixels_of(*train, i));
  int right = 0;
  for (int64_t i = 0; i < 100; ++i) {
    const std::vector<uint8_t> x = pixels_of(*test, i);
    const auto distance = [&](const std::vector<uint8_t>& y) {
      int sum = 0;
      for (size_t k = 0; k < 784; ++k) sum += (x[k] - y[k]) * (x[k] - y[k]);
      return sum;
    };
    int64_t best = 0;
    int least = distance(known[0]);
    for (int64_t k = 1; k < 1000; ++k)
      if (const int d = distance(known[size_t(k)]); d < least) least = d, best = k;
    right += train->label(best) == test->label(i);
  }
  CHECK(right >= 90);
}

}  // namespace ddpm::test
