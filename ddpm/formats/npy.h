// .npy: one array of floats, as numpy.save writes it and numpy.load reads it.
// "\x93NUMPY", the version (2 bytes), the header's length (2 bytes in version 1, else 4),
// the header, {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }, then the data.
// Checked by: tests/test_npy.cpp.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace ddpm {

struct Npy {
  std::vector<int64_t> shape;  // {} is a single number
  std::vector<float> data;     // row-major, as many as the shape's product
};

// Reads versions 1.0, 2.0 and 3.0. Errors: another number type than '<f4' or
// Fortran order (the sentence says how to convert), a header that is not exactly
// the dictionary above, a file shorter or longer than its shape says.
Npy read_npy(const std::string& path);

// Makes or replaces the file atomically (write_file), in version 1.0, without a
// copy of the data. data must hold the shape's product (ENSURE).
void write_npy(const std::string& path, const std::vector<int64_t>& shape, std::span<const float> data);

}  // namespace ddpm
