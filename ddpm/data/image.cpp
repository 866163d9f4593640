// See ddpm/data/image.h. Checked by: tests/ddpm/data/test_image.cpp.
#include "ddpm/data/image.h"

#include <algorithm>
#include <cmath>

#include "ddpm/formats/file.h"
#include "ddpm/formats/png.h"

namespace ddpm {

namespace {

// Colour of the grid's lines and of its empty cells.
constexpr uint8_t dark_grey = 64;

}  // namespace

// Section 3.3:  x = byte / 127.5 - 1
real to_unit(uint8_t byte) { return byte / real(127.5) - 1; }

uint8_t to_byte(real x) {
  if (!(x > -1)) return 0;  // also for NaN
  if (x >= 1) return 255;
  // Departure 1: rounds to the nearest byte. The official code truncates, so 63 of the 256 bytes
  // decrease by one when they are scaled to [-1, 1] and back.
  return uint8_t(std::floor((x + 1) * real(127.5) + real(0.5)));
}

Picture grid(const real* images, int64_t N, int H, int W, int C, int columns, int zoom) {
  ENSURE(N >= 1 && H >= 1 && W >= 1 && columns >= 1 && zoom >= 1, N, " ", H, " ", W, " ", columns, " ", zoom);
  const int64_t across = std::min(N, int64_t(columns)), down = (N + across - 1) / across;
  const int64_t cell_H = int64_t(H) * zoom + 1, cell_W = int64_t(W) * zoom + 1;
  const int64_t height = down * cell_H + 1, width = across * cell_W + 1;
  require_png_size(height, width, C);
  Picture picture{int(height), int(width), C, {}};
  picture.pixels.assign(size_t(height * width * C), dark_grey);
  for (int64_t n = 0; n < N; ++n) {
    const int64_t top = n / across * cell_H + 1, left = n % across * cell_W + 1;
    for (int64_t i = 0; i < cell_H - 1; ++i)
      for (int64_t j = 0; j < cell_W - 1; ++j)
        for (int64_t c = 0; c < C; ++c)
          picture.pixels[size_t(((top + i) * width + left + j) * C + c)] =
              to_byte(images[((n * H + i / zoom) * W + j / zoom) * C + c]);
  }
  return picture;
}

std::string encode_grid(const real* images, int64_t N, int H, int W, int C, int columns, int zoom) {
  const Picture picture = grid(images, N, H, W, C, columns, zoom);
  return encode_png(picture.pixels.data(), picture.H, picture.W, picture.C);
}

void write_grid(const std::string& path, const real* images, int64_t N, int H, int W, int C, int columns,
                int zoom) {
  write_file(path, encode_grid(images, N, H, W, C, columns, zoom));
}

}  // namespace ddpm
