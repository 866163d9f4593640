// Reader for CIFAR-10's binary files.
// A file is a sequence of records of 3073 bytes: one label 0..9, then the red, green and blue planes
// of a 32x32 image, one byte per pixel. Format: https://www.cs.toronto.edu/~kriz/cifar.html.
// Checked by: tests/ddpm/data/test_folders.cpp.
#pragma once

#include <cstdint>
#include <string>

namespace ddpm {

// Bytes per colour plane and per record.
constexpr int64_t cifar10_plane = 32 * 32, cifar10_record = 1 + 3 * cifar10_plane;

// Returns all bytes of the file: N records of cifar10_record bytes, 1 <= N <= 10000.
// Throws Error with the path if the file cannot be read, has another size, or holds a label above 9.
std::string read_cifar10_batch(const std::string& path);

}  // namespace ddpm
