// A small convolutional classifier of a dataset's ten classes: the judge of
// samples (ddpm/score/figures.h). Not of the paper, whose judge for CIFAR-10 is
// the Inception network; for digits a few layers of our own do.
// Checked by: tests/test_score.cpp.
#pragma once

#include <memory>

#include "ddpm/data/dataset.h"
#include "ddpm/run/reporter.h"
#include "nn/layers.h"

namespace ddpm {

constexpr int classes = 10;
constexpr int feature_count = 64;

// Three 3×3 convolutions, the last two of stride 2, each with group norm and
// swish, then two dense layers. For images (H,W,C), H and W multiples of 4.
class Classifier {
 public:
  // Throws Error if H or W is no multiple of 4. Weights are not initialized.
  Classifier(int H, int W, int C);

  // x (B,H,W,C) in [−1, 1] to (B,64): what the last layer sees.
  Tensor features(Tape&, const Tensor& x) const;
  // features (B,64) to (B,10): the logarithms of the classes' probabilities, up
  // to a constant.
  Tensor logits(Tape&, const Tensor& features) const;

  const Parameters& parameters() const { return parameters_; }
  Parameters& parameters() { return parameters_; }

 private:
  Parameters parameters_;
  Conv3x3 conv1_, conv2_, conv3_;
  GroupNorm norm1_, norm2_, norm3_;
  Dense hidden_, out_;
};

// Trains on at most 60,000 images, twice each, with fixed seed: about a minute
// for MNIST on two cores. nullptr if the reporter said stop.
std::unique_ptr<Classifier> train_classifier(const Dataset& train, const Reporter& = {});

// The share of the data's first 10,000 images, or of all, whose most probable
// class is their label.
double accuracy(const Classifier&, const Dataset& test);

// One file of weights. load throws Error if the file is not this network's.
void save_classifier(const std::string& path, const Classifier&);
std::unique_ptr<Classifier> load_classifier(const std::string& path, const Dataset& like);

}  // namespace ddpm
