// PNG files (stb_image_write). Checked by: tests/test_image.cpp.
#pragma once

#include <cstdint>
#include <string>

namespace ddpm {

// Throws Error if pixels (H, W, C) are too many for one PNG file.
void require_png_size(int64_t H, int64_t W, int C);

// Writes pixels, (H, W, C) bytes with C = 1 or 3, as a PNG file, atomically.
// Throws Error if it cannot be written.
void write_png(const std::string& path, const uint8_t* pixels, int H, int W, int C);

}  // namespace ddpm
