// Image datasets: numbered images of bytes, each with a label 0..9.
// A dataset is the paper's q(x_0), from which Algorithm 1, line 2 draws. ddpm/data/order.h defines the
// order of the draws. Checked by: tests/ddpm/data/test_folders.cpp.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace ddpm {

enum class Split { train, test };

// Interface of all datasets. An image and its label depend only on the index. All const functions may
// be called from several threads at once.
struct Dataset {
  int H = 0, W = 0, C = 0;  // rows, columns, channels of every image
  std::string name;         // the spec that opens this dataset
  std::string file;         // the file of the images, for error messages; of an IDX dataset alone
  virtual ~Dataset() = default;

  // Returns the number of images. The built-in digits have 2^40.
  virtual int64_t size() const = 0;

  // Overwrites `pixels`, (H, W, C) bytes 0..255, with image `index`. Throws std::logic_error unless
  // 0 <= index < size().
  virtual void image(int64_t index, uint8_t* pixels) const = 0;

  // Returns the class of image `index`, 0..9. Throws std::logic_error unless 0 <= index < size().
  virtual int label(int64_t index) const = 0;
};

// Opens the dataset that `spec` names:
//   digits        the built-in digits, see open_digits
//   cifar10:DIR   CIFAR-10's binary files in folder DIR, see open_cifar10
//   DIR           a folder of IDX files, see open_idx; for a folder called digits use ./digits
// Throws Error if `spec` is empty or the dataset cannot be read.
std::unique_ptr<Dataset> open_dataset(const std::string& spec, Split split);

// Both splits of a dataset. Their images have the same size.
struct Splits {
  std::unique_ptr<Dataset> train, test;
};

// Opens both splits. Throws Error as open_dataset does, or if their images differ in size.
Splits open_splits(const std::string& spec);

// Returns the built-in dataset: synthetic handwritten digits, 28x28x1, white on black. Needs no file.
std::unique_ptr<Dataset> open_digits(Split split);

// Opens MNIST, Fashion-MNIST or another dataset of IDX files: HxWx1 images, H and W in 1..1024.
// Reads {train,t10k}-images-idx3-ubyte and {train,t10k}-labels-idx1-ubyte from the folder: "train"
// for Split::train, "t10k" for Split::test. Also accepts a dot in place of the hyphen before "idx".
// Throws Error if the folder or a file is missing, if a file is compressed or malformed
// (ddpm/formats/idx.h), if the numbers of images and labels differ, or if a label is above 9.
std::unique_ptr<Dataset> open_idx(const std::string& folder, Split split);

// Opens CIFAR-10: 32x32x3 images. Reads data_batch_1.bin to data_batch_5.bin from the folder for
// Split::train, test_batch.bin for Split::test. Throws Error if the folder or a file is missing, or
// if a file is malformed (ddpm/formats/cifar10.h).
std::unique_ptr<Dataset> open_cifar10(const std::string& folder, Split split);

}  // namespace ddpm
