// Tests of the U-Net: first values of the weights, what the output depends on, and refused configurations.
// For its layers see tests/nn/test_layer_table.cpp, for its gradients tests/tensor/test_gradients.cpp.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "kernels/kernels.h"
#include "nn/unet.h"
#include "tensor/random.h"
#include "tests/support/near.h"

namespace ddpm::test {

namespace {

const UnetConfig tiny;
const UnetConfig small{8, 1, 8, {1, 2}, 1, {false, true}, 4, 0.5};

Tensor normal(Shape shape, uint32_t index = 0) {
  Tensor x(std::move(shape));
  kernels::fill_normal(x.size(), {1, purpose_test, 0, index}, x.data());
  return x;
}

// Overwrites all weights with 0.2 N(0, 1). With the first values, layers with Init::almost_zero would hide
// mistakes in the layers before them.
void randomize(Unet& net) {
  uint32_t index = 0;
  for (const Parameter& p : net.parameters().all()) {
    kernels::fill_normal(p.value.size(), {7, purpose_test, 0, index++}, p.value.data());
    kernels::scale(p.value.size(), real(0.2), p.value.data());
  }
}

std::vector<real> forward(const Unet& net, const Tensor& x, const Tensor& t, const Stream* noise = nullptr) {
  Tape off(Tape::off);
  return net(off, x, t, noise).values();
}

const Parameter& find(const Unet& net, const std::string& name) {
  const std::vector<Parameter>& all = net.parameters().all();
  const auto it = std::find_if(all.begin(), all.end(), [&](const Parameter& p) { return p.name == name; });
  REQUIRE_MESSAGE(it != all.end(), name);
  return *it;
}

}  // namespace

TEST_CASE("unet: weights are drawn from the whole of U(-a, a), a = sqrt(6 scale / (fan_in + fan_out))") {
  Unet net(tiny);
  net.parameters().initialize(5);
  int almost_zero = 0;
  for (const Parameter& p : net.parameters().all()) {
    const Tensor& w = p.value;
    const auto [low, high] = std::minmax_element(w.data(), w.data() + w.size());
    INFO(p.name);
    if (p.layout == Layout::vector) {
      const bool gamma =
          p.name.find("norm") != std::string::npos && p.name.find(".weight") != std::string::npos;
      CHECK(*low == (gamma ? 1 : 0));
      CHECK(*high == (gamma ? 1 : 0));
      continue;
    }
    const int taps = p.layout == Layout::conv3x3 ? 9 : 1;
    const int in = w.dim(int(w.shape().size()) - 2), out = w.shape().back();
    double a = std::sqrt(6.0 / (taps * in + taps * out));
    if (p.init == Init::almost_zero) a *= 1e-5, ++almost_zero;
    CHECK(*high <= a * (1 + 1e-6));
    CHECK(*low >= -a * (1 + 1e-6));
    CHECK(*high > 0.95 * a);
    CHECK(*low < -0.95 * a);
  }
  CHECK(almost_zero == 17 + 6 + 1);  // 17 conv2, 6 to_out, 1 conv_out
}

TEST_CASE("unet: first values depend on the seed and the parameter only; copy_from copies them") {
  Unet a(small), b(small), c(small);
  a.parameters().initialize(1);
  b.parameters().initialize(1);
  c.parameters().initialize(2);
  const std::string name = "mid_block.resnets.0.conv1.weight";
  CHECK(find(a, name).value.values() == find(b, name).value.values());
  CHECK(find(a, name).value.values() != find(c, name).value.values());
  CHECK(find(a, name).value.values() != find(a, "mid_block.resnets.1.conv1.weight").value.values());
  c.parameters().copy_from(a.parameters());
  CHECK(find(a, name).value.values() == find(c, name).value.values());
  CHECK(find(a, name).value.data() != find(c, name).value.data());
  UnetConfig wider = small;
  wider.channels = 16;
  Unet other(wider);
  CHECK_THROWS_AS(other.parameters().copy_from(a.parameters()), std::logic_error);
}

TEST_CASE("unet: with its first values, the network outputs about 0") {
  Unet net(small);
  net.parameters().initialize(3);
  for (real y : forward(net, normal({2, 8, 8, 1}), Tensor::from({2}, {0, 999}))) CHECK(near(y, 0, 1e-3));
}

TEST_CASE("unet: the output for an image does not depend on the rest of the batch" *
          doctest::test_suite("same bits")) {
  Unet net(small);
  randomize(net);
  const Tensor x = normal({3, 8, 8, 1}), t = Tensor::from({3}, {0, 400, 999});
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
  Unet net(small);
  randomize(net);
  const Tensor x = normal({1, 8, 8, 1}), t = Tensor::from({1}, {10});
  const std::vector<real> y = forward(net, x, t);
  CHECK(y != forward(net, normal({1, 8, 8, 1}, 1), t));
  CHECK(y != forward(net, x, Tensor::from({1}, {11})));
  const Stream one{1, purpose_dropout, 1, 0}, two{1, purpose_dropout, 2, 0};
  CHECK(y != forward(net, x, t, &one));
  CHECK(forward(net, x, t, &one) == forward(net, x, t, &one));
  CHECK(forward(net, x, t, &one) != forward(net, x, t, &two));
  CHECK_THROWS_AS(forward(net, normal({1, 8, 4, 1}), t), std::logic_error);
  CHECK_THROWS_AS(forward(net, x, Tensor::from({2}, {1, 2})), std::logic_error);
}

TEST_CASE("unet: each residual block has its own dropout mask") {
  Parameters parameters;
  const ResidualBlock a(parameters, "a", 8, 8, small), b(parameters, "b", 8, 8, small);
  const std::vector<Parameter>& all = parameters.all();
  const size_t half = all.size() / 2;
  for (size_t i = 0; i < all.size(); ++i) {  // give both blocks the same weights
    const Tensor w = normal(all[i].value.shape(), uint32_t(i % half));
    std::copy_n(w.data(), w.size(), all[i].value.data());
  }
  const Tensor x = normal({1, 8, 8, 8}), temb = normal({1, 32});
  const Stream noise{1, purpose_dropout, 1, 0};
  Tape off(Tape::off);
  CHECK(a(off, x, temb, nullptr).values() == b(off, x, temb, nullptr).values());
  CHECK(a(off, x, temb, &noise).values() != b(off, x, temb, &noise).values());
}

TEST_CASE("unet: a configuration that cannot be built is refused in one sentence") {
  const auto refused = [](auto change, const char* sentence) {
    UnetConfig config;
    change(config);
    CHECK_THROWS_WITH_AS(Unet{config}, doctest::Contains(sentence), Error);
  };
  using C = UnetConfig;
  refused([](C& c) { c.image_size = 0; }, "the image size must be between 1 and 4096, not 0");
  refused([](C& c) { c.image_size = 30; }, "divisible by 4 for 3 levels");
  refused([](C& c) { c.image_channels = 0; }, "image channels must be between 1 and 64, not 0");
  refused([](C& c) { c.channels = 2; }, "between 4 and 4096, not 2");
  refused([](C& c) { c.channels = 33; }, "must be even");
  refused([](C& c) { c.channels = 1 << 30; }, "between 4 and 4096");
  refused([](C& c) { c.multipliers = {}, c.attention = {}; },
          "number of levels (multipliers) must be between 1 and 8");
  refused([](C& c) { c.multipliers = {2, 2, 2}; }, "the first multiplier must be 1, not 2");
  refused([](C& c) { c.multipliers = {1, 65, 1}; }, "a multiplier must be between 1 and 64, not 65");
  refused(
      [](C& c) {
        c.multipliers = {1, std::nan(""), 1};
      },
      "a multiplier must be between 1 and 64, not nan");
  refused(
      [](C& c) {
        c.multipliers = {1, 1.3, 1};
      },
      "32 channels times the multiplier 1.3 is not a whole number");
  refused([](C& c) { c.blocks = 17; }, "blocks a level must be between 1 and 16, not 17");
  refused([](C& c) { c.attention = {true}; }, "attention is given for 1 levels, but there are 3");
  refused([](C& c) { c.groups = 0; }, "groups must be at least 1, not 0");
  refused([](C& c) { c.groups = 5; }, "the 32 channels of level 0 cannot be divided into 5 groups");
  refused([](C& c) { c.dropout = 1; }, "dropout must be at least 0 and below 1, not 1");
  refused([](C& c) { c.dropout = std::nan(""); }, "dropout");
  refused([](C& c) { c.multipliers[2] = 1.125; },
          "the 36 channels of level 2 cannot be divided into 8 groups");
  UnetConfig uneven;
  uneven.multipliers = {1, 1.5, 1};
  CHECK(uneven.width(1) == 48);
  CHECK_NOTHROW(Unet{uneven});
  CHECK_NOTHROW(tiny.check());
}

}  // namespace ddpm::test
