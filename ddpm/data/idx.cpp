// Reads MNIST's file format, IDX: big-endian 32-bit numbers (a magic number,
// then one size per dimension), then bytes. Images have three dimensions (N, H, W),
// labels one, (N). Every byte of both files must be accounted for.
// Checked by: tests/test_data.cpp, with truncated and hostile files too.
#include <filesystem>

#include "ddpm/data/dataset.h"
#include "ddpm/formats/file.h"
#include "kernels/types.h"

namespace fs = std::filesystem;

namespace {

constexpr int64_t idx_limit = int64_t{1} << 30;  // MNIST's largest has 47 MB
constexpr uint32_t images_magic = 0x00000803, labels_magic = 0x00000801;  // bytes, 3 and 1 dimensions
constexpr int64_t images_header = 16, labels_header = 8;

struct Idx : Dataset {
  std::string images, labels;  // the two files as they are, headers included

  int64_t size() const override { return int64_t(labels.size()) - labels_header; }
  void image(int64_t index, uint8_t* pixels) const override {
    ENSURE(0 <= index && index < size(), index, " of ", size());
    const int64_t bytes = int64_t{H} * W;
    images.copy(reinterpret_cast<char*>(pixels), size_t(bytes), size_t(images_header + index * bytes));
  }
  int label(int64_t index) const override {
    ENSURE(0 <= index && index < size(), index, " of ", size());
    return uint8_t(labels[size_t(labels_header + index)]);
  }
};

// The path of folder/stem-idx…, in whichever of the two spellings is there.
std::string find_file(const std::string& folder, const std::string& stem, const std::string& ending) {
  const fs::path dash = fs::path(folder) / (stem + "-" + ending);
  const fs::path dot = fs::path(folder) / (stem + "." + ending);
  std::error_code none;  // what cannot be looked at counts as missing
  for (const fs::path& path : {dash, dot})
    if (fs::exists(path, none)) return path.string();
  for (const fs::path& path : {dash, dot})
    if (fs::exists(path.string() + ".gz", none))
      fail(path.string(), ".gz is compressed: unpack it with  gunzip ", path.string(), ".gz");
  fail(dash.string(), " is missing: `make data` fetches MNIST into data/mnist");
}

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
std::string read_idx(const std::string& path, uint32_t magic, int64_t header) {
  std::string bytes = read_file(path, idx_limit);
  if (int64_t(bytes.size()) < header)
    fail(path, " ends within its header: it has ", bytes.size(), " bytes, the header alone has ",
         header);
  const uint32_t found = big_endian(bytes, 0);
  if (found != magic)
    fail(path, " is not the IDX file that its name says: it begins with ", hex(found),
         ", expected ", hex(magic));
  return bytes;
}

void check_size(const std::string& path, const std::string& bytes, int64_t want, const std::string& what) {
  const int64_t got = int64_t(bytes.size());
  if (got != want)
    fail(path, got < want ? " is truncated" : " is too long", ": it has ", got, " bytes, ", what,
         " need ", want, "; fetch it anew");
}

}  // namespace

std::unique_ptr<Dataset> open_idx(const std::string& folder, Split split) {
  std::error_code none;
  if (!fs::is_directory(folder, none))
    fail("there is no folder ", folder,
         ": `make data` fetches MNIST into data/mnist, or use the built-in digits");
  const std::string which = split == Split::train ? "train" : "t10k";
  const std::string images_path = find_file(folder, which + "-images", "idx3-ubyte");
  const std::string labels_path = find_file(folder, which + "-labels", "idx1-ubyte");

  auto data = std::make_unique<Idx>();
  data->images = read_idx(images_path, images_magic, images_header);
  const int64_t N = big_endian(data->images, 4);
  const int64_t H = big_endian(data->images, 8), W = big_endian(data->images, 12);
  if (N < 1) fail(images_path, " holds no image");
  if (H < 1 || W < 1 || H > 1024 || W > 1024)  // so that N·H·W below cannot overflow
    fail(images_path, " claims images of ", H, "x", W, " pixels: 1 to 1024 rows and columns can be read");
  check_size(images_path, data->images, images_header + N * H * W, text(N, " images of ", H, "x", W));

  data->labels = read_idx(labels_path, labels_magic, labels_header);
  const int64_t labels = big_endian(data->labels, 4);
  check_size(labels_path, data->labels, labels_header + labels, text(labels, " labels"));
  if (labels != N)
    fail(labels_path, " has ", labels, " labels for the ", N, " images of ", images_path,
         ": they do not belong together");
  // Dataset promises 0..9: MNIST and Fashion-MNIST have ten classes, so a larger
  // label means a damaged file or another dataset (EMNIST's letters).
  for (int64_t i = 0; i < N; ++i)
    if (const int label = uint8_t(data->labels[size_t(labels_header + i)]); label > 9)
      fail(labels_path, ": label ", i, " is ", label, ", expected 0 to 9");

  data->H = int(H), data->W = int(W), data->C = 1;
  data->name = folder;
  return data;
}
