// Helpers for the two array formats, safetensors and .npy: size of an array of floats in bytes, view
// of an array as bytes, and shape as text. Both formats store floats as they are in memory.
// Checked by: tests/ddpm/formats/test_safetensors.cpp, tests/ddpm/formats/test_npy.cpp.
#pragma once

#include <bit>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ddpm {

static_assert(std::endian::native == std::endian::little && sizeof(float) == 4,
              "the formats hold little-endian 32-bit floats");

// Returns the size in bytes of an array of floats. The shape {} is one float. Returns nullopt if a
// dimension is negative, or if 4 bytes times the product of all non-zero dimensions overflows int64_t.
inline std::optional<int64_t> byte_count(const std::vector<int64_t>& shape) {
  int64_t bytes = sizeof(float);
  bool empty = false;
  for (const int64_t length : shape) {
    if (length < 0) return {};
    if (length == 0) {
      empty = true;
    } else {
      if (bytes > std::numeric_limits<int64_t>::max() / length) return {};
      bytes *= length;
    }
  }
  return empty ? 0 : bytes;
}

// Returns a view of n floats as 4n bytes, without a copy.
inline std::string_view bytes_of(std::span<const float> floats) {
  return {reinterpret_cast<const char*>(floats.data()), floats.size_bytes()};
}

// Returns the shape in Python's notation: "(2, 1, 28, 28)", "(5,)" or "()". Shows the first `most` dimensions
// and counts the rest, as in "(1, 1, 1, 1, 1, 1, 1, 1, ... 4992 more)".
inline std::string shape_text(const std::vector<int64_t>& shape, size_t most = 8) {
  std::string text = "(";
  for (size_t i = 0; i < shape.size() && i < most; ++i) text += (i ? ", " : "") + std::to_string(shape[i]);
  if (shape.size() > most) text += ", ... " + std::to_string(shape.size() - most) + " more";
  return text + (shape.size() == 1 ? ",)" : ")");
}

}  // namespace ddpm
