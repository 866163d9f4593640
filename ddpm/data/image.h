// Conversion between pixel bytes 0..255 and network values in [-1, 1], and grids of images as PNG
// files. Checked by: tests/ddpm/data/test_image.cpp.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "kernels/types.h"

namespace ddpm {

// Section 3.3: returns the byte, scaled linearly from 0..255 to [-1, 1].
real to_unit(uint8_t byte);

// Inverse of to_unit: clips x to [-1, 1] and returns the nearest byte. Returns 0 for NaN.
uint8_t to_byte(real x);

// An image of bytes: H rows, W columns, C channels (1 grey, 3 RGB).
struct Picture {
  int H, W, C;
  std::vector<uint8_t> pixels;  // (H, W, C)
};

// Returns N images (N, H, W, C), values in [-1, 1], as one picture with at most `columns` images
// per row. Enlarges each pixel to zoom x zoom pixels, and separates the images by dark grey lines,
// 1 pixel wide. Throws Error if the picture is too large for a PNG file, and std::logic_error if N,
// H, W, columns or zoom is not positive.
Picture grid(const real* images, int64_t N, int H, int W, int C, int columns, int zoom = 2);

// Returns the bytes of a PNG file with the grid of the images. Throws the errors of grid and of encode_png
// (ddpm/formats/png.h).
std::string encode_grid(const real* images, int64_t N, int H, int W, int C, int columns, int zoom = 2);

// Creates or replaces a PNG file with the grid of the images, atomically. Throws the errors of encode_grid
// and of write_file (ddpm/formats/file.h).
void write_grid(const std::string& path, const real* images, int64_t N, int H, int W, int C, int columns,
                int zoom = 2);

}  // namespace ddpm
