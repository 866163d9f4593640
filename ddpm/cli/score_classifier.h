// The classifier with which `ddpm score` judges images: its file, and its training if there is none.
// Checked by: tests/ddpm/cli/test_score_command.cpp.
#pragma once

#include <memory>

#include "ddpm/cli/options.h"
#include "ddpm/cli/progress.h"
#include "ddpm/score/classifier.h"

namespace ddpm {

// Throws Error if labels that obtain_classifier() or the accuracy will need are missing or no classes of the
// classifier. A classifier that has a file needs none; without labels there is no accuracy.
void expect_labels(const Options& options, const Dataset& train, const Dataset& test);

// Loads the classifier from its file. If there is no file, trains a classifier and saves it.
// Throws Interrupted after a stop signal.
std::unique_ptr<Classifier> obtain_classifier(const Options& options, const Dataset& train,
                                              const Console& console);

}  // namespace ddpm
