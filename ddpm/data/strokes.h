// The shapes of the built-in digits before any random variation: polylines in a 20x20 square, with x
// to the right and y down. Checked by: tests/ddpm/data/test_builtin_digits.cpp.
#pragma once

#include <vector>

namespace ddpm {

// A point, in units of the 20x20 square or in pixels.
struct Point {
  float x, y;
};
using Stroke = std::vector<Point>;  // a polyline, drawn without lifting the pen
using Glyph = std::vector<Stroke>;  // a digit

// Returns the variants of a digit 0..9: at least one glyph. Throws std::logic_error for other digits.
const std::vector<Glyph>& ways_to_write(int digit);

}  // namespace ddpm
