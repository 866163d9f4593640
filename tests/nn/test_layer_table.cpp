// Tests of the U-Net's table of layers (nn/layer_table.h) and of its parameters' names.
// For what the U-Net computes see tests/nn/test_unet.cpp.
#include <doctest/doctest.h>

#include <algorithm>
#include <fstream>

#include "nn/layer_table.h"
#include "tensor/pool.h"
#include "tests/support/near.h"

namespace ddpm::test {

namespace {

const UnetConfig tiny;
// clang-format off
const UnetConfig cifar10{32, 3, 128, {1, 2, 2, 2}, 2, {false, true, false, false}, 32, 0.1};
const UnetConfig lsun256{
    256, 3, 128, {1, 1, 2, 2, 4, 4}, 2, {false, false, false, false, true, false}, 32, 0};
// clang-format on

int64_t multiply_adds(const Unet& net) {
  int64_t n = 0;
  for (const LayerRow& row : layer_table(net)) n += row.multiply_adds;
  return n;
}

int64_t table_parameters(const Unet& net) {
  int64_t n = 0;
  for (const LayerRow& row : layer_table(net)) n += row.parameters;
  return n;
}

// Returns "push s3", "pop s11" or "".
std::string skip_text(const LayerRow& row) {
  return (row.push ? text("push s", row.push->index) : "") + (row.pop ? text("pop s", row.pop->index) : "");
}

const Parameter& find(const Unet& net, const std::string& name) {
  const std::vector<Parameter>& all = net.parameters().all();
  const auto it = std::find_if(all.begin(), all.end(), [&](const Parameter& p) { return p.name == name; });
  REQUIRE_MESSAGE(it != all.end(), name);
  return *it;
}

}  // namespace

TEST_CASE("layer table: parameters and multiply-adds of tiny and cifar10") {
  const Unet a(tiny);
  CHECK(a.parameters().count() == 1623169);
  CHECK(table_parameters(a) == 1623169);
  CHECK(near(double(multiply_adds(a)), 0.31e9, 0.005e9));
  const Unet b(cifar10);
  CHECK(b.parameters().count() == 35746307);
  CHECK(table_parameters(b) == 35746307);
  CHECK(near(double(multiply_adds(b)), 6.22e9, 0.005e9));
}

#ifndef POISON  // which writes to all new memory
// Returns the resident memory of this process in bytes, or 0 if there is no /proc.
namespace {
int64_t resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  int64_t total = 0, resident = 0;
  statm >> total >> resident;
  return resident * 4096;
}
}  // namespace

TEST_CASE("layer table: the weights of lsun256 take no resident memory before they have values") {
  const int64_t before = resident_bytes();
  {
    const Unet net(lsun256);
    CHECK(net.parameters().count() == 113673219);
    CHECK(resident_bytes() - before < net.parameters().count() * int64_t(sizeof(real)) / 4);
  }
  pool_trim();
}
#endif

// Section 4 and appendix B, the network for 32x32 images.
TEST_CASE("layer table: all rows of cifar10") {
  struct Row {
    const char* name;
    int resolution, channels;
    const char* skip;
    int64_t parameters;
  };
  const Row want[] = {
      {"time embedding", 0, 512, "", 328704},
      {"conv_in(3,128)", 32, 128, "push s0", 3584},
      {"down 0: res(128,128)", 32, 128, "push s1", 361344},
      {"down 0: res(128,128)", 32, 128, "push s2", 361344},
      {"down 0: downsample", 16, 128, "push s3", 147584},
      {"down 1: res(128,256)", 16, 256, "", 1314048 - 263680},
      {"down 1: attention", 16, 256, "push s4", 263680},
      {"down 1: res(256,256)", 16, 256, "", 1576192 - 263680},
      {"down 1: attention", 16, 256, "push s5", 263680},
      {"down 1: downsample", 8, 256, "push s6", 590080},
      {"down 2: res(256,256)", 8, 256, "push s7", 1312512},
      {"down 2: res(256,256)", 8, 256, "push s8", 1312512},
      {"down 2: downsample", 4, 256, "push s9", 590080},
      {"down 3: res(256,256)", 4, 256, "push s10", 1312512},
      {"down 3: res(256,256)", 4, 256, "push s11", 1312512},
      {"middle: res(256,256)", 4, 256, "", 1312512},
      {"middle: attention", 4, 256, "", 263680},
      {"middle: res(256,256)", 4, 256, "", 1312512},
      {"up 3: res(512,256)", 4, 256, "pop s11", 2034176},
      {"up 3: res(512,256)", 4, 256, "pop s10", 2034176},
      {"up 3: res(512,256)", 4, 256, "pop s9", 2034176},
      {"up 3: upsample", 8, 256, "", 590080},
      {"up 2: res(512,256)", 8, 256, "pop s8", 2034176},
      {"up 2: res(512,256)", 8, 256, "pop s7", 2034176},
      {"up 2: res(512,256)", 8, 256, "pop s6", 2034176},
      {"up 2: upsample", 16, 256, "", 590080},
      {"up 1: res(512,256)", 16, 256, "pop s5", 2297856 - 263680},
      {"up 1: attention", 16, 256, "", 263680},
      {"up 1: res(512,256)", 16, 256, "pop s4", 2297856 - 263680},
      {"up 1: attention", 16, 256, "", 263680},
      {"up 1: res(384,256)", 16, 256, "pop s3", 1969920 - 263680},
      {"up 1: attention", 16, 256, "", 263680},
      {"up 1: upsample", 32, 256, "", 590080},
      {"up 0: res(384,128)", 32, 128, "pop s2", 706048},
      {"up 0: res(256,128)", 32, 128, "pop s1", 541952},
      {"up 0: res(256,128)", 32, 128, "pop s0", 541952},
      {"norm_out, conv_out(128,3)", 32, 3, "", 3715},
  };
  const Unet net(cifar10);
  const std::vector<LayerRow> rows = layer_table(net);
  REQUIRE(rows.size() == std::size(want));
  for (size_t i = 0; i < std::size(want); ++i) {
    const LayerRow& got = rows[i];
    CHECK_MESSAGE(got.name == want[i].name, i);
    CHECK_MESSAGE(got.resolution == want[i].resolution, i);
    CHECK_MESSAGE(got.channels == want[i].channels, i);
    CHECK_MESSAGE(skip_text(got) == want[i].skip, i);
    CHECK_MESSAGE(got.parameters == want[i].parameters, i);
  }
  CHECK(rows[0].multiply_adds == 128 * 512 + 512 * 512);
  CHECK(rows[4].multiply_adds == 16 * 16 * 9 * 128 * 128);
  CHECK(rows[5].multiply_adds == 256 * (9 * 128 * 256 + 9 * 256 * 256 + 128 * 256) + 512 * 256);
  CHECK(rows[6].multiply_adds == 256 * (4 * 256 * 256) + 2 * 256 * 256 * 256);
  CHECK(rows[18].in == 512);
  CHECK(rows[18].pop->channels == 256);
  CHECK(rows[33].in == 384);
  CHECK(rows[33].pop->channels == 128);
  CHECK(rows[4].input_resolution() == 32);
  CHECK(rows[5].input_resolution() == 16);
  CHECK(rows[21].input_resolution() == 4);
}

TEST_CASE("unet: parameters have the names of diffusers' UNet2DModel") {
  const Unet net(tiny);
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

}  // namespace ddpm::test
