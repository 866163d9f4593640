// Writer for PNG images, in memory, based on stb_image_write.
// Checked by: tests/ddpm/formats/test_png.cpp.
#pragma once

#include <cstdint>
#include <string>

namespace ddpm {

// Throws Error if an image (H, W, C) has more than 2^28 bytes, the limit of encode_png. H, W and C
// must be positive.
void require_png_size(int64_t H, int64_t W, int C);

// Returns the bytes of a PNG file. `pixels` are (H, W, C) bytes, C = 1 (grey) or 3 (RGB). Throws Error if
// the image is too large or memory runs out. Throws std::logic_error for other values of C, and if H or
// W is not positive.
std::string encode_png(const uint8_t* pixels, int H, int W, int C);

}  // namespace ddpm
