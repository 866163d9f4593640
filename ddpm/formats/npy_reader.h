// Reads the numbers of a .npy file part by part, whatever their type: booleans, whole numbers of 1 to 8
// bytes, float32 and float64, in either byte order. Whole arrays of float32: ddpm/formats/npy.h. Checked by:
// tests/ddpm/formats/test_npy_reader.cpp.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "ddpm/formats/file.h"
#include "ddpm/formats/npy.h"

namespace ddpm {

class NpyReader {
 public:
  // Opens the file and reads its header. Throws Error with the path as read_npy_header does, if numbers of
  // this type cannot be read, or if the file holds fewer or more data than its shape says.
  explicit NpyReader(const std::string& path);

  const NpyHeader& header() const { return header_; }
  int64_t count() const { return count_; }  // numbers in the array

  // Returns the next numbers in the order of the file, at most 16,384, valid until the next call; after the
  // last, none. Whole numbers beyond 2^53 are rounded.
  std::span<const double> next();

 private:
  InputFile file_;
  NpyHeader header_;
  int64_t size_ = 0;  // bytes of a number
  bool swapped_ = false;
  double (*value_)(const char*) = nullptr;  // returns the number that begins here
  int64_t count_ = 0;
  std::vector<char> bytes_;
  std::vector<double> numbers_;
};

}  // namespace ddpm
