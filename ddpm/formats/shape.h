// What the array formats share: the size of an array of floats from its shape,
// and its bytes as they lie in memory, which is how both formats store them.
// Checked by: tests/test_safetensors.cpp, tests/test_npy.cpp.
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

// The bytes of an array of floats of that shape; a shape of no dimensions is one
// float. Nothing if a length is negative or the lengths above 0 multiply beyond int64_t.
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

// The memory of n floats, seen as 4n bytes.
inline std::string_view bytes_of(std::span<const float> floats) {
  return {reinterpret_cast<const char*>(floats.data()), floats.size_bytes()};
}

// "(2, 1, 28, 28)", "(5,)" or "()": a shape as Python writes it.
inline std::string shape_text(const std::vector<int64_t>& shape) {
  std::string text = "(";
  for (size_t i = 0; i < shape.size(); ++i) text += (i ? ", " : "") + std::to_string(shape[i]);
  return text + (shape.size() == 1 ? ",)" : ")");
}

}  // namespace ddpm
