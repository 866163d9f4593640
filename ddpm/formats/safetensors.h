// safetensors: named arrays of floats in one file, the format of diffusers'
// weights and of our training state. 8 bytes: the header's length N, little-endian.
// N bytes of JSON: {"name": {"dtype": "F32", "shape": […], "data_offsets": [begin, end]}, …}.
// Then the data, one array after another.
// Checked by: tests/test_safetensors.cpp.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace ddpm {

// One array: shape {} is a single number, a length of 0 means no data.
struct NamedArray {
  std::string name;
  std::vector<int64_t> shape;
  std::vector<float> data;  // row-major, as many as the shape's product
};

// All arrays of the file, in the order of their data. Errors: whatever the format
// does not allow (a length that the file does not have, holes, overlaps, bytes left
// over, names twice, …), and any number type but F32. Memory grows with the file's
// real size only, never with what its header claims.
std::vector<NamedArray> read_safetensors(const std::string& path);

// Makes or replaces the file atomically (write_file): the arrays in the given order,
// the header padded with spaces to a multiple of 8 bytes. Equal arguments give equal
// bytes. metadata, if any, becomes the member __metadata__ (diffusers looks for
// {"format", "pt"}). Names must be unique and shapes fit the data (ENSURE).
void write_safetensors(const std::string& path, const std::vector<NamedArray>& arrays,
                       const std::vector<std::pair<std::string, std::string>>& metadata = {});

}  // namespace ddpm
