// See ddpm/formats/idx.h. Checked by: tests/ddpm/data/test_folders.cpp.
#include "ddpm/formats/idx.h"

#include <algorithm>

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

const std::string how_to_write = "write its arrays as IDX files";

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

// Returns the first four bytes of a file as a number; those that are missing are 0. Throws Error if it is of
// another kind.
uint32_t magic_of(const std::string& path) {
  refuse_other_kinds(path, how_to_write);
  InputFile input(path);
  std::string bytes(4, '\0');
  input.read(bytes.data(), std::min<int64_t>(4, input.left()));
  return big_endian(bytes, 0);
}

// Reads the header, and sets `header` and `N`. Throws Error if the file is shorter or does not start with
// `magic`.
IdxFile read_header(InputFile& input, const std::string& path, uint32_t magic, int64_t header) {
  IdxFile file;
  file.header = header;
  if (input.left() < header)
    fail(path, " ends within its header: it has ", input.left(), " bytes, expected at least ", header);
  file.bytes.resize(size_t(header));
  input.read(file.bytes.data(), header);
  const uint32_t found = big_endian(file.bytes, 0);
  if (found == swapped(magic))
    fail(path, " has its header in the other byte order: write each integer with its highest byte first, ",
         "in Python by struct.pack(\">I\", n)");
  if (found != magic)
    fail(path, " has the wrong IDX magic number: it begins with ", hex(found), ", expected ", hex(magic));
  file.N = big_endian(file.bytes, 4);
  return file;
}

// Reads what follows the header. Throws Error, before it takes memory for that, unless the file is as long as
// the header says.
void read_data(InputFile& input, const std::string& path, IdxFile& file, const std::string& what) {
  const int64_t got = file.header + input.left(), want = file.header + file.N * file.H * file.W;
  if (got != want)
    fail(path, got < want ? " is truncated" : " is too long", ": it has ", got, " bytes, ", what, " need ",
         want, "; fetch it again");
  if (got > idx_limit) fail(path, " has ", got, " bytes, expected at most ", idx_limit);
  file.bytes.resize(size_t(got));
  input.read(file.bytes.data() + file.header, input.left());
}

// Returns the first integer of every row of (N, K) integers.
std::vector<int> first_of_rows(const std::string& path) {
  InputFile input(path);
  IdxFile file = read_header(input, path, rows_magic, rows_header);
  file.H = big_endian(file.bytes, 8), file.W = 4;
  if (file.H < 1 || file.H > 1024) fail(path, " claims rows of ", file.H, " integers, expected 1 to 1024");
  read_data(input, path, file, text(file.N, " rows of ", file.H, " integers"));
  std::vector<int> first(size_t(file.N));
  for (int64_t i = 0; i < file.N; ++i)
    first[size_t(i)] = int(big_endian(file.bytes, size_t(file.header + i * file.H * file.W)));
  return first;
}

}  // namespace

IdxFile read_idx_images(const std::string& path) {
  refuse_other_kinds(path, how_to_write);
  InputFile input(path);
  IdxFile file = read_header(input, path, images_magic, images_header);
  const int64_t N = file.N, H = big_endian(file.bytes, 8), W = big_endian(file.bytes, 12);
  if (N < 1) fail(path, " holds no images");
  if (H < 1 || W < 1 || H > 1024 || W > 1024)  // so that N * H * W < 2^52
    fail(path, " claims images of ", H, "x", W, " pixels, expected 1 to 1024 rows and columns");
  file.H = H, file.W = W;
  read_data(input, path, file, text(N, " images of ", H, "x", W));
  return file;
}

std::vector<int> read_idx_labels(const std::string& path) {
  if (magic_of(path) == rows_magic) return first_of_rows(path);
  InputFile input(path);
  IdxFile file = read_header(input, path, labels_magic, labels_header);
  read_data(input, path, file, text(file.N, " labels"));
  return {file.data(), file.data() + file.N};
}

}  // namespace ddpm
