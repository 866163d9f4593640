// See ddpm/formats/cifar10.h. Checked by: tests/ddpm/data/test_folders.cpp.
#include "ddpm/formats/cifar10.h"

#include "ddpm/formats/file.h"
#include "ddpm/formats/recognize.h"
#include "kernels/types.h"

namespace ddpm {

namespace {

// Maximum file size in bytes. Each published file has 10000 records.
constexpr int64_t cifar10_limit = 10000 * cifar10_record;

}  // namespace

std::string read_cifar10_batch(const std::string& path) {
  refuse_other_kinds(path, "fetch CIFAR-10's binary version (cifar-10-binary.tar.gz)");
  std::string bytes = read_file(path, cifar10_limit);
  if (bytes.empty() || bytes.size() % cifar10_record != 0)
    fail(path, " has ", bytes.size(), " bytes, expected a multiple of ", cifar10_record,
         " (one label and 32x32x3 bytes per image)");
  for (size_t i = 0; i < bytes.size(); i += cifar10_record)
    if (const int label = uint8_t(bytes[i]); label > 9)
      fail(path, ": the label of image ", i / cifar10_record, " is ", label, ", expected 0 to 9");
  return bytes;
}

}  // namespace ddpm
