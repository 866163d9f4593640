// See ddpm/formats/png.h. Checked by: tests/ddpm/formats/test_png.cpp.
#include "ddpm/formats/png.h"

#include "kernels/types.h"

#define STB_IMAGE_WRITE_IMPLEMENTATION
#define STBI_WRITE_NO_STDIO
#if __has_include(<stb/stb_image_write.h>)
#include <stb/stb_image_write.h>
#else
#include <stb_image_write.h>
#endif

namespace ddpm {

namespace {

// Maximum number of bytes per image. stb_image_write computes sizes as int, which could overflow.
constexpr int64_t max_image_bytes = int64_t(1) << 28;

}  // namespace

void require_png_size(int64_t H, int64_t W, int C) {
  if (H > max_image_bytes || W > max_image_bytes / (H * C))
    fail("a picture of ", W, "x", H, " pixels is too large for one PNG file: choose fewer images");
}

std::string encode_png(const uint8_t* pixels, int H, int W, int C) {
  ENSURE(H >= 1 && W >= 1 && (C == 1 || C == 3), H, "x", W, "x", C);
  require_png_size(H, W, C);
  std::string png;
  const auto append = [](void* to, void* bytes, int n) {
    static_cast<std::string*>(to)->append(static_cast<const char*>(bytes), size_t(n));
  };
  if (!stbi_write_png_to_func(append, &png, W, H, C, pixels, W * C))
    fail("not enough memory for a PNG of ", W, "x", H, " pixels");
  return png;
}

}  // namespace ddpm
