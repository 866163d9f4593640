// Selects the reader for a dataset spec. Checked by: tests/ddpm/data/test_folders.cpp.
#include "ddpm/data/dataset.h"

#include "kernels/types.h"

namespace ddpm {

std::unique_ptr<Dataset> open_dataset(const std::string& spec, Split split) {
  const std::string cifar10 = "cifar10:";
  if (spec == "digits") return open_digits(split);
  if (spec.starts_with(cifar10)) return open_cifar10(spec.substr(cifar10.size()), split);
  if (spec.empty()) fail("no dataset is given, expected digits, a folder of IDX files or cifar10:DIR");
  return open_idx(spec, split);
}

Splits open_splits(const std::string& spec) {
  Splits splits{open_dataset(spec, Split::train), open_dataset(spec, Split::test)};
  const auto size = [](const Dataset& data) { return text(data.H, "x", data.W, "x", data.C); };
  const std::string train = size(*splits.train), test = size(*splits.test);
  if (train != test)
    fail(splits.train->file, " holds images of ", train, ", but ", splits.test->file, " of ", test);
  return splits;
}

}  // namespace ddpm
