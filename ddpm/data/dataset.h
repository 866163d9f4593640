// Image datasets: numbered images of bytes, each with a label 0..9.
// q(x_0) in the paper; Algorithm 1, line 2 draws from it (the order: ddpm/data/order.h).
// Rules: const functions may be called from several threads at once; an image
// depends on its index alone. Checked by: tests/test_data.cpp.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace ddpm {

enum class Split { train, test };

struct Dataset {
  int H = 0, W = 0, C = 0;  // rows, columns, channels of every image
  std::string name;         // the spec that opens it
  virtual ~Dataset() = default;

  // How many images there are. The built-in digits are endless: 2^40.
  virtual int64_t size() const = 0;

  // Overwrites pixels, (H, W, C) bytes 0..255, with image 0 <= index < size().
  virtual void image(int64_t index, uint8_t* pixels) const = 0;

  // The class of that image, 0..9.
  virtual int label(int64_t index) const = 0;
};

// Opens what a spec names:
//   digits        drawn by our own code, see open_digits
//   cifar10:DIR   CIFAR-10's binary batches, see open_cifar10
//   DIR           anything else: a folder of IDX files, see open_idx
// (./digits is a folder of that name.) Throws Error if it cannot be read.
std::unique_ptr<Dataset> open_dataset(const std::string& spec, Split split);

// Handwritten-looking digits, 28×28×1, white on black, no file needed.
std::unique_ptr<Dataset> open_digits(Split split);

// MNIST, Fashion-MNIST, …: folder holds {train,t10k}-images-idx3-ubyte and
// {train,t10k}-labels-idx1-ubyte, or the same names with a dot before idx.
// H×W×1. Throws Error that names the file unless every byte is accounted for.
std::unique_ptr<Dataset> open_idx(const std::string& folder, Split split);

// CIFAR-10: folder holds data_batch_1.bin … data_batch_5.bin, test_batch.bin.
// 32×32×3. Throws Error that names the file if one is missing or malformed.
std::unique_ptr<Dataset> open_cifar10(const std::string& folder, Split split);

}  // namespace ddpm
