// Between bytes and the network's numbers, and grids of images to look at.
// Section 3.3: integers in {0, …, 255} are scaled linearly to [−1, 1].
// Checked by: tests/test_image.cpp.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "kernels/types.h"

namespace ddpm {

// Section 3.3:  x = byte / 127.5 − 1, in [−1, 1].
real to_unit(uint8_t byte);

// The way back: x clipped to [−1, 1], then the nearest byte. NaN gives 0.
uint8_t to_byte(real x);

// Rows, columns, channels (1 grey, 3 RGB), and bytes (H, W, C).
struct Picture {
  int H, W, C;
  std::vector<uint8_t> pixels;
};

// images: (N, H, W, C) in [−1, 1], side by side, `columns` to a row, every pixel
// repeated zoom × zoom times, with a dark grey line of one pixel around each.
// Throws Error when the picture would be too large for a PNG.
Picture grid(const real* images, int64_t N, int H, int W, int C, int columns, int zoom = 2);

// Writes the grid as a PNG file (ddpm/formats/png.h). Errors: as grid and write_png.
void write_grid(const std::string& path, const real* images, int64_t N, int H, int W, int C, int columns,
                int zoom = 2);

}  // namespace ddpm
