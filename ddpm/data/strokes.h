// The shapes of the built-in digits, before any variation: polylines on a
// 20×20 square, x to the right, y down. Checked by: tests/test_data.cpp.
#pragma once

#include <vector>

namespace ddpm {

struct Point {
  float x, y;
};
using Stroke = std::vector<Point>;  // consecutive points are joined by straight segments
using Glyph = std::vector<Stroke>;

// The ways to write this digit, 0..9: at least one, each drawable as it is.
const std::vector<Glyph>& ways_to_write(int digit);

}  // namespace ddpm
