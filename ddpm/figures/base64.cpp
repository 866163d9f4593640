// See ddpm/figures/base64.h. Checked by: tests/ddpm/figures/test_svg.cpp.
#include "ddpm/figures/base64.h"

#include <algorithm>
#include <cstdint>

namespace ddpm {

std::string base64(std::string_view bytes) {
  static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string encoded;
  for (size_t i = 0; i < bytes.size(); i += 3) {
    // Splits three bytes (24 bits) into four digits of 6 bits. Missing bytes count as zeros.
    uint32_t bits = 0;
    for (size_t k = 0; k < 3; ++k) bits = bits << 8 | (i + k < bytes.size() ? uint8_t(bytes[i + k]) : 0);
    for (int shift = 18; shift >= 0; shift -= 6) encoded += digits[bits >> shift & 63];
  }
  // Replaces the digits that hold no byte: one if a byte was missing, two if two were.
  const size_t missing = (3 - bytes.size() % 3) % 3;
  std::fill_n(encoded.end() - std::ptrdiff_t(missing), missing, '=');
  return encoded;
}

}  // namespace ddpm
