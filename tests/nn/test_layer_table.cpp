// Checks the U-Net's table of layers (nn/layer_table.h): all rows of the CIFAR-10 network against numbers
// worked by hand, and the totals. What the U-Net computes: tests/nn/test_unet.cpp.
#include <doctest/doctest.h>

#include "nn/layer_table.h"
#include "nn/memory.h"
#include "tests/support/near.h"

namespace ddpm::test {

namespace {

const UnetConfig tiny;
const UnetConfig cifar10{32, 3, 128, {1, 2, 2, 2}, 2, {false, true, false, false}, 32, 0.1};

// Returns the sum of a column of the table.
template <typename Number>
Number total(const Unet& net, Number LayerRow::*column) {
  Number sum = 0;
  for (const LayerRow& row : layer_table(net)) sum += row.*column;
  return sum;
}

// Returns "push s3", "pop s11" or "".
std::string skip_text(const LayerRow& row) {
  return (row.push ? text("push s", row.push->index) : "") + (row.pop ? text("pop s", row.pop->index) : "");
}

}  // namespace

TEST_CASE("layer table: its totals for tiny and cifar10") {
  const Unet a(tiny);
  CHECK(a.parameters().count() == 1623169);
  CHECK(total(a, &LayerRow::parameters) == 1623169);
  CHECK(near(total(a, &LayerRow::multiply_adds), 0.31e9, 0.005e9));
  const Unet b(cifar10);
  CHECK(b.parameters().count() == 35746307);
  CHECK(total(b, &LayerRow::parameters) == 35746307);
  CHECK(near(total(b, &LayerRow::multiply_adds), 6.22e9, 0.005e9));
}

// Multipliers above 1, so that the widest layers have 2^18 channels: their products exceed int64_t.
TEST_CASE("layer table: needs no weights, and has those of the largest networks that are allowed") {
  const UnetConfig most{4096, 64, 4096, {1, 64}, 16, {true, true}, 32, 0};
  const Unet net(most, Storage::shapes);
  const std::vector<LayerRow> rows = layer_table(net);
  for (const LayerRow& row : rows) CHECK_MESSAGE(row.multiply_adds > 0, row.name);
  const double pixels = 4096. * 4096, channels = 4096;
  CHECK(rows[3].name == "down 0: attention");
  CHECK(near(rows[3].multiply_adds, 2 * pixels * pixels * channels, 0, 1e-3));
  const MemoryEstimate memory = estimate_memory(net, 65536);
  CHECK(memory.training > memory.activations);
  CHECK(memory.activations > 65536. * 33 * 4 * pixels * channels * sizeof(real));
  CHECK(memory.sampling > memory.weights);
  CHECK(memory.weights == double(net.parameters().count()) * sizeof(real));
  CHECK(total(Unet(cifar10, Storage::shapes), &LayerRow::multiply_adds) ==
        total(Unet(cifar10), &LayerRow::multiply_adds));
}

TEST_CASE("layer table: heads change neither parameters nor multiply-adds") {
  UnetConfig config;
  config.head_channels = 16;
  const std::vector<LayerRow> one = layer_table(Unet(tiny)), more = layer_table(Unet(config));
  REQUIRE(one.size() == more.size());
  for (size_t i = 0; i < one.size(); ++i) {
    INFO(one[i].name);
    CHECK(one[i].parameters == more[i].parameters);
    CHECK(one[i].multiply_adds == more[i].multiply_adds);
    const bool attends = one[i].kind == LayerKind::attention;
    CHECK(one[i].heads == (attends ? 1 : 0));
    CHECK(more[i].heads == (attends ? 4 : 0));  // of 64 channels
  }
}

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

}  // namespace ddpm::test
