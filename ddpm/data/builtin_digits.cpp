// The built-in dataset: synthetic digits in the style of MNIST.
// Each image starts as a glyph (ddpm/data/strokes.h). The glyph is warped by sine waves, slanted,
// rotated, scaled to about 20 pixels, shifted, and drawn with a round pen in white on black. An
// image depends only on its split and index. Labels are uniform.
// Checked by: tests/ddpm/data/test_builtin_digits.cpp.
#include <algorithm>
#include <cmath>

#include "ddpm/data/dataset.h"
#include "ddpm/data/strokes.h"
#include "kernels/kernels.h"
#include "kernels/types.h"

namespace ddpm {

namespace {

// Width and height of an image in pixels.
constexpr int side = 28;
// Number of images per split.
constexpr int64_t image_count = int64_t(1) << 40;
// "digi" in ASCII. The seed is fixed, so that every run sees the same digits.
constexpr uint32_t seed = 0x64696769;

// Random number generator for one image, seeded by its split and index.
class Draws {
 public:
  Draws(Split split, int64_t index)
      : key{seed, uint32_t(split)}, counter{uint32_t(index), uint32_t(index >> 32), 0, 0} {
    ENSURE(0 <= index && index < image_count, index);
  }

  // Returns a uniform 32-bit integer.
  uint32_t next() {
    if (used == 4) {
      kernels::philox4x32(counter, key, block);
      ++counter[2];
      used = 0;
    }
    return block[used++];
  }
  // Returns a uniform integer in 0..n-1.
  int below(int n) { return int(uint64_t(next()) * uint64_t(n) >> 32); }
  // Returns a uniform float from low to high.
  float between(float low, float high) { return low + (high - low) * float(next() >> 8) * 0x1p-24f; }

 private:
  uint32_t key[2], counter[4], block[4];
  int used = 4;
};

// Warps the glyph with three sine waves, one after another. A wave displaces a point by an amount
// that depends only on the point's position. Strokes that share a point therefore still share it
// afterwards.
void warp(Glyph& glyph, Draws& draws) {
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

// Changes the width of the glyph, slants it and rotates it, in this order.
void slant_and_rotate(Glyph& glyph, Draws& draws) {
  const float width = draws.between(0.8f, 1.15f), slant = draws.between(-0.1f, 0.4f);
  const float angle = draws.between(-0.15f, 0.15f), c = std::cos(angle), s = std::sin(angle);
  for (Stroke& stroke : glyph)
    for (Point& p : stroke) {
      const float x = width * p.x - slant * p.y, y = p.y;
      p = {c * x - s * y, s * x + c * y};
    }
}

// Scales the glyph so that its longer side, pen included, has 17.5 to 21.5 pixels. Moves its centre to
// within 1.5 pixels of the image's centre, per axis.
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

// Lowers each element of `distance2` (side, side) to the squared distance between the pixel's
// centre and the segment from a to b, if that is smaller. Visits only the pixels within `reach` of
// the segment's bounding box. All lengths are in pixels.
void add_segment(Point a, Point b, float reach, float* distance2) {
  const auto first = [&](float v) { return std::max(0, int(std::floor(v - reach))); };
  const auto last = [&](float v) { return std::min(side - 1, int(std::floor(v + reach))); };
  const float ex = b.x - a.x, ey = b.y - a.y, length2 = std::max(ex * ex + ey * ey, 1e-12f);
  for (int i = first(std::min(a.y, b.y)); i <= last(std::max(a.y, b.y)); ++i)
    for (int j = first(std::min(a.x, b.x)); j <= last(std::max(a.x, b.x)); ++j) {
      const float px = float(j) + 0.5f - a.x, py = float(i) + 0.5f - a.y;
      // The point of the segment nearest to the pixel's centre is a + u (b - a).
      const float u = std::clamp((px * ex + py * ey) / length2, 0.0f, 1.0f);
      const float dx = px - u * ex, dy = py - u * ey;
      distance2[i * side + j] = std::min(distance2[i * side + j], dx * dx + dy * dy);
    }
}

// Overwrites `pixels` (side, side) with the glyph, drawn with a pen `pen` pixels wide. The
// brightness falls from 255 to 0 across the pen's edge, over `fade` pixels.
void paint(const Glyph& glyph, float pen, uint8_t* pixels) {
  constexpr float fade = 1.3f, far = 1e6f;
  float distance2[side * side];
  std::fill_n(distance2, side * side, far);
  for (const Stroke& stroke : glyph)
    for (size_t i = 0; i + 1 < stroke.size(); ++i)
      add_segment(stroke[i], stroke[i + 1], (pen + fade) / 2, distance2);
  for (int i = 0; i < side * side; ++i) {
    const float coverage = (pen / 2 - std::sqrt(distance2[i])) / fade + 0.5f;
    pixels[i] = uint8_t(255 * std::clamp(coverage, 0.0f, 1.0f) + 0.5f);
  }
}

struct Digits : Dataset {
  Split split;

  explicit Digits(Split which) : split(which) {
    H = W = side, C = 1;
    name = "digits";
  }
  int64_t size() const override { return image_count; }
  int label(int64_t index) const override { return Draws(split, index).below(10); }
  void image(int64_t index, uint8_t* pixels) const override {
    Draws draws(split, index);
    const std::vector<Glyph>& variants = ways_to_write(draws.below(10));  // the first draw is the label
    Glyph glyph = variants[size_t(draws.below(int(variants.size())))];
    const float pen = draws.between(1.8f, 3.1f);
    warp(glyph, draws);
    slant_and_rotate(glyph, draws);
    place(glyph, pen, draws);
    paint(glyph, pen, pixels);
  }
};

}  // namespace

std::unique_ptr<Dataset> open_digits(Split split) { return std::make_unique<Digits>(split); }

}  // namespace ddpm
