// Reader and writer for .npy files that hold one float32 array (numpy.save, numpy.load). Arrays of other
// numbers: ddpm/formats/npy_reader.h. Layout: "\x93NUMPY", version (2 bytes), header length (2 bytes in
// version 1, 4 bytes in versions 2 and 3, little-endian), header, data. The header is a Python dictionary
// such as {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }. Format: numpy.lib.format in NumPy's
// manual. Checked by: tests/ddpm/formats/test_npy.cpp.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "ddpm/formats/file.h"

namespace ddpm {

// An array of floats. The shape {} is a scalar.
struct Npy {
  std::vector<int64_t> shape;
  std::vector<float> data;  // row-major; its length is the product of the shape
};

// What a file says about its array.
struct NpyHeader {
  std::string type;            // such as "<f4" or "|u1"
  bool fortran = false;        // the first index runs fastest, not the last
  std::vector<int64_t> shape;  // lengths of at least 0
  bool operator==(const NpyHeader&) const = default;
};

// Reads the file from its first byte up to its data, and returns the header. Throws Error as read_npy does,
// if the file is no .npy file or its header is malformed or too long; any type, order and shape is accepted,
// but no structured array.
NpyHeader read_npy_header(InputFile& file, const std::string& path);

// Reads a file of version 1.0, 2.0 or 3.0. Throws Error with the path if the file cannot be read;
// if its header is malformed or longer than 65535 bytes; if its data are not '<f4' in C order; or
// if it holds fewer or more data than its shape says.
Npy read_npy(const std::string& path);

// Returns what stands before the data in a file of version 1.0.
std::string npy_header(const std::vector<int64_t>& shape);

// Creates or replaces the file atomically, in version 1.0. Does not copy the data.
// Throws Error as write_file does, and std::logic_error if data.size() is not the product of `shape`.
void write_npy(const std::string& path, const std::vector<int64_t>& shape, std::span<const float> data,
               Existing = Existing::replace);

}  // namespace ddpm
