// Reads CIFAR-10's binary version: records of 1 label and 3072 bytes, the red,
// green and blue planes of 32×32. Checked by: tests/test_data.cpp.
#include <filesystem>

#include "ddpm/data/dataset.h"
#include "ddpm/formats/file.h"
#include "kernels/types.h"

namespace fs = std::filesystem;

namespace {

constexpr int64_t plane = 32 * 32, record = 1 + 3 * plane;
constexpr int64_t cifar10_limit = 10000 * record;  // what the published files have; fewer records are fine

struct Cifar10 : Dataset {
  std::string records;  // of all files, in order

  int64_t size() const override { return int64_t(records.size()) / record; }
  void image(int64_t index, uint8_t* pixels) const override {
    ENSURE(0 <= index && index < size(), index, " of ", size());
    const char* planes = records.data() + index * record + 1;
    for (int64_t i = 0; i < plane; ++i)  // (C, H, W) -> (H, W, C)
      for (int64_t c = 0; c < 3; ++c) pixels[3 * i + c] = uint8_t(planes[c * plane + i]);
  }
  int label(int64_t index) const override {
    ENSURE(0 <= index && index < size(), index, " of ", size());
    return uint8_t(records[size_t(index * record)]);
  }
};

std::string read_batch(const std::string& path) {
  std::error_code none;
  if (!fs::exists(path, none))
    fail(path, " is missing: unpack CIFAR-10's binary version (cifar-10-binary.tar.gz) there");
  std::string bytes = read_file(path, cifar10_limit);
  if (bytes.empty() || bytes.size() % record != 0)
    fail(path, " has ", bytes.size(), " bytes, expected a multiple of ", record,
         " (one label and 32x32x3 bytes an image)");
  for (size_t i = 0; i < bytes.size(); i += record)
    if (const int label = uint8_t(bytes[i]); label > 9)
      fail(path, ": the label of image ", i / record, " is ", label, ", expected 0 to 9");
  return bytes;
}

}  // namespace

std::unique_ptr<Dataset> open_cifar10(const std::string& folder, Split split) {
  std::error_code none;
  if (!fs::is_directory(folder, none))
    fail("there is no folder ", folder,
         ": cifar10:DIR names the folder with CIFAR-10's data_batch_1.bin and so on");
  auto data = std::make_unique<Cifar10>();
  const fs::path base = folder;
  if (split == Split::train)
    for (int i = 1; i <= 5; ++i)
      data->records += read_batch((base / text("data_batch_", i, ".bin")).string());
  else
    data->records = read_batch((base / "test_batch.bin").string());
  data->H = data->W = 32, data->C = 3;
  data->name = "cifar10:" + folder;
  return data;
}
