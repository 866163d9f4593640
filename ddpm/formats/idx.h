// Reader for IDX files, MNIST's format.
// A file starts with big-endian 32-bit integers: a magic number, then one size per dimension. The
// data follow, here one byte per element, or four. Format: http://yann.lecun.com/exdb/mnist/.
// Checked by: tests/ddpm/data/test_folders.cpp, with truncated and hostile files too.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace ddpm {

// The images of an IDX file: (N, H, W), one byte per element, row-major.
struct IdxFile {
  int64_t N = 0, H = 1, W = 1;
  // Returns a pointer to the N * H * W data bytes. It is valid while this object lives.
  const uint8_t* data() const { return reinterpret_cast<const uint8_t*>(bytes.data()) + header; }

  std::string bytes;   // the whole file, header included
  int64_t header = 0;  // length of the header in bytes
};

// Reads images (N, H, W), bytes 0..255. Throws Error with the path if the file cannot be read, is
// larger than 1 GiB, has another magic number, holds no images, has H or W outside 1..1024, or is
// shorter or longer than its header says.
IdxFile read_idx_images(const std::string& path);
// Reads labels: (N) bytes, or QMNIST's (N, K) integers of 32 bits, 1 <= K <= 1024, whose first column is the
// class. Throws Error with the path if the file cannot be read, is larger than 1 GiB, has another magic
// number, or is shorter or longer than its header says.
std::vector<int> read_idx_labels(const std::string& path);

}  // namespace ddpm
