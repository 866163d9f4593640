// Checks the parameters of a U-Net (nn/parameters.h): names, layouts, initial values and copies. Initial
// values follow Glorot's rule, names those of diffusers' UNet2DModel.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <fstream>

#include "nn/unet.h"
#include "tensor/pool.h"
#include "tests/support/scratch.h"
#include "tests/support/tiny.h"

namespace ddpm::test {

namespace {

const Parameter& find(const Unet& net, const std::string& name) {
  const std::vector<Parameter>& all = net.parameters().all();
  const auto it = std::find_if(all.begin(), all.end(), [&](const Parameter& p) { return p.name == name; });
  REQUIRE_MESSAGE(it != all.end(), name);
  return *it;
}

}  // namespace

TEST_CASE("parameters: have the names of diffusers' UNet2DModel") {
  const Unet net({});  // the preset tiny
  std::vector<std::string> want = {"time_embedding.linear_1", "time_embedding.linear_2", "conv_in"};
  const auto residual = [&](const std::string& name, bool shortcut) {
    for (const char* part : {"norm1", "conv1", "time_emb_proj", "norm2", "conv2"})
      want.push_back(name + "." + part);
    if (shortcut) want.push_back(name + ".conv_shortcut");
  };
  const auto attention = [&](const std::string& name) {
    for (const char* part : {"group_norm", "to_q", "to_k", "to_v", "to_out.0"})
      want.push_back(name + "." + part);
  };
  for (int i = 0; i < 3; ++i) {
    for (int j = 0; j < 2; ++j) {
      residual(text("down_blocks.", i, ".resnets.", j), i == 1 && j == 0);
      if (i == 1) attention(text("down_blocks.1.attentions.", j));
    }
    if (i < 2) want.push_back(text("down_blocks.", i, ".downsamplers.0.conv"));
  }
  residual("mid_block.resnets.0", false);
  attention("mid_block.attentions.0");
  residual("mid_block.resnets.1", false);
  for (int i = 0; i < 3; ++i) {
    for (int j = 0; j < 3; ++j) {
      residual(text("up_blocks.", i, ".resnets.", j), true);
      if (i == 1) attention(text("up_blocks.1.attentions.", j));
    }
    if (i < 2) want.push_back(text("up_blocks.", i, ".upsamplers.0.conv"));
  }
  want.push_back("conv_norm_out");
  want.push_back("conv_out");

  const std::vector<Parameter>& all = net.parameters().all();
  REQUIRE(all.size() == 2 * want.size());
  for (size_t i = 0; i < want.size(); ++i) {
    CHECK(all[2 * i].name == want[i] + ".weight");
    CHECK(all[2 * i + 1].name == want[i] + ".bias");
    CHECK(all[2 * i + 1].layout == Layout::vector);
  }
  CHECK(find(net, "conv_in.weight").layout == Layout::conv3x3);
  CHECK(find(net, "up_blocks.0.resnets.0.conv_shortcut.weight").layout == Layout::conv1x1);
  CHECK(find(net, "mid_block.attentions.0.to_out.0.weight").layout == Layout::dense);
  CHECK(find(net, "time_embedding.linear_1.weight").layout == Layout::dense);
}

TEST_CASE("parameters: initial weights fill U(-a, a), a = sqrt(6 scale / (fan_in + fan_out))") {
  Unet net({});
  net.parameters().initialize(5);
  int almost_zero = 0;
  for (const Parameter& p : net.parameters().all()) {
    const Tensor& w = p.value;
    const auto [low, high] = std::minmax_element(w.data(), w.data() + w.size());
    INFO(p.name);
    if (p.layout == Layout::vector) {
      const bool gamma = contains(p.name, "norm") && contains(p.name, ".weight");
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

TEST_CASE("parameters: initial values depend on the seed and the parameter alone") {
  Unet a(small_config()), b(small_config()), c(small_config());
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
  UnetConfig wider = small_config();
  wider.channels = 16;
  Unet other(wider);
  CHECK_THROWS_AS(other.parameters().copy_from(a.parameters()), std::logic_error);
}

TEST_CASE("parameters: shapes alone take no memory and have the same names, shapes and count") {
  const Unet values(small_config());
  const PoolUse before = pool_use();
  Unet shapes(small_config(), Storage::shapes);
  CHECK(pool_use().live_bytes == before.live_bytes);
  CHECK(shapes.parameters().count() == values.parameters().count());
  for (size_t i = 0; i < values.parameters().all().size(); ++i) {
    const Parameter &a = shapes.parameters().all()[i], &b = values.parameters().all()[i];
    CHECK(a.name == b.name);
    CHECK(a.value.shape() == b.value.shape());
    CHECK_FALSE(a.value);
  }
  CHECK_THROWS_AS(shapes.parameters().initialize(1), std::logic_error);
}

#ifndef POISON  // debug builds write to new memory

namespace {

// Returns the resident memory of this process in bytes, or 0 if there is no /proc.
int64_t resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  int64_t total = 0, resident = 0;
  statm >> total >> resident;
  return resident * 4096;
}

}  // namespace

TEST_CASE("parameters: take no resident memory before they have values") {
  const UnetConfig lsun256{256, 3, 128, {1, 1, 2, 2, 4, 4}, 2, {false, false, false, false, true, false},
                           32,  0};
  const int64_t before = resident_bytes();
  {
    const Unet net(lsun256);
    CHECK(net.parameters().count() == 113673219);
    CHECK(resident_bytes() - before < net.parameters().count() * int64_t(sizeof(real)) / 4);
  }
  pool_trim();
}

#endif

}  // namespace ddpm::test
