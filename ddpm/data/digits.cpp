// The built-in dataset: digits in the style of MNIST, drawn by code. A glyph
// (ddpm/data/strokes.h) is bent by smooth waves, slanted, rotated, scaled into a box
// of about 20 pixels, shifted, and painted with a round pen, white on black.
// Rules: image i of a split depends on (split, i) alone; endless; labels are
// uniform. Checked by: tests/test_data.cpp.
#include <algorithm>
#include <cmath>

#include "ddpm/data/dataset.h"
#include "ddpm/data/strokes.h"
#include "kernels/kernels.h"
#include "kernels/types.h"

namespace ddpm {

namespace {

constexpr int side = 28;
constexpr int64_t endless = int64_t(1) << 40;
constexpr uint32_t seed = 0x64696769;  // "digi": the same digits for everyone

// The random numbers of one image.
class Draws {
 public:
  Draws(Split split, int64_t index)
      : key{seed, uint32_t(split)}, counter{uint32_t(index), uint32_t(index >> 32), 0, 0} {
    ENSURE(0 <= index && index < endless, index);
  }

  uint32_t next() {
    if (used == 4) {
      kernels::philox4x32(counter, key, block);
      ++counter[2];
      used = 0;
    }
    return block[used++];
  }
  int below(int n) { return int(uint64_t(next()) * uint64_t(n) >> 32); }  // 0..n−1
  float between(float low, float high) { return low + (high - low) * float(next() >> 8) * 0x1p-24f; }

 private:
  uint32_t key[2], counter[4], block[4];
  int used = 4;
};

// Moves every point by a sine of its position. Strokes that meet still meet.
void bend(Glyph& glyph, Draws& draws) {
  for (int wave = 0; wave < 3; ++wave) {
    const float kx = draws.between(-0.3f, 0.3f), ky = draws.between(-0.3f, 0.3f);
    const float phase = draws.between(0, 6.2832f);
    const float dx = draws.between(-1, 1), dy = draws.between(-1, 1);
    for (Stroke& stroke : glyph)
      for (Point& p : stroke) {
        const float s = std::sin(kx * p.x + ky * p.y + phase);
        p.x += dx * s, p.y += dy * s;
      }
  }
}

// Width, slant and turn: one 2×2 matrix.
void lean(Glyph& glyph, Draws& draws) {
  const float width = draws.between(0.8f, 1.15f), slant = draws.between(-0.1f, 0.4f);
  const float angle = draws.between(-0.15f, 0.15f), c = std::cos(angle), s = std::sin(angle);
  for (Stroke& stroke : glyph)
    for (Point& p : stroke) {
      const float x = width * p.x - slant * p.y, y = p.y;
      p = {c * x - s * y, s * x + c * y};
    }
}

// Scales the longer side, pen included, to the size in pixels, and places the
// middle near the middle of the image.
void place(Glyph& glyph, float pen, Draws& draws) {
  Point low = glyph[0][0], high = low;
  for (const Stroke& stroke : glyph)
    for (const Point& p : stroke) {
      low = {std::min(low.x, p.x), std::min(low.y, p.y)};
      high = {std::max(high.x, p.x), std::max(high.y, p.y)};
    }
  const float size = draws.between(17.5f, 21.5f);
  const float scale = (size - pen) / std::max(high.x - low.x, high.y - low.y);
  const float x0 = side / 2.0f + draws.between(-1.5f, 1.5f) - scale * (low.x + high.x) / 2;
  const float y0 = side / 2.0f + draws.between(-1.5f, 1.5f) - scale * (low.y + high.y) / 2;
  for (Stroke& stroke : glyph)
    for (Point& p : stroke) p = {x0 + scale * p.x, y0 + scale * p.y};
}

// Lowers distance2, the squared distance (side, side) of each pixel's centre
// from the strokes, where the segment a–b is nearer; only within reach of it.
void near_segment(Point a, Point b, float reach, float* distance2) {
  const auto first = [&](float v) { return std::max(0, int(std::floor(v - reach))); };
  const auto last = [&](float v) { return std::min(side - 1, int(std::floor(v + reach))); };
  const float ex = b.x - a.x, ey = b.y - a.y, length2 = std::max(ex * ex + ey * ey, 1e-12f);
  for (int i = first(std::min(a.y, b.y)); i <= last(std::max(a.y, b.y)); ++i)
    for (int j = first(std::min(a.x, b.x)); j <= last(std::max(a.x, b.x)); ++j) {
      const float px = float(j) + 0.5f - a.x, py = float(i) + 0.5f - a.y;
      // The nearest point of the segment is a + u(b − a).
      const float u = std::clamp((px * ex + py * ey) / length2, 0.0f, 1.0f);
      const float dx = px - u * ex, dy = py - u * ey;
      distance2[i * side + j] = std::min(distance2[i * side + j], dx * dx + dy * dy);
    }
}

// A pen of that width: white inside, fading over a pixel and a bit at its edge.
void paint(const Glyph& glyph, float pen, uint8_t* pixels) {
  constexpr float fade = 1.3f, far = 1e6f;
  float distance2[side * side];
  std::fill_n(distance2, side * side, far);
  for (const Stroke& stroke : glyph)
    for (size_t i = 0; i + 1 < stroke.size(); ++i)
      near_segment(stroke[i], stroke[i + 1], (pen + fade) / 2, distance2);
  for (int i = 0; i < side * side; ++i) {
    const float cover = (pen / 2 - std::sqrt(distance2[i])) / fade + 0.5f;
    pixels[i] = uint8_t(255 * std::clamp(cover, 0.0f, 1.0f) + 0.5f);
  }
}

struct Digits : Dataset {
  Split split;

  explicit Digits(Split which) : split(which) {
    H = W = side, C = 1;
    name = "digits";
  }
  int64_t size() const override { return endless; }
  int label(int64_t index) const override { return Draws(split, index).below(10); }
  void image(int64_t index, uint8_t* pixels) const override {
    Draws draws(split, index);
    const std::vector<Glyph>& ways = ways_to_write(draws.below(10));  // the first draw is the label
    Glyph glyph = ways[size_t(draws.below(int(ways.size())))];
    const float pen = draws.between(1.8f, 3.1f);
    bend(glyph, draws);
    lean(glyph, draws);
    place(glyph, pen, draws);
    paint(glyph, pen, pixels);
  }
};

}  // namespace

std::unique_ptr<Dataset> open_digits(Split split) { return std::make_unique<Digits>(split); }

}  // namespace ddpm
