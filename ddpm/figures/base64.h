// Base64 (RFC 4648, section 4): bytes as text, for the images inside an SVG file.
// Checked by: tests/ddpm/figures/test_svg.cpp.
#pragma once

#include <string>
#include <string_view>

namespace ddpm {

// Returns `bytes` as base64 text, padded with = to a multiple of 4 characters.
std::string base64(std::string_view bytes);

}  // namespace ddpm
