// Algorithms 1 and 2 in the sources: every line of the paper has its mark, in
// order. And Algorithm 2's calls: T of them, no noise after the last.
// What the lines do: tests/test_train.cpp, tests/test_sample.cpp.
#include <doctest/doctest.h>

#include <algorithm>
#include <map>

#include "ddpm/gaussian.h"
#include "ddpm/sample.h"
#include "tensor/random.h"
#include "tests/marks.h"

namespace ddpm::test {

namespace {

// "ddpm/sample.cpp: 1 2 3", file by file, of one algorithm's marks.
std::map<std::string, std::vector<int>> lines_of(const std::string& algorithm) {
  std::map<std::string, std::vector<int>> lines;
  for (const Mark& mark : all_marks())
    if (mark.what == algorithm) lines[mark.file].push_back(mark.line);
  return lines;
}

}  // namespace

TEST_CASE("Algorithm 1 and 2: each stands in one file, complete, in the order in which it runs") {
  const std::vector<int> lines_1_to_6{1, 2, 3, 4, 5, 6};
  CHECK(lines_of("Algorithm 1") == std::map<std::string, std::vector<int>>{{"ddpm/train.cpp", lines_1_to_6}});
  CHECK(lines_of("Algorithm 2") ==
        std::map<std::string, std::vector<int>>{{"ddpm/sample.cpp", lines_1_to_6}});
}

TEST_CASE("Algorithm 2: the network is called T times, t = T..1, and x_0 is the last mean itself") {
  const Schedule schedule(std::vector<double>(7, 0.2));
  std::vector<int> seen;
  Tensor last_x, last_eps;
  const NoisePredictor eps_theta = [&](Tape&, const Tensor& x, const std::vector<int>& t) {
    CHECK(t == std::vector<int>(3, t[0]));
    seen.push_back(t[0]);
    last_x = x, last_eps = linear_combination(0.5, x, 0, x);
    return last_eps;
  };
  const Tensor x_0 = sample(eps_theta, {4}, schedule, {Variance::beta, Clip::off}, 11, 0, 3);
  CHECK(seen == std::vector<int>{7, 6, 5, 4, 3, 2, 1});
  // Line 3 at t = 1: no z at all, so not a bit differs from the mean.
  CHECK(x_0.values() == reverse_mean(schedule, 1, last_x, last_eps).values());
}

TEST_CASE("Algorithm 2: each step's noise is its own stream's, and t = 1 has none") {
  const Schedule schedule(std::vector<double>(3, 0.2));
  std::vector<Tensor> x;
  const NoisePredictor zero = [&](Tape&, const Tensor& x_t, const std::vector<int>&) {
    x.push_back(x_t);
    return Tensor::zeros(x_t.shape());
  };
  x.push_back(sample(zero, {4}, schedule, {Variance::beta, Clip::off}, 11, 0, 1));
  std::reverse(x.begin(), x.end());  // x_3, x_2, x_1, x_0 came in this order
  for (uint32_t t : {3u, 2u, 1u}) {
    const Tensor mean = reverse_mean(schedule, t, x[t], Tensor::zeros({1, 4}));
    const Tensor z = standard_normal({1, 4}, {11, purpose_reverse, t, 0});
    const Tensor want = t > 1 ? linear_combination(1, mean, sigma(schedule, t, Variance::beta), z) : mean;
    CHECK(x[t - 1].values() == want.values());
  }
}

}  // namespace ddpm::test
