// The names of the files of MNIST and its relatives (EMNIST, QMNIST, Fashion-MNIST, KMNIST, K49, ...):
//   PREFIX + "train-images-idx3-ubyte"                              the training images
//   PREFIX + "t10k-images-idx3-ubyte" or "test-images-idx3-ubyte"   the test images
//   the same with "-labels-idx1-ubyte" or "-labels-idx2-int"        the labels of each
// PREFIX is "" or as in "emnist-letters-". A dot may replace the last hyphen but one, before "idx".
// Checked by: tests/ddpm/data/test_mnist_family.cpp.
#pragma once

#include <string>

namespace ddpm {

// Returns the path of the only file of training images in the folder; if there is none, in the folders one
// and two levels below. Throws Error with the ways out if the folder is missing, if there is no such file, or
// if there are several.
std::string find_training_images(const std::string& folder);

// Returns the path of the test images that belong to a file of training images, "" if there are none. Throws
// Error if they are compressed (.gz).
std::string find_test_images(const std::string& training_images);

// Returns the path of the labels that belong to a file of images, "" if there are none. Throws Error if they
// are compressed.
std::string find_labels(const std::string& images);

}  // namespace ddpm
