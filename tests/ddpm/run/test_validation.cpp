// Checks the validation set and its loss (ddpm/run/validation.h) against Eq. (4) and Eq. (14), image by
// image.
#include <doctest/doctest.h>

#include <cmath>

#include "ddpm/noise_predictor.h"
#include "ddpm/run/validation.h"
#include "tests/support/images.h"
#include "tests/support/near.h"
#include "tests/support/threads.h"
#include "tests/support/tiny.h"

namespace ddpm::test {

TEST_CASE("validation: is the same in every run, with any number of threads") {
  const Bars data(4, 8);
  const Schedule schedule = make_schedule({});
  const Validation one(data, schedule), two(data, schedule);
  CHECK(one.t() == std::vector<int>{126, 376, 626, 876});  // even strides over 1..T
  Unet network(small_config());
  network.parameters().initialize(3);
  perturb(network.parameters());
  const std::string loss = cells(one.loss(network));
  const UseThreads threads(2);
  CHECK(cells(two.loss(network)) == loss);
}

TEST_CASE("validation: takes the first 256 images, each with its own constant noise and t, without dropout") {
  for (int count : {5, 70, 300}) {  // a part of a batch, some batches, more than 256
    const Bars data(count, 4);
    const Schedule schedule(std::vector<double>(50, 0.1));
    UnetConfig config = smallest_config();
    config.dropout = 0.5;
    Unet network(config);
    network.parameters().initialize(3);
    perturb(network.parameters());
    const int N = std::min(count, 256);
    PerImage losses(N);
    std::vector<int> t;
    for (int n = 0; n < N; ++n) {
      t.push_back(1 + int((n + 0.5) * 50 / N));
      const std::vector<uint8_t> pixels = pixels_of(data, n);
      Tensor x_t({1, 4, 4, 1}), eps({1, 4, 4, 1});
      kernels::fill_normal(16, {0x76616c6964, purpose_validation, 0, uint32_t(n)}, eps.data());
      const double alpha_bar = std::pow(0.9, t.back());
      for (int i = 0; i < 16; ++i)
        x_t.data()[i] =
            real(std::sqrt(alpha_bar) * (pixels[i] / 127.5 - 1) + std::sqrt(1 - alpha_bar) * eps.data()[i]);
      Tape tape(Tape::off);
      const Tensor answer = predict(noise_predictor(network), x_t, t.back());
      double sum = 0;
      for (int i = 0; i < 16; ++i) sum += std::pow(double(eps.data()[i]) - answer.data()[i], 2) / 16;
      losses[n] = sum;
    }
    const Validation validation(data, schedule);
    CHECK(validation.t() == t);
    const LossByTime got = validation.loss(network), want = loss_by_time(t, losses, 50);
    CHECK(near(got.mean, want.mean, 0, 1e-5));  // rounding of float, in other batches
    for (size_t q = 0; q < 4; ++q) CHECK(near(got.quartile[q], want.quartile[q], 0, 1e-5));
  }
}

}  // namespace ddpm::test
