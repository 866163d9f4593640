// See ddpm/formats/idx.h. Checked by: tests/test_data.cpp.
#include "ddpm/formats/idx.h"

#include "ddpm/formats/file.h"
#include "kernels/types.h"

namespace ddpm {

namespace {

constexpr int64_t idx_limit = int64_t(1) << 30;                           // MNIST's largest has 47 MB
constexpr uint32_t images_magic = 0x00000803, labels_magic = 0x00000801;  // bytes, 3 and 1 dimensions
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

// The whole file, once its header is there and begins with the magic number.
IdxFile read_header(const std::string& path, uint32_t magic, int64_t header) {
  IdxFile file;
  file.bytes = read_file(path, idx_limit);
  file.header = header;
  if (int64_t(file.bytes.size()) < header)
    fail(path, " ends within its header: it has ", file.bytes.size(), " bytes, the header alone has ",
         header);
  const uint32_t found = big_endian(file.bytes, 0);
  if (found != magic)
    fail(path, " is not the IDX file that its name says: it begins with ", hex(found), ", expected ",
         hex(magic));
  file.N = big_endian(file.bytes, 4);
  return file;
}

void check_size(const std::string& path, const IdxFile& file, const std::string& what) {
  const int64_t got = int64_t(file.bytes.size()), want = file.header + file.N * file.H * file.W;
  if (got != want)
    fail(path, got < want ? " is truncated" : " is too long", ": it has ", got, " bytes, ", what, " need ",
         want, "; fetch it anew");
}

}  // namespace

IdxFile read_idx_images(const std::string& path) {
  IdxFile file = read_header(path, images_magic, images_header);
  const int64_t N = file.N, H = big_endian(file.bytes, 8), W = big_endian(file.bytes, 12);
  if (N < 1) fail(path, " holds no image");
  if (H < 1 || W < 1 || H > 1024 || W > 1024)  // so that N·H·W cannot overflow
    fail(path, " claims images of ", H, "x", W, " pixels: 1 to 1024 rows and columns can be read");
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
