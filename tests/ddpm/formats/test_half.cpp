// Checks numbers of 16 bits (ddpm/formats/half.h): known values, and all 65,536 of them by what must hold
// between them; then files that hold such numbers. Their layout: tests/ddpm/formats/test_safetensors.cpp.
#include "ddpm/formats/half.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <tuple>

#include "ddpm/formats/safetensors.h"
#include "kernels/types.h"

namespace ddpm::test {

TEST_CASE("half: known numbers, the smallest and largest among them") {
  CHECK(from_half(0x0000) == 0);
  CHECK(std::signbit(from_half(0x8000)));
  CHECK(from_half(0x3C00) == 1);
  CHECK(from_half(0xC100) == -2.5f);
  CHECK(from_half(0x3555) == 0.333251953125f);
  CHECK(from_half(0x0001) == 0x1p-24f);  // subnormal
  CHECK(from_half(0x83FF) == -1023 * 0x1p-24f);
  CHECK(from_half(0x0400) == 0x1p-14f);  // the smallest normal number
  CHECK(from_half(0x7BFF) == 65504);
  CHECK(from_half(0x7C00) == std::numeric_limits<float>::infinity());
  CHECK(from_half(0xFC00) == -std::numeric_limits<float>::infinity());
}

TEST_CASE("half: every finite number is a multiple of 2^-24 above the one before, and the others are none") {
  for (int bits = 1; bits < 0x7C00; ++bits) {
    const float units = from_half(uint16_t(bits)) * 0x1p24f;
    const float before = from_half(uint16_t(bits - 1)) * 0x1p24f;
    const int doublings = std::max(0, (bits - 1) / 1024 - 1);  // of the distance, from exponent to exponent
    REQUIRE(units == std::trunc(units));
    REQUIRE(units - before == std::ldexp(1.0f, doublings));
    REQUIRE(from_half(uint16_t(bits | 0x8000)) == -from_half(uint16_t(bits)));
  }
  for (int bits = 0x7C01; bits < 0x8000; ++bits) {
    REQUIRE(std::isnan(from_half(uint16_t(bits))));
    REQUIRE(std::isnan(from_half(uint16_t(bits | 0x8000))));
  }
}

TEST_CASE("half: a BF16 is the upper half of a float") {
  CHECK(from_bfloat16(0x3F80) == 1);
  CHECK(from_bfloat16(0xC049) == -3.140625f);
  CHECK(from_bfloat16(0x0001) == 0x1p-133f);  // subnormal
  CHECK(from_bfloat16(0x7F7F) == 0x1.FEp127f);
  CHECK(from_bfloat16(0x7F80) == std::numeric_limits<float>::infinity());
  CHECK(std::isnan(from_bfloat16(0xFFC0)));
  for (int bits = 0; bits < 0x10000; ++bits) {
    const float wide = from_bfloat16(uint16_t(bits));
    if (!std::isnan(wide)) REQUIRE(std::bit_cast<uint32_t>(wide) == uint32_t(bits) << 16);
  }
}

// The sums were computed from the files' bytes by another program.
TEST_CASE("half: two files of 16 bits that the library wrote hold its numbers") {
  for (const auto& [name, first, squares] :
       {std::tuple{"half", -0.3046875, 588.6101492209947}, {"bfloat16", 0.0751953125, 585.3426177047807}}) {
    const std::vector<NamedArray> arrays =
        read_safetensors(text("tests/golden/library-", name, "/unet/diffusion_pytorch_model.safetensors"));
    CHECK(arrays.size() == 144);
    double sum = 0;
    for (const NamedArray& array : arrays) {
      for (const float value : array.data) sum += double(value) * double(value);
      if (array.name == "time_embedding.linear_1.weight") CHECK(array.data.at(0) == first);
    }
    CHECK(std::fabs(sum - squares) <= 1e-10);
  }
}

}  // namespace ddpm::test
