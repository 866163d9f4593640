// See ddpm/formats/idx.h. Checked by: tests/ddpm/data/test_folders.cpp.
#include "ddpm/formats/idx.h"

#include "ddpm/formats/file.h"
#include "ddpm/formats/recognize.h"
#include "kernels/types.h"

namespace ddpm {

namespace {

// Maximum file size in bytes. MNIST's largest file has 47 MB.
constexpr int64_t idx_limit = int64_t(1) << 30;
// Magic numbers. 0x08 is the element type, unsigned byte; the last byte is the number of dimensions.
constexpr uint32_t images_magic = 0x00000803, labels_magic = 0x00000801;
// Lengths of the headers in bytes.
constexpr int64_t images_header = 16, labels_header = 8;

uint32_t big_endian(const std::string& bytes, size_t offset) {
  uint32_t value = 0;
  for (size_t i = offset; i < offset + 4; ++i) value = value << 8 | uint8_t(bytes[i]);
  return value;
}

std::string hex(uint32_t value) {
  std::ostringstream out;
  out << "0x" << std::hex << value;
  return out.str();
}

// Returns the integer whose bytes are those of `value` in the other order.
constexpr uint32_t swapped(uint32_t value) {
  return value >> 24 | (value >> 8 & 0xff00) | (value << 8 & 0xff0000) | value << 24;
}

// Reads the file and sets `bytes`, `header` and `N` of the result. Throws Error if the file is shorter
// than `header` bytes or does not start with `magic`.
IdxFile read_header(const std::string& path, uint32_t magic, int64_t header) {
  refuse_other_kinds(path, "write its arrays as IDX files");
  IdxFile file;
  file.bytes = read_file(path, idx_limit);
  file.header = header;
  if (int64_t(file.bytes.size()) < header)
    fail(path, " ends within its header: it has ", file.bytes.size(), " bytes, expected at least ", header);
  const uint32_t found = big_endian(file.bytes, 0);
  if (found == swapped(magic))
    fail(path, " has its header in the other byte order: write each integer with its highest byte first, ",
         "in Python by struct.pack(\">I\", n)");
  if (found != magic)
    fail(path, " has the wrong IDX magic number: it begins with ", hex(found), ", expected ", hex(magic));
  file.N = big_endian(file.bytes, 4);
  return file;
}

void check_size(const std::string& path, const IdxFile& file, const std::string& what) {
  const int64_t got = int64_t(file.bytes.size()), want = file.header + file.N * file.H * file.W;
  if (got != want)
    fail(path, got < want ? " is truncated" : " is too long", ": it has ", got, " bytes, ", what, " need ",
         want, "; fetch it again");
}

}  // namespace

IdxFile read_idx_images(const std::string& path) {
  IdxFile file = read_header(path, images_magic, images_header);
  const int64_t N = file.N, H = big_endian(file.bytes, 8), W = big_endian(file.bytes, 12);
  if (N < 1) fail(path, " holds no images");
  if (H < 1 || W < 1 || H > 1024 || W > 1024)  // so that N * H * W < 2^52
    fail(path, " claims images of ", H, "x", W, " pixels, expected 1 to 1024 rows and columns");
  file.H = H, file.W = W;
  check_size(path, file, text(N, " images of ", H, "x", W));
  return file;
}

IdxFile read_idx_labels(const std::string& path) {
  IdxFile file = read_header(path, labels_magic, labels_header);
  check_size(path, file, text(file.N, " labels"));
  return file;
}

}  // namespace ddpm
