// Checks the scaling of pixels to [-1, 1] and back, and grids of images (ddpm/data/image.h). Section 3.3.
#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "ddpm/data/image.h"
#include "tests/support/near.h"
#include "tests/support/scratch.h"

namespace ddpm::test {

TEST_CASE("image: bytes span [-1, 1] evenly") {
  CHECK(to_unit(0) == real(-1));
  CHECK(to_unit(255) == real(1));
  for (int b = 0; b < 256; ++b) CHECK(near(to_unit(uint8_t(b)), (2 * b - 255) / 255.0, 1e-7));
}

TEST_CASE("image: all 256 levels return; truncation, as in the official code, loses 63 of them") {
  int lost = 0;
  for (int b = 0; b < 256; ++b) {
    CHECK(int(to_byte(to_unit(uint8_t(b)))) == b);
    const float x = float(b) / 127.5f - 1, back = (x + 1) * 127.5f;
    CHECK(int(back) >= b - 1);
    lost += int(back) < b;
  }
  CHECK(lost == 63);
}

TEST_CASE("image: to_byte clips, rounds to the nearest, and is defined for NaN and infinity") {
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

TEST_CASE("image: a grid repeats pixels and separates images by one dark line") {
  // Three images of 1x2 pixels, two in a row, enlarged by 2: cells of 3 rows and 5 columns.
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

TEST_CASE("image: a grid keeps the channels of a pixel together and is no wider than its images") {
  const real red_blue[6] = {1, -1, -1, -1, -1, 1};
  const Picture p = grid(red_blue, 1, 1, 2, 3, 8, 1);
  REQUIRE(p.H == 3);
  REQUIRE(p.W == 4);
  const int row[12] = {64, 64, 64, 255, 0, 0, 0, 0, 255, 64, 64, 64};
  CHECK(mismatch(p.pixels.data() + 12, row, 12, 0) == "");
}

TEST_CASE("image: a grid that cannot be written is an Error") {
  const ScratchFolder folder;
  const real black[4] = {-1, -1, -1, -1};
  CHECK_THROWS_AS(write_grid(folder / "no/a.png", black, 1, 2, 2, 1, 1), Error);
  // 4e10 pixels are refused, not allocated.
  CHECK_THROWS_AS(write_grid(folder / "a.png", black, 1, 2, 2, 1, 1, 100000), Error);
}

}  // namespace ddpm::test
