// Datasets that are read from a folder: IDX files (MNIST, Fashion-MNIST) and CIFAR-10's binary files.
// The readers are in ddpm/formats/. Checked by: tests/ddpm/data/test_folders.cpp.
#include <algorithm>
#include <filesystem>

#include "ddpm/data/dataset.h"
#include "ddpm/formats/cifar10.h"
#include "ddpm/formats/idx.h"
#include "kernels/types.h"

namespace ddpm {

namespace fs = std::filesystem;

namespace {

// A dataset of two IDX files, images and labels.
struct IdxDataset : Dataset {
  IdxFile images, labels;

  int64_t size() const override { return images.N; }
  void image(int64_t index, uint8_t* pixels) const override {
    ENSURE(0 <= index && index < size(), index, " of ", size());
    const int64_t bytes = images.H * images.W;
    std::copy_n(images.data() + index * bytes, bytes, pixels);
  }
  int label(int64_t index) const override {
    ENSURE(0 <= index && index < size(), index, " of ", size());
    return labels.data()[index];
  }
};

// Returns the path of folder/stem-ending or folder/stem.ending, whichever exists. Throws Error if
// neither exists.
std::string find_file(const std::string& folder, const std::string& stem, const std::string& ending) {
  const fs::path dash = fs::path(folder) / (stem + "-" + ending);
  const fs::path dot = fs::path(folder) / (stem + "." + ending);
  std::error_code none;  // makes fs::exists return false instead of throwing
  for (const fs::path& path : {dash, dot})
    if (fs::exists(path, none)) return path.string();
  for (const fs::path& path : {dash, dot})
    if (fs::exists(path.string() + ".gz", none))
      fail(path.string(), ".gz is compressed: unpack it with  gunzip ", path.string(), ".gz");
  fail(dash.string(), " is missing: `make data` fetches MNIST into data/mnist");
}

// A dataset of CIFAR-10's binary files.
struct Cifar10Dataset : Dataset {
  std::string records;  // content of all files, concatenated

  int64_t size() const override { return int64_t(records.size()) / cifar10_record; }
  void image(int64_t index, uint8_t* pixels) const override {
    ENSURE(0 <= index && index < size(), index, " of ", size());
    const char* planes = records.data() + index * cifar10_record + 1;
    for (int64_t i = 0; i < cifar10_plane; ++i)  // from (C, H, W) to (H, W, C)
      for (int64_t c = 0; c < 3; ++c) pixels[3 * i + c] = uint8_t(planes[c * cifar10_plane + i]);
  }
  int label(int64_t index) const override {
    ENSURE(0 <= index && index < size(), index, " of ", size());
    return uint8_t(records[size_t(index * cifar10_record)]);
  }
};

std::string read_batch(const fs::path& path) {
  std::error_code none;
  if (!fs::exists(path, none))
    fail(path.string(), " is missing: unpack CIFAR-10's binary version (cifar-10-binary.tar.gz) there");
  return read_cifar10_batch(path.string());
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

  auto data = std::make_unique<IdxDataset>();
  data->images = read_idx_images(images_path);
  data->labels = read_idx_labels(labels_path);
  if (data->labels.N != data->images.N)
    fail(labels_path, " has ", data->labels.N, " labels for the ", data->images.N, " images of ", images_path,
         ": they do not belong together");
  // The interface Dataset requires labels 0..9. A larger label means a damaged file or a dataset with
  // more than ten classes, such as EMNIST's letters.
  for (int64_t i = 0; i < data->size(); ++i)
    if (data->label(i) > 9) fail(labels_path, ": label ", i, " is ", data->label(i), ", expected 0 to 9");

  data->H = int(data->images.H), data->W = int(data->images.W), data->C = 1;
  data->name = folder;
  data->file = images_path;
  return data;
}

std::unique_ptr<Dataset> open_cifar10(const std::string& folder, Split split) {
  std::error_code none;
  if (!fs::is_directory(folder, none))
    fail("there is no folder ", folder,
         ": cifar10:DIR must name the folder of CIFAR-10's data_batch_1.bin and its other files");
  auto data = std::make_unique<Cifar10Dataset>();
  if (split == Split::train)
    for (int i = 1; i <= 5; ++i)
      data->records += read_batch(fs::path(folder) / text("data_batch_", i, ".bin"));
  else
    data->records = read_batch(fs::path(folder) / "test_batch.bin");
  data->H = data->W = 32, data->C = 3;
  data->name = "cifar10:" + folder;
  return data;
}

}  // namespace ddpm
