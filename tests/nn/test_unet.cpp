// Checks the U-Net (nn/unet.h): what its output depends on. Its weights: tests/nn/test_parameters.cpp. Its
// gradients: tests/tensor/test_gradients.cpp. Its output against diffusers':
// tests/ddpm/diffusers/test_diffusers.cpp.
#include <doctest/doctest.h>

#include <algorithm>
#include <cstring>

#include "nn/unet.h"
#include "tests/support/near.h"
#include "tests/support/normal.h"
#include "tests/support/tiny.h"

namespace ddpm::test {

namespace {

// Returns the small network's configuration with dropout.
UnetConfig with_dropout() {
  UnetConfig config = small_config();
  config.dropout = 0.5;
  return config;
}

// Overwrites all weights with 0.2 N(0, 1). With the initial values, layers with Init::almost_zero would hide
// mistakes in the layers before them.
void randomize(Unet& net) {
  uint32_t index = 0;
  for (const Parameter& p : net.parameters().all()) {
    kernels::fill_normal(p.value.size(), {7, purpose_test, 0, index++}, p.value.data());
    kernels::scale(p.value.size(), real(0.2), p.value.data());
  }
}

std::vector<real> forward(const Unet& net, const Tensor& x, const Tensor& t,
                          const Stream* dropout_stream = nullptr) {
  Tape off(Tape::off);
  return net(off, x, t, dropout_stream).values();
}

}  // namespace

TEST_CASE("unet: with its initial weights, the output is about 0") {
  Unet net(with_dropout());
  net.parameters().initialize(3);
  for (real y : forward(net, normal({2, 8, 8, 1}, 0), Tensor::from({2}, {0, 999}))) CHECK(near(y, 0, 1e-3));
}

TEST_CASE("unet: the output for an image does not depend on the rest of the batch" *
          doctest::test_suite("same bits")) {
  Unet net(with_dropout());
  randomize(net);
  const Tensor x = normal({3, 8, 8, 1}, 0), t = Tensor::from({3}, {0, 400, 999});
  const std::vector<real> all = forward(net, x, t);
  CHECK(all == forward(net, x, t));
  for (int b = 0; b < 3; ++b) {
    const Tensor one({1, 8, 8, 1});
    std::copy_n(x.data() + 64 * b, 64, one.data());
    const std::vector<real> y = forward(net, one, Tensor::from({1}, {t.data()[b]}));
    CHECK(std::memcmp(y.data(), all.data() + 64 * b, 64 * sizeof(real)) == 0);
  }
}

TEST_CASE("unet: the output depends on x, on t, and on the dropout stream if there is one") {
  Unet net(with_dropout());
  randomize(net);
  const Tensor x = normal({1, 8, 8, 1}, 0), t = Tensor::from({1}, {10});
  const std::vector<real> y = forward(net, x, t);
  CHECK(y != forward(net, normal({1, 8, 8, 1}, 1), t));
  CHECK(y != forward(net, x, Tensor::from({1}, {11})));
  const Stream one{1, purpose_dropout, 1, 0}, two{1, purpose_dropout, 2, 0};
  CHECK(y != forward(net, x, t, &one));
  CHECK(forward(net, x, t, &one) == forward(net, x, t, &one));
  CHECK(forward(net, x, t, &one) != forward(net, x, t, &two));
  CHECK_THROWS_AS(forward(net, normal({1, 8, 4, 1}, 0), t), std::logic_error);
  CHECK_THROWS_AS(forward(net, x, Tensor::from({2}, {1, 2})), std::logic_error);
}

TEST_CASE("unet: each of the options that diffusers' defaults change, changes the output") {
  const auto output = [](auto change) {
    UnetConfig config = small_config();
    change(config);
    Unet net(config);
    randomize(net);
    return forward(net, normal({1, 8, 8, 1}, 0), Tensor::from({1}, {10}));
  };
  using C = UnetConfig;
  const std::vector<real> paper = output([](C&) {});
  CHECK(paper != output([](C& c) { c.head_channels = 4; }));
  CHECK(paper == output([](C& c) { c.head_channels = 16; }));  // one head: all attention is of 16 channels
  CHECK(paper != output([](C& c) { c.down_padding = 1; }));
  CHECK(paper != output([](C& c) { c.norm_epsilon = 1e-2; }));
  CHECK(paper != output([](C& c) { c.cosine_first = true; }));
  CHECK(paper != output([](C& c) { c.frequency_shift = 0; }));
}

TEST_CASE("unet: every group norm has the epsilon of the configuration") {
  UnetConfig config = small_config();
  config.norm_epsilon = 0.25;
  const Unet net(config);
  std::vector<Unet::Level> levels = net.down;
  levels.push_back(net.middle);
  levels.insert(levels.end(), net.up.begin(), net.up.end());
  std::vector<double> epsilons = {net.norm_out->epsilon};
  for (const Unet::Level& level : levels) {
    for (const ResidualBlock& block : level.blocks)
      epsilons.insert(epsilons.end(), {block.norm1.epsilon, block.norm2.epsilon});
    for (const AttentionBlock& block : level.attentions) epsilons.push_back(block.norm.epsilon);
  }
  CHECK(epsilons == std::vector<double>(1 + 2 * 8 + 4, 0.25));
}

TEST_CASE("unet: each residual block has its own dropout mask") {
  Parameters parameters;
  const ResidualBlock a(parameters, "a", 8, 8, with_dropout()), b(parameters, "b", 8, 8, with_dropout());
  const std::vector<Parameter>& all = parameters.all();
  const size_t half = all.size() / 2;
  for (size_t i = 0; i < all.size(); ++i) {  // give both blocks the same weights
    const Tensor w = normal(all[i].value.shape(), uint32_t(i % half));
    std::copy_n(w.data(), w.size(), all[i].value.data());
  }
  const Tensor x = normal({1, 8, 8, 8}, 0), temb = normal({1, 32}, 0);
  const Stream dropout_stream{1, purpose_dropout, 1, 0};
  Tape off(Tape::off);
  CHECK(a(off, x, temb, nullptr).values() == b(off, x, temb, nullptr).values());
  CHECK(a(off, x, temb, &dropout_stream).values() != b(off, x, temb, &dropout_stream).values());
}

}  // namespace ddpm::test
