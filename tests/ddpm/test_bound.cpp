// ddpm/bound.cpp: known numbers, terms that do not depend on the batch, and what is refused before the
// network is called. Eq. (3) and Eq. (5) themselves: tests/equations/bound.cpp.
#include "ddpm/bound.h"

#include <doctest/doctest.h>

#include "ddpm/data/image.h"
#include "tests/support/near.h"
#include "tests/support/normal.h"
#include "tests/support/scratch.h"

namespace ddpm::test {

namespace {

const Schedule short_schedule({0.05, 0.3, 0.1, 0.25, 0.4, 0.6});

// B images of 2x2 pixels, each pixel one of the 256 levels: those of 4 B given bytes.
Tensor images(const std::vector<int>& bytes) {
  std::vector<real> x;
  for (int byte : bytes) x.push_back(to_unit(uint8_t(byte)));
  return Tensor::from({int(x.size()) / 4, 2, 2, 1}, x);
}
const std::vector<std::vector<int>> each_image{{0, 255, 3, 127}, {128, 129, 254, 1}, {60, 200, 90, 255}};
Tensor all_images() { return images({0, 255, 3, 127, 128, 129, 254, 1, 60, 200, 90, 255}); }

// eps_theta(x_t, t) = 0.4 x_t.
const NoisePredictor linear = [](Tape&, const Tensor& x_t, const std::vector<int>&) {
  return scale(0.4, x_t);
};

}  // namespace

TEST_CASE("bound: the terms of an image do not depend on the batch" * doctest::test_suite("same bits")) {
  const std::vector<double> variances = reverse_variances(short_schedule, Variance::posterior);
  for (const Clip clip : {Clip::off, Clip::on}) {
    const Bound all =
        variational_bound(short_schedule, variances, linear, all_images(), {5, purpose_test, 0, 20}, clip);
    REQUIRE(all.L.size() == 7);  // L_0, ..., L_T
    for (uint32_t b = 0; b < 3; ++b) {
      const Bound one = variational_bound(short_schedule, variances, linear, images(each_image[b]),
                                          {5, purpose_test, 0, 20 + b}, clip);
      for (int i = 0; i <= 6; ++i) CHECK(all.L[i][b] == one.L[i][0]);
    }
  }
}

TEST_CASE("bound: total is the sum of all terms, rate that of all but L_0") {
  const Bound bound{{{1, 10}, {2, 20}, {4, 40}}};
  CHECK(bound.total(0) == 7);
  CHECK(bound.total(1) == 70);
  CHECK(bound.rate(0) == 6);
  CHECK(bound.rate(1) == 60);
}

TEST_CASE("bound: bits_per_dim divides by D ln 2") {
  CHECK(near(bits_per_dim(std::numbers::ln2 * 12, 4), 3, 0, 1e-15));
}

TEST_CASE("bound: L_T in bits per dimension, with all digits for little noise and for much") {
  const Schedule s = make_schedule({});
  CHECK(near(bits_per_dim(prior_nats_per_dim(s, 0.25), 1), 7.28e-6, 0.005e-6));
  CHECK(near(bits_per_dim(prior_nats_per_dim(s, 1), 1), 2.91e-5, 0.005e-5));
  // 1 - alpha_bar_T = 1e-12: log(1 - alpha_bar_T) is the only large term.
  CHECK(near(prior_nats_per_dim(Schedule({1e-12}), 1), -std::log(1e-12) / 2, 0, 1e-10));
  // alpha_bar_T = 3e-18: only the term in x_0^2 is left.
  const Schedule noisy(std::vector<double>(2000, 0.02));
  CHECK(near(prior_nats_per_dim(noisy, 1), std::pow(0.98, 2000) / 2, 0, 1e-9));
}

TEST_CASE("bound: a wrong x_0 or variance is refused before the network is called") {
  int calls = 0;
  const NoisePredictor counted = [&](Tape& tape, const Tensor& x_t, const std::vector<int>& t) {
    return ++calls, linear(tape, x_t, t);
  };
  const Tensor x_0 = all_images(), off = scale(0.5, x_0);  // half a level is none
  const std::vector<double> good = short_schedule.beta;
  const auto bound = [&](const std::vector<double>& variances, const Tensor& x) {
    return error_of([&] {
      variational_bound(short_schedule, variances, counted, x, {5, purpose_test, 0, 0}, Clip::on);
    });
  };
  const auto path = [&](const std::vector<double>& variances) {
    return error_of([&] { path_bound(short_schedule, variances, counted, std::vector<Tensor>(7, x_0)); });
  };
  CHECK(contains(bound(good, off), "is none of the 256 levels"));
  for (size_t t = 1; t < good.size(); ++t)
    for (double wrong : {0.0, -1.0, std::nan(""), double(INFINITY)}) {
      std::vector<double> variances = good;
      variances[t] = wrong;
      CHECK(bound(variances, x_0).starts_with("the variance of a density must be positive"));
      CHECK(path(variances).starts_with("the variance of a density must be positive"));
    }
  CHECK_THROWS_AS(bound({0.1, 0.1}, x_0), std::logic_error);
  CHECK_THROWS_AS(path_bound(short_schedule, good, counted, {x_0, x_0}), std::logic_error);
  CHECK(calls == 0);
  CHECK(bound(good, x_0) == "no error");
  CHECK(calls == 6);  // one for each t
  CHECK(path(good) == "no error");
  CHECK(calls == 12);
}

}  // namespace ddpm::test
