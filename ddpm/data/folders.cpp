// Datasets that are read from a folder: IDX files (MNIST and its relatives) and CIFAR-10's binary files.
// The readers are in ddpm/formats/. Checked by: tests/ddpm/data/test_folders.cpp.
#include <algorithm>
#include <filesystem>
#include <mutex>

#include "ddpm/data/dataset.h"
#include "ddpm/data/mnist_family.h"
#include "ddpm/formats/cifar10.h"
#include "ddpm/formats/idx.h"
#include "kernels/types.h"

namespace ddpm {

namespace fs = std::filesystem;

namespace {

// A dataset of a file of images and, where labels are asked for, a file of labels.
struct IdxDataset : Dataset {
  IdxFile images;
  std::string label_file;  // "" if there is none
  mutable std::mutex mutex;
  mutable std::vector<int> labels;  // empty until the first is asked for

  int64_t size() const override { return images.N; }
  void image(int64_t index, uint8_t* pixels) const override {
    ENSURE(0 <= index && index < size(), index, " of ", size());
    const int64_t bytes = images.H * images.W;
    std::copy_n(images.data() + index * bytes, bytes, pixels);
  }
  int label(int64_t index) const override {
    ENSURE(0 <= index && index < size(), index, " of ", size());
    const std::lock_guard lock(mutex);
    if (labels.empty()) labels = read_labels();
    return labels[size_t(index)];
  }

 private:
  std::vector<int> read_labels() const {
    if (label_file.empty()) fail(file, " has no file of labels beside it, such as train-labels-idx1-ubyte");
    std::vector<int> all = read_idx_labels(label_file);
    if (int64_t(all.size()) != images.N)
      fail(label_file, " has ", all.size(), " labels for the ", images.N, " images of ", file,
           ": they do not belong together");
    return all;
  }
};

std::unique_ptr<Dataset> open_images(const std::string& path, const std::string& spec) {
  auto data = std::make_unique<IdxDataset>();
  data->images = read_idx_images(path);
  data->label_file = find_labels(path);
  data->labelled = !data->label_file.empty();
  data->H = int(data->images.H), data->W = int(data->images.W), data->C = 1;
  data->name = spec;
  data->file = path;
  return data;
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

Splits open_idx(const DataSource& source) {
  const std::string& spec = source.spec;
  std::error_code none;
  const std::string training = fs::is_regular_file(spec, none) ? spec : find_training_images(spec);
  const std::string test = source.test == "none" ? find_test_images(training) : source.test;
  Splits splits{open_images(training, spec), test.empty() ? nullptr : open_images(test, spec)};
  if (fs::path(training).filename().string().starts_with("emnist") && !source.transpose)
    splits.train->notes.push_back(note_for("transposed", "EMNIST's images come transposed"));
  return splits;
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
