// The shapes of the digits 0..9. A stroke is given by a few points, which a Catmull-Rom spline
// connects. At a sharp corner one stroke ends and the next one starts at the same point.
// Checked by: tests/ddpm/data/test_builtin_digits.cpp.
#include "ddpm/data/strokes.h"

#include "kernels/types.h"

namespace ddpm {

namespace {

// Number of straight segments between two points of the table.
constexpr int steps = 5;

// table[digit] lists the variants of a digit. Each variant is a list of strokes.
// clang-format off
const std::vector<Glyph> table[10] = {
    // Digit 0, two variants: a closed loop; a loop that crosses itself
    {{{{11, 1}, {7, 2.5}, {4.5, 7}, {4.5, 13}, {7, 18}, {11, 19}, {14.5, 16.5}, {16, 10}, {14.5, 4},
       {11, 1}}},
     {{{12.5, 2}, {9, 1.2}, {5.5, 4}, {4, 10}, {5.5, 16.5}, {9.5, 19}, {14, 16}, {15.5, 10}, {14, 4},
       {10, 1.5}, {7, 3}}}},
    // Digit 1, three variants: a bar; a bar with a flag; a bar with a flag and a foot
    {{{{10, 1}, {10, 19}}},
     {{{6.5, 5}, {9, 3.5}, {11, 1}}, {{11, 1}, {11, 19}}},
     {{{6.5, 5}, {9, 3.5}, {11, 1}}, {{11, 1}, {11, 19}}, {{6.5, 19}, {15.5, 19}}}},
    // Digit 2, two variants: with a flat foot; with a loop at the bottom left
    {{{{5, 5.5}, {7, 2.2}, {10.5, 1}, {14.5, 3}, {14.5, 7.5}, {10.5, 13}, {4.5, 18.5}},
      {{4.5, 18.5}, {16, 18.5}}},
     {{{5, 4.5}, {9, 1}, {13.8, 2.5}, {14, 7.5}, {10.5, 13.5}, {6, 18.3}, {4, 16.8}, {6.5, 15}, {11, 17.8},
       {16.5, 18}}}},
    // Digit 3, two variants: with a round top; with a flat top
    {{{{5, 3.5}, {9, 1}, {13.5, 2.5}, {13.5, 7}, {8.5, 9.5}},
      {{8.5, 9.5}, {13.5, 11}, {15, 14.5}, {12.5, 18}, {8.5, 19}, {4.5, 17}}},
     {{{5, 1.5}, {14.5, 1.5}},
      {{14.5, 1.5}, {9, 8.5}},
      {{9, 8.5}, {13.5, 10}, {15, 14}, {12.5, 18}, {8.5, 19}, {4.5, 17}}}},
    // Digit 4, two variants: open at the top; closed at the top
    {{{{5.5, 2}, {5, 6}, {4, 11}}, {{4, 11}, {16.5, 11}}, {{14, 2}, {13.5, 10}, {13, 19}}},
     {{{12.5, 1}, {8, 7.5}, {3.5, 12.5}}, {{3.5, 12.5}, {16.5, 12.5}}, {{12.5, 1}, {12.5, 19}}}},
    // Digit 5, one variant: a top bar, a neck and a bowl
    {{{{15, 1.5}, {7, 1.5}},
      {{7, 1.5}, {6, 9}},
      {{6, 9}, {10, 7.5}, {14.3, 9.5}, {15, 14}, {12, 18}, {8, 19}, {4, 17}}}},
    // Digit 6, two variants: with a strongly curved stem; with a straighter stem
    {{{{13.5, 1}, {8.5, 4.5}, {5.3, 10}, {5, 15}, {8, 18.8}, {12.5, 18.3}, {15, 15}, {13.5, 11.5},
       {9.5, 10.8}, {5.5, 14.5}}},
     {{{9.5, 1}, {6.5, 7}, {5, 13}, {6.5, 18}, {10.5, 19}, {14, 17}, {14, 13.5}, {11, 11.5}, {7.5, 12.5},
       {5.3, 15.5}}}},
    // Digit 7, two variants: without a crossbar; with a crossbar
    {{{{4.5, 2}, {15.5, 2}}, {{15.5, 2}, {12, 8.5}, {9, 19}}},
     {{{4.5, 2}, {15.5, 2}}, {{15.5, 2}, {12, 8.5}, {9, 19}}, {{7, 10.5}, {15.5, 10}}}},
    // Digit 8, one variant: a single stroke that passes through the middle twice
    {{{{14, 3.8}, {10.5, 1}, {6.5, 2.5}, {6.5, 6.5}, {10, 9.5}, {14, 12.8}, {14.5, 16.5}, {10, 19},
       {5.5, 16.8}, {6, 13}, {10, 9.5}, {13.7, 6.8}, {14, 3.8}}}},
    // Digit 9, two variants: with a straight stem; with a hooked stem
    {{{{14.5, 4.5}, {11, 1.2}, {7, 2.2}, {5, 6}, {7, 9.8}, {11, 9.5}, {14.5, 4.5}},
      {{14.5, 4.5}, {14, 11}, {12.5, 19}}},
     {{{14.5, 4.5}, {11, 1.2}, {7, 2.2}, {5, 6}, {7, 9.8}, {11, 9.5}, {14.5, 4.5}},
      {{14.5, 4.5}, {14.7, 12}, {13, 17}, {9.5, 19}, {5.5, 17.5}}}},
};
// clang-format on

// Interpolates one coordinate along a Catmull-Rom curve, from b (u = 0) to c (u = 1). `a` is the
// coordinate of the point before b, and `d` that of the point after c.
float catmull_rom(float a, float b, float c, float d, float u) {
  return b + 0.5f * u * (c - a + u * (2 * a - 5 * b + 4 * c - d + u * (3 * (b - c) + d - a)));
}

// Returns the Catmull-Rom spline through the points, as a polyline. The first point also
// serves as its own predecessor, and the last point as its own successor.
Stroke spline(const Stroke& points) {
  Stroke curve{points[0]};
  for (size_t i = 0; i + 1 < points.size(); ++i) {
    const Point a = points[i == 0 ? 0 : i - 1], b = points[i], c = points[i + 1];
    const Point d = points[i + 2 < points.size() ? i + 2 : i + 1];
    for (int k = 1; k <= steps; ++k) {
      const float u = float(k) / steps;
      curve.push_back({catmull_rom(a.x, b.x, c.x, d.x, u), catmull_rom(a.y, b.y, c.y, d.y, u)});
    }
  }
  return curve;
}

// Returns the table with every stroke replaced by its spline.
std::vector<std::vector<Glyph>> draw_table() {
  std::vector<std::vector<Glyph>> drawn(10);
  for (int digit = 0; digit < 10; ++digit)
    for (Glyph glyph : table[digit]) {
      for (Stroke& stroke : glyph) stroke = spline(stroke);
      drawn[size_t(digit)].push_back(glyph);
    }
  return drawn;
}

}  // namespace

const std::vector<Glyph>& ways_to_write(int digit) {
  static const std::vector<std::vector<Glyph>> drawn = draw_table();
  ENSURE(0 <= digit && digit <= 9, digit);
  return drawn[size_t(digit)];
}

}  // namespace ddpm
