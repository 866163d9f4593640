// See ddpm/score/classifier.h. Checked by: tests/ddpm/score/test_classifier.cpp.
#include "ddpm/score/classifier.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "ddpm/data/batch.h"
#include "ddpm/data/order.h"
#include "ddpm/diffusers/parameter_file.h"
#include "nn/optimizer.h"
#include "tensor/ops.h"

namespace ddpm {

namespace {

// Maximum numbers of images for training and for the accuracy.
constexpr int64_t max_train_images = 60000;
constexpr int epochs = 2, batch = 50, groups = 8;
// "score" in ASCII.
constexpr uint64_t seed = 0x7363'6f72'65;

std::vector<int> labels_of(const Dataset& data, const std::vector<int64_t>& indices) {
  std::vector<int> labels;
  for (const int64_t index : indices) labels.push_back(data.label(index));
  return labels;
}

// Makes one training step on the images at `indices`. Returns the loss before the step, in nats.
double train_on(Classifier& classifier, Adam& adam, const Dataset& data, const std::vector<int64_t>& indices,
                int64_t step) {
  Tape tape;
  const Tensor features = classifier.features(tape, load_images(data, indices));
  const Tensor loss =
      softmax_cross_entropy(tape, classifier.logits(tape, features), labels_of(data, indices));
  tape.backward(loss);
  adam.step(step);
  return loss.data()[0];
}

// Returns how many numbers conv3 makes of an image. Throws Error as require_classifier_size does.
int hidden_inputs(int H, int W) {
  require_classifier_size(H, W);
  return H / 4 * (W / 4) * 64;
}

}  // namespace

void require_classifier_size(int H, int W) {
  if (H % 4 != 0 || W % 4 != 0)
    fail("the classifier needs images with sides divisible by 4, not ", H, "x", W);
}

void require_classes(const Dataset& data) {
  const int64_t N = std::min(data.size(), max_train_images);
  for (int64_t i = 0; i < N; ++i)
    if (const int label = data.label(i); label < 0 || label >= classes)
      fail(data.name, " has the label ", label, ", but the classifier tells ", classes,
           " classes apart, 0 to ", classes - 1);
}

Classifier::Classifier(int H, int W, int C)
    : conv1_(parameters_, "conv1", C, 32), conv2_(parameters_, "conv2", 32, 64, 2),
      conv3_(parameters_, "conv3", 64, 64, 2), norm1_(parameters_, "norm1", 32, groups),
      norm2_(parameters_, "norm2", 64, groups), norm3_(parameters_, "norm3", 64, groups),
      hidden_(parameters_, "hidden", hidden_inputs(H, W), feature_count),
      out_(parameters_, "out", feature_count, classes) {}

Tensor Classifier::features(Tape& tape, const Tensor& x) const {
  Tensor h = norm1_(tape, conv1_(tape, x), Activation::swish);
  h = norm2_(tape, conv2_(tape, h), Activation::swish);
  h = norm3_(tape, conv3_(tape, h), Activation::swish);
  const int B = h.dim(0), all = int(h.size() / B);
  return swish(tape, hidden_(tape, h.reshaped({B, all})));
}

Tensor Classifier::logits(Tape& tape, const Tensor& features) const { return out_(tape, features); }

Classified classify(const Classifier& classifier, const Tensor& x) {
  Tape tape(Tape::off);
  const Tensor features = classifier.features(tape, x), logits = classifier.logits(tape, features);
  // A feature that is not finite makes every logit of its image so, even where its weight is 0.
  for (int64_t i = 0; i < logits.size(); ++i)
    if (!std::isfinite(logits.data()[i]))
      fail(classifier.name,
           " gives numbers that are not finite: delete it, and the next score trains another");
  return {features, logits};
}

std::unique_ptr<Classifier> train_classifier(const Dataset& train, const Reporter& reporter) {
  auto classifier = std::make_unique<Classifier>(train.H, train.W, train.C);
  classifier->parameters().initialize(seed);
  const int64_t N = std::min(train.size(), max_train_images),
                steps = std::max<int64_t>(1, epochs * N / batch);
  AdamConfig config;
  config.learning_rate = 2e-3;
  config.warmup = std::min<int64_t>(100, steps / 4);
  config.cosine = true;
  config.total_steps = steps;
  Adam adam(classifier->parameters(), config);

  const Stopwatch watch;
  for (int64_t step = 1; step <= steps; ++step) {
    std::vector<int64_t> indices(batch);
    for (int j = 0; j < batch; ++j) indices[j] = shuffled((step - 1) * batch + j, N, seed);
    const double loss = train_on(*classifier, adam, train, indices, step);
    if (reporter.stop()) return nullptr;
    const double left = watch.seconds() / double(step) * double(steps - step);
    reporter.progress(text("training the classifier: step ", step, "/", steps, "  loss ", loss, "  ",
                           clock_text(watch.seconds()), " elapsed  ", clock_text(left), " left"),
                      step == steps);
  }
  return classifier;
}

double accuracy(const Classifier& classifier, const Dataset& test) {
  const int64_t N = std::min(test.size(), max_test_images);
  int64_t right = 0;
  for (int64_t first = 0; first < N; first += batch) {
    std::vector<int64_t> indices(size_t(std::min<int64_t>(batch, N - first)));
    std::iota(indices.begin(), indices.end(), first);
    const Tensor logits = classify(classifier, load_images(test, indices)).logits;
    for (size_t b = 0; b < indices.size(); ++b) {
      const real* row = logits.data() + b * classes;
      right += std::max_element(row, row + classes) - row == test.label(indices[b]);
    }
  }
  return double(right) / double(N);
}

void save_classifier(const std::string& path, const Classifier& classifier, Existing existing) {
  std::vector<NamedArray> arrays;
  for (const Parameter& p : classifier.parameters().all()) arrays.push_back(to_array(p, p.name, p.value));
  write_safetensors(path, arrays, {}, existing);
}

std::unique_ptr<Classifier> load_classifier(const std::string& path, const Dataset& like) {
  auto classifier = std::make_unique<Classifier>(like.H, like.W, like.C);
  classifier->name = "the classifier " + path;
  ArrayFile file(path, classifier->parameters());
  for (const Parameter& p : classifier->parameters().all()) file.load(p.name, p, p.value);
  file.expect_empty();
  return classifier;
}

}  // namespace ddpm
