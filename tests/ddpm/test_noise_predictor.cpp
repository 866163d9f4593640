// ddpm/noise_predictor.cpp: what the U-Net is given as its time (Departure 8) and as its dropout stream.
#include "ddpm/noise_predictor.h"

#include <doctest/doctest.h>

#include "tests/support/normal.h"
#include "tests/support/tiny.h"

namespace ddpm::test {

namespace {

// A U-Net with dropout, a batch of 2 images, and their times.
struct Input {
  Unet network{with_dropout(small_config())};
  Tensor x_t = normal({2, 8, 8, 1}, 1);
  std::vector<int> t{1, 1000};

  Input() {
    network.parameters().initialize(1);
    perturb(network.parameters());
  }
  std::vector<real> unet(const Stream* dropout_stream) const {
    Tape tape(Tape::off);
    return network(tape, x_t, Tensor::from({2}, {0, 999}), dropout_stream).values();
  }
  std::vector<real> of(const NoisePredictor& eps_theta) const {
    Tape tape(Tape::off);
    return eps_theta(tape, x_t, t).values();
  }
};

}  // namespace

TEST_CASE("noise predictor: the network is given t - 1, and dropout is off") {
  const Input in;
  CHECK(in.of(noise_predictor(in.network)) == in.unet(nullptr));
}

TEST_CASE("noise predictor: in training, dropout uses the stream of the seed and the step") {
  const Input in;
  const Stream stream{9, purpose_dropout, 7, 0};
  CHECK(in.of(training_predictor(in.network, 9)(7)) == in.unet(&stream));
  CHECK(in.unet(&stream) != in.unet(nullptr));
}

TEST_CASE("noise predictor: predict gives all images the same t") {
  std::vector<int> seen;
  const NoisePredictor eps_theta = [&](Tape&, const Tensor& x_t, const std::vector<int>& t) {
    seen = t;
    return x_t;
  };
  const Tensor x_t = normal({3, 2}, 1);
  CHECK(predict(eps_theta, x_t, 4).values() == x_t.values());
  CHECK(seen == std::vector<int>{4, 4, 4});
}

}  // namespace ddpm::test
