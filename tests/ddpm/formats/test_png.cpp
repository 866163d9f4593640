// Checks PNG files (ddpm/formats/png.h): the fields of the header, and what is refused.
#include <doctest/doctest.h>

#include <stdexcept>
#include <string>
#include <vector>

#include "ddpm/formats/png.h"

namespace ddpm::test {

TEST_CASE("png: a file has the given size and channels") {
  for (const int C : {1, 3}) {
    const std::vector<uint8_t> pixels(size_t(5 * 300 * C), 200);
    const std::string png = encode_png(pixels.data(), 5, 300, C);
    REQUIRE(png.size() > 45);
    CHECK(png.substr(0, 16) == std::string("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 16));
    CHECK(png.substr(16, 8) == std::string("\0\0\x01\x2c\0\0\0\x05", 8));  // width 300, height 5
    CHECK(int(png[24]) == 8);                                              // bits per channel
    CHECK(int(png[25]) == (C == 1 ? 0 : 2));                               // grey or RGB
    CHECK(png.substr(png.size() - 8, 4) == "IEND");
  }
  CHECK_THROWS_AS(encode_png(nullptr, 1, 1, 2), std::logic_error);
  CHECK_THROWS_AS(encode_png(nullptr, 0, 7, 3), std::logic_error);
}

}  // namespace ddpm::test
