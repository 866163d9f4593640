// ddpm/data/image.h: all 256 levels return, out-of-range numbers are clipped, grids
// and PNG files have the right shape.
#include <doctest/doctest.h>

#include <cmath>
#include <fstream>
#include <iterator>
#include <limits>

#include "ddpm/data/image.h"
#include "ddpm/formats/png.h"
#include "tests/support/near.h"
#include "tests/support/scratch.h"

namespace ddpm::test {

TEST_CASE("bytes span [-1, 1] evenly, Section 3.3") {
  CHECK(to_unit(0) == real(-1));
  CHECK(to_unit(255) == real(1));
  for (int b = 0; b < 256; ++b) CHECK(near(to_unit(uint8_t(b)), (2 * b - 255) / 255.0, 1e-7));
}

TEST_CASE("all 256 levels return; the official code's truncation loses 63 of them") {
  int lost = 0;
  for (int b = 0; b < 256; ++b) {
    CHECK(int(to_byte(to_unit(uint8_t(b)))) == b);
    const float x = float(b) / 127.5f - 1, back = (x + 1) * 127.5f;
    CHECK(int(back) >= b - 1);
    lost += int(back) < b;
  }
  CHECK(lost == 63);
}

TEST_CASE("to_byte clips, rounds to the nearest, and is defined for NaN and infinity") {
  const real inf = std::numeric_limits<real>::infinity();
  CHECK(int(to_byte(-1.5)) == 0);
  CHECK(int(to_byte(1.5)) == 255);
  CHECK(int(to_byte(-inf)) == 0);
  CHECK(int(to_byte(inf)) == 255);
  CHECK(int(to_byte(std::numeric_limits<real>::quiet_NaN())) == 0);
  CHECK(int(to_byte(real(100.4 / 127.5 - 1))) == 100);
  CHECK(int(to_byte(real(100.6 / 127.5 - 1))) == 101);
  CHECK(int(to_byte(std::nextafter(real(1), real(0)))) == 255);
}

TEST_CASE("a grid repeats pixels and separates images by one dark line") {
  // Three images 1×2×1, two to a row, zoom 2: cells of 3 rows × 5 columns.
  const real images[6] = {-1, 1, 1, -1, 1, 1};
  const Picture p = grid(images, 3, 1, 2, 1, 2, 2);
  REQUIRE(p.H == 7);
  REQUIRE(p.W == 11);
  REQUIRE(p.C == 1);
  const char* want[7] = {"|||||||||||", "|..##|##..|", "|..##|##..|", "|||||||||||",
                         "|####||||||", "|####||||||", "|||||||||||"};
  for (int i = 0; i < 7; ++i) {
    std::string row;
    for (int j = 0; j < 11; ++j) {
      const int v = p.pixels[size_t(i * 11 + j)];
      row += v == 0 ? '.' : v == 255 ? '#' : v == 64 ? '|' : '?';
    }
    CHECK(row == want[i]);
  }
}

TEST_CASE("a grid keeps colours together and is no wider than its images") {
  const real red_blue[6] = {1, -1, -1, -1, -1, 1};
  const Picture p = grid(red_blue, 1, 1, 2, 3, 8, 1);
  REQUIRE(p.H == 3);
  REQUIRE(p.W == 4);
  const int row[12] = {64, 64, 64, 255, 0, 0, 0, 0, 255, 64, 64, 64};
  CHECK(mismatch(p.pixels.data() + 12, row, 12, 0) == "");
}

TEST_CASE("write_png writes a PNG with that shape, and errors are sentences") {
  const ScratchFolder folder;
  const std::string path = folder / "a.png";
  for (const int C : {1, 3}) {
    const std::vector<uint8_t> pixels(size_t(5 * 300 * C), 200);
    write_png(path, pixels.data(), 5, 300, C);
    std::ifstream in(path, std::ios::binary);
    const std::string png{std::istreambuf_iterator<char>(in), {}};
    REQUIRE(png.size() > 45);
    CHECK(png.substr(0, 16) == std::string("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", 16));
    CHECK(png.substr(16, 8) == std::string("\0\0\x01\x2c\0\0\0\x05", 8));  // width 300, height 5
    CHECK(int(png[24]) == 8);                                              // bits
    CHECK(int(png[25]) == (C == 1 ? 0 : 2));                               // grey or RGB
    CHECK(png.substr(png.size() - 8, 4) == "IEND");
  }
  const real black[4] = {-1, -1, -1, -1};
  CHECK_THROWS_AS(write_grid(folder / "no/a.png", black, 1, 2, 2, 1, 1), Error);
  // 40 thousand million pixels are refused, not allocated.
  CHECK_THROWS_AS(write_grid(path, black, 1, 2, 2, 1, 1, 100000), Error);
  CHECK_THROWS_AS(write_png(path, nullptr, 1, 1, 2), std::logic_error);
}

}  // namespace ddpm::test
