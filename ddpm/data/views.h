// Datasets made of other datasets: a part of one, and one with its images turned.
// Checked by: tests/ddpm/data/test_views.cpp.
#pragma once

#include "ddpm/data/dataset.h"

namespace ddpm {

// Splits a dataset in two: a tenth of the images, but at most 1,000, become the test set. They are drawn by a
// fixed seed, so that the same files give the same splits, and files that are sorted by class give every
// class. Adds a note to the training set. Throws Error if there are fewer than two images.
Splits hold_out(std::unique_ptr<Dataset> all);

// Returns the dataset with the rows of its images turned into columns.
std::unique_ptr<Dataset> transposed(std::unique_ptr<Dataset> data);

}  // namespace ddpm
