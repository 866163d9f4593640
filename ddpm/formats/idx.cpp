// See ddpm/formats/idx.h. Checked by: tests/ddpm/data/test_folders.cpp.
#include "ddpm/formats/idx.h"

#include "ddpm/formats/file.h"
#include "ddpm/formats/recognize.h"
#include "kernels/types.h"

namespace ddpm {

namespace {

// Maximum file size in bytes. MNIST's largest file has 47 MB.
constexpr int64_t idx_limit = int64_t(1) << 30;
// Magic numbers. 0x08 is the element type, unsigned byte, and 0x0c an integer of 32 bits; the last byte is
// the number of dimensions.
constexpr uint32_t images_magic = 0x00000803, labels_magic = 0x00000801, rows_magic = 0x00000c02;
// Lengths of the headers in bytes.
constexpr int64_t images_header = 16, labels_header = 8, rows_header = 12;

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

std::string read_bytes_of(const std::string& path) {
  refuse_other_kinds(path, "write its arrays as IDX files");
  return read_file(path, idx_limit);
}

// Returns the bytes of a file with `header` and `N` set. Throws Error if there are fewer than `header` bytes
// or they do not start with `magic`.
IdxFile with_header(const std::string& path, std::string bytes, uint32_t magic, int64_t header) {
  IdxFile file;
  file.bytes = std::move(bytes);
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

// Returns the first integer of every row of (N, K) integers.
std::vector<int> first_of_rows(const std::string& path, std::string bytes) {
  IdxFile file = with_header(path, std::move(bytes), rows_magic, rows_header);
  file.H = big_endian(file.bytes, 8), file.W = 4;
  if (file.H < 1 || file.H > 1024) fail(path, " claims rows of ", file.H, " integers, expected 1 to 1024");
  check_size(path, file, text(file.N, " rows of ", file.H, " integers"));
  std::vector<int> first(size_t(file.N));
  for (int64_t i = 0; i < file.N; ++i)
    first[size_t(i)] = int(big_endian(file.bytes, size_t(file.header + i * file.H * file.W)));
  return first;
}

}  // namespace

IdxFile read_idx_images(const std::string& path) {
  IdxFile file = with_header(path, read_bytes_of(path), images_magic, images_header);
  const int64_t N = file.N, H = big_endian(file.bytes, 8), W = big_endian(file.bytes, 12);
  if (N < 1) fail(path, " holds no images");
  if (H < 1 || W < 1 || H > 1024 || W > 1024)  // so that N * H * W < 2^52
    fail(path, " claims images of ", H, "x", W, " pixels, expected 1 to 1024 rows and columns");
  file.H = H, file.W = W;
  check_size(path, file, text(N, " images of ", H, "x", W));
  return file;
}

std::vector<int> read_idx_labels(const std::string& path) {
  std::string bytes = read_bytes_of(path);
  if (bytes.size() >= 4 && big_endian(bytes, 0) == rows_magic) return first_of_rows(path, std::move(bytes));
  const IdxFile file = with_header(path, std::move(bytes), labels_magic, labels_header);
  check_size(path, file, text(file.N, " labels"));
  return {file.data(), file.data() + file.N};
}

}  // namespace ddpm
