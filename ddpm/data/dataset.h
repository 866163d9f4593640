// Image datasets: numbered images of bytes, with labels if the files have them.
// A dataset is the paper's q(x_0), from which Algorithm 1, line 2 draws. ddpm/data/order.h defines the
// order of the draws. Checked by: tests/ddpm/data/test_folders.cpp, tests/ddpm/data/test_image_arrays.cpp.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "kernels/types.h"

namespace ddpm {

enum class Split { train, test };

// A sentence for the user. `reason`, if any, names a kind of fact that an option can change, as in Error.
struct Note {
  std::string sentence, reason = {};
  bool operator==(const Note&) const = default;
};
// note_for("transposed", "the images of ", file, " are transposed"): the note, as fail_for makes an Error.
template <typename... Parts>
Note note_for(const std::string& reason, const Parts&... parts) {
  return {text(parts...), reason};
}

// Interface of all datasets. An image and its label depend only on the index. All const functions may
// be called from several threads at once.
struct Dataset {
  int H = 0, W = 0, C = 0;  // rows, columns, channels of every image
  std::string name;         // the spec that opens this dataset
  std::string file;         // the file of the images, for error messages; "" if there are several or none
  std::vector<Note> notes;  // what is unusual about the data or their reading
  bool labelled = true;     // whether label() has an answer
  virtual ~Dataset() = default;

  // Returns the number of images. The built-in digits have 2^40.
  virtual int64_t size() const = 0;

  // Overwrites `pixels`, (H, W, C) bytes 0..255, with image `index`. Throws std::logic_error unless
  // 0 <= index < size().
  virtual void image(int64_t index, uint8_t* pixels) const = 0;

  // Returns the class of image `index`; any whole number may stand in a file. Only judging samples needs it,
  // so that files of labels are read on the first call. Throws Error if they are missing or malformed, and
  // std::logic_error unless 0 <= index < size().
  virtual int label(int64_t index) const = 0;
};

// The two numbers of an array of images that stand for black and for white.
struct ValueRange {
  double low, high;
};

// What names a dataset, and how to read it.
struct DataSource {
  // What to open:
  //   digits        the built-in digits, see open_digits
  //   cifar10:DIR   CIFAR-10's binary files in folder DIR, see open_cifar10
  //   X.npy         an array of images, see open_arrays
  //   DIR or FILE   IDX files, or one of them, see open_idx; for a folder called digits use ./digits
  std::string spec;
  std::string test = "none";             // a file of test images to a file of training images, or "none"
  bool transpose = false;                // whether to turn the images' rows into columns
  std::optional<ValueRange> range = {};  // of an array; without it, the range must be plain
};

// Both splits of a dataset. Their images have the same size.
struct Splits {
  std::unique_ptr<Dataset> train, test;
};

// Opens both splits. If there are no test images, holds some of the training images out (ddpm/data/views.h).
// The notes of both splits are those of `train`. Throws Error if the source names nothing, cannot be read, or
// has options that do not suit it, or if the images of the splits differ in size.
Splits open_splits(const DataSource& source);

// Returns one split of open_splits({spec}).
std::unique_ptr<Dataset> open_dataset(const std::string& spec, Split split);

// Returns the built-in dataset: synthetic handwritten digits, 28x28x1, white on black. Needs no file.
std::unique_ptr<Dataset> open_digits(Split split);

// Opens MNIST or another dataset of IDX files: HxWx1 images, H and W in 1..1024. The spec is a folder or a
// file of training images; ddpm/data/mnist_family.h says which names are known. `test` is null if there are
// no test images. Throws Error if the folder or a file is missing, or if a file of images is compressed or
// malformed (ddpm/formats/idx.h).
Splits open_idx(const DataSource& source);

// Opens images in numpy's format .npy: (N, H, W), (N, H, W, C) or (N, C, H, W) with C = 1 or 3, H and W in
// 1..1024. Numbers of any type become bytes 0..255: of the range `source.range`, else of 0..255 for bytes,
// else of 0..1, -1..1 or 0..255, if the least and the greatest number lie within 1 % of it. `test` is null if
// the source names none; its numbers have the type and the range of the training images'. Takes a byte of
// memory for each number, and less than 1 MB. Throws Error if a file cannot be read
// (ddpm/formats/npy_reader.h) or has another shape, if the range is unknown ("range unknown"), or if a number
// is not finite or more than 1 % outside of it.
Splits open_arrays(const DataSource& source);

// Opens CIFAR-10: 32x32x3 images. Reads data_batch_1.bin to data_batch_5.bin from the folder for
// Split::train, test_batch.bin for Split::test. Throws Error if the folder or a file is missing, or
// if a file is malformed (ddpm/formats/cifar10.h).
std::unique_ptr<Dataset> open_cifar10(const std::string& folder, Split split);

}  // namespace ddpm
