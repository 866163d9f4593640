// Prints what this program computes, to be compared with another compiler's or instruction set's: hashes of
// the weights after one training step and of two samples, and a prediction of eps_theta in full.
// tests/same_bits.sh calls it; it is skipped otherwise.
#include <doctest/doctest.h>

#include <cinttypes>
#include <cstdio>
#include <string_view>

#include "ddpm/data/batch.h"
#include "ddpm/sample.h"
#include "tests/support/steps.h"
#include "tests/support/normal.h"
#include "tests/support/tiny.h"

namespace ddpm::test {

TEST_CASE("fingerprint: of the weights after one training step, of two samples and of eps_theta" *
          doctest::skip()) {
  UnetConfig config;  // the preset tiny with half of its channels
  config.channels = 16;
  Unet network(config), averaged(config);
  network.parameters().initialize(1);
  averaged.parameters().copy_from(network.parameters());
  const Schedule schedule = make_schedule({.T = 20});
  Adam adam(network.parameters(), {});
  const Bars data(8, config.image_size);
  one_step({}, schedule, batches(data, {.size = 4}, 0), 1, network, adam, averaged.parameters());
  const auto hash = [](const std::vector<real>& x) {
    const char* bytes = reinterpret_cast<const char*>(x.data());
    return uint64_t{std::hash<std::string_view>()({bytes, x.size() * sizeof(real)})};
  };
  std::printf("training step %016" PRIx64, hash(weights(network.parameters())));

  network.parameters().initialize(1);
  perturb(network.parameters());
  const Shape image{config.image_size, config.image_size, 1};
  std::printf(", sample %016" PRIx64 ", eps",
              hash(sample(noise_predictor(network), image, schedule, {}, 1, 0, 2).values()));
  const Tensor x = normal({1, config.image_size, config.image_size, 1}, 0);
  Tape off(Tape::off);
  for (const real eps : predict(noise_predictor(network), x, 10).values()) std::printf(" %.9g", double(eps));
  std::printf("\n");
}

}  // namespace ddpm::test
