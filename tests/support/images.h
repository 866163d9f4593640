// Small data sets in the IDX format (MNIST's), and the pixels of an image.
#pragma once

#include <string>
#include <vector>

#include "ddpm/data/dataset.h"
#include "tests/support/scratch.h"

namespace ddpm::test {

// Returns the pixels of an image, (H,W,C).
inline std::vector<uint8_t> pixels_of(const Dataset& data, int64_t index) {
  std::vector<uint8_t> pixels(size_t(data.H * data.W * data.C), 77);
  data.image(index, pixels.data());
  return pixels;
}

// Returns the numbers as IDX files store them, four bytes each, the highest first.
inline std::string big_endian(const std::vector<uint32_t>& numbers) {
  std::string bytes;
  for (const uint32_t n : numbers)
    for (int shift = 24; shift >= 0; shift -= 8) bytes += char(n >> shift & 255);
  return bytes;
}

// Returns a .npy file's bytes: an array of this type, such as "<f4", and shape, such as "(2, 8, 8)".
inline std::string npy_file(const std::string& type, const std::string& shape, const std::string& data,
                            bool fortran = false) {
  const std::string header = "{'descr': '" + type + "', 'fortran_order': " + (fortran ? "True" : "False") +
                             ", 'shape': " + shape + ", }\n";
  return std::string("\x93NUMPY\1\0", 8) + char(header.size() & 255) + char(header.size() >> 8) + header +
         data;
}

// Returns the numbers as they are in memory.
template <typename Number>
std::string bytes_of_numbers(const std::vector<Number>& numbers) {
  return {reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(Number)};
}

// Makes a folder with 8 training and 4 test images of 8x8 pixels and returns its path.
inline std::string put_images(const ScratchFolder& folder) {
  constexpr uint32_t side = 8;
  std::filesystem::create_directories(folder / "images");
  const auto put = [&](const std::string& split, uint32_t count) {
    std::string pixels, labels;
    for (uint32_t i = 0; i < count * side * side; ++i) pixels += char(i * i % 251 + i % 5);
    for (uint32_t i = 0; i < count; ++i) labels += char(i % 10);
    folder.put("images/" + split + "-images-idx3-ubyte", big_endian({0x803, count, side, side}) + pixels);
    folder.put("images/" + split + "-labels-idx1-ubyte", big_endian({0x801, count}) + labels);
  };
  put("train", 8);
  put("t10k", 4);
  return folder / "images";
}

}  // namespace ddpm::test
