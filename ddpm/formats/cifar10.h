// CIFAR-10's binary version: records of one label 0..9 and 3072 bytes, the red, green and
// blue planes of 32×32. Checked by: tests/test_data.cpp.
#pragma once

#include <cstdint>
#include <string>

namespace ddpm {

constexpr int64_t cifar10_plane = 32 * 32, cifar10_record = 1 + 3 * cifar10_plane;

// The records of one file, one after the other. Errors, which name the file: it cannot be
// read, it is no whole number of records, a label is not 0..9.
std::string read_cifar10_batch(const std::string& path);

}  // namespace ddpm
