// IDX, MNIST's file format: big-endian 32-bit numbers (a magic number, then one size per
// dimension), then bytes. Every byte of a file must be accounted for.
// Checked by: tests/test_data.cpp, with truncated and hostile files too.
#pragma once

#include <cstdint>
#include <string>

namespace ddpm {

// Images (N, H, W) or labels (N), one byte each. The file as it was read: no copy is made.
struct IdxFile {
  int64_t N = 0, H = 1, W = 1;  // H = W = 1 for labels
  const uint8_t* data() const { return reinterpret_cast<const uint8_t*>(bytes.data()) + header; }

  std::string bytes;
  int64_t header = 0;
};

// Errors, which name the file: it cannot be read, is of another kind, truncated or too long;
// no image; more than 1024 rows or columns.
IdxFile read_idx_images(const std::string& path);
IdxFile read_idx_labels(const std::string& path);

}  // namespace ddpm
