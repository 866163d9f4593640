// A small convolutional classifier for the ten classes of a dataset. ddpm/score/figures.h uses it
// to measure sample quality. It is not from the paper, which uses the Inception network for
// CIFAR-10. Checked by: tests/ddpm/score/test_classifier.cpp.
#pragma once

#include <memory>

#include "ddpm/data/dataset.h"
#include "ddpm/formats/file.h"
#include "ddpm/run/reporter.h"
#include "nn/layers.h"

namespace ddpm {

// Number of classes. Data may have others: require_classes.
constexpr int classes = 10;
// Number of features per image.
constexpr int feature_count = 64;
// Number of test images that accuracy() looks at, at most.
constexpr int64_t max_test_images = 10000;

// The network: three 3x3 convolutions with group norm and swish, then a dense layer with swish (the
// features), then a dense layer (the logits). The second and third convolution have stride 2.
class Classifier {
 public:
  std::string name = "the classifier";  // for error messages

  // Builds the network for images (H, W, C). Leaves the weights uninitialized. Throws Error as
  // require_classifier_size does.
  Classifier(int H, int W, int C);

  // Returns the features (B, 64) of images x (B, H, W, C) in [-1, 1]. They are the inputs of the last
  // layer.
  Tensor features(Tape&, const Tensor& x) const;
  // Returns the logits (B, 10) from the features (B, 64). The class probabilities are softmax(logits).
  Tensor logits(Tape&, const Tensor& features) const;

  // Returns the weights.
  const Parameters& parameters() const { return parameters_; }
  Parameters& parameters() { return parameters_; }

 private:
  Parameters parameters_;
  Conv3x3 conv1_, conv2_, conv3_;
  GroupNorm norm1_, norm2_, norm3_;
  Dense hidden_, out_;
};

// Throws Error unless a classifier can be built for images (H, W): both must be divisible by 4.
void require_classifier_size(int H, int W);

// Throws Error unless the labels that train_classifier and accuracy read are classes, 0..9, or if label()
// does.
void require_classes(const Dataset& data);

// The network's output for B images.
struct Classified {
  Tensor features, logits;  // (B, 64), (B, 10)
};
// Returns the output for images x (B, H, W, C) in [-1, 1]. Throws Error with the classifier's name if a
// number is not finite.
Classified classify(const Classifier&, const Tensor& x);

// Trains a classifier for two epochs on the first 60,000 images, or on all if there are fewer. The
// seed is fixed. Takes about a minute for MNIST on two cores.
// Returns nullptr if the reporter's stop() returns true. Throws Error if Classifier's constructor
// does.
std::unique_ptr<Classifier> train_classifier(const Dataset& train, const Reporter& = {});

// Returns the fraction, 0..1, of correctly classified images among the first 10,000 images, or
// among all if there are fewer. `test` must hold at least one image. Throws Error as classify does.
double accuracy(const Classifier&, const Dataset& test);

// Creates or replaces a safetensors file with the weights, atomically. Throws Error if it cannot
// be written.
void save_classifier(const std::string& path, const Classifier&, Existing = Existing::replace);
// Returns the classifier saved in the file, for images as large as those of `like`. Its name has the path.
// Throws Error if the file cannot be read, if its weights do not fit, or if Classifier's constructor does.
std::unique_ptr<Classifier> load_classifier(const std::string& path, const Dataset& like);

}  // namespace ddpm
