// Selects the reader for a data source, and completes the splits: images held out for validation, transposed
// images. Checked by: tests/ddpm/data/test_folders.cpp, tests/ddpm/data/test_image_arrays.cpp.
#include "ddpm/data/dataset.h"

#include <filesystem>

#include "ddpm/data/views.h"
#include "kernels/types.h"

namespace ddpm {

namespace {

const std::string cifar10 = "cifar10:";

bool is_array(const std::string& spec) { return spec.ends_with(".npy") || spec.ends_with(".npz"); }

// Throws Error if the source has an option that its kind of data does not take.
void expect_suitable(const DataSource& source) {
  const std::string& spec = source.spec;
  std::error_code none;  // makes is_regular_file return false instead of throwing
  if (spec.empty())
    fail("no dataset is given, expected digits, a folder of IDX files, an array X.npy or cifar10:DIR");
  if (source.range && !is_array(spec))
    fail("a range of values is for arrays of numbers (.npy), and ", spec, " is none: leave the range out");
  if (source.test != "none" && !is_array(spec) && !std::filesystem::is_regular_file(spec, none))
    fail("a file of test images belongs to a file of training images, and ", spec,
         " is none: name a file, or leave the test images out");
}

// Opens what the source names. `test` may be null.
Splits open_source(const DataSource& source) {
  const std::string& spec = source.spec;
  if (spec == "digits") return {open_digits(Split::train), open_digits(Split::test)};
  if (is_array(spec)) return open_arrays(source);
  if (!spec.starts_with(cifar10)) return open_idx(source);
  const std::string folder = spec.substr(cifar10.size());
  return {open_cifar10(folder, Split::train), open_cifar10(folder, Split::test)};
}

}  // namespace

Splits open_splits(const DataSource& source) {
  expect_suitable(source);
  Splits splits = open_source(source);
  if (!splits.test) splits = hold_out(std::move(splits.train));
  const auto size = [](const Dataset& data) { return text(data.H, "x", data.W, "x", data.C); };
  const std::string train = size(*splits.train), test = size(*splits.test);
  if (train != test)
    fail(splits.train->file, " holds images of ", train, ", but ", splits.test->file, " of ", test);
  if (source.transpose) splits = {transposed(std::move(splits.train)), transposed(std::move(splits.test))};
  return splits;
}

std::unique_ptr<Dataset> open_dataset(const std::string& spec, Split split) {
  Splits splits = open_splits({spec});
  return std::move(split == Split::train ? splits.train : splits.test);
}

}  // namespace ddpm
