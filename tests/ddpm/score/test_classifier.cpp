// Checks the classifier of the score (ddpm/score/classifier.cpp): it learns a simple task, and is the same
// after it was saved and loaded.
#include <doctest/doctest.h>

#include <algorithm>

#include "ddpm/data/batch.h"
#include "ddpm/score/classifier.h"
#include "ddpm/score/figures.h"
#include "tests/support/near.h"
#include "tests/support/scratch.h"

namespace ddpm::test {

namespace {

// 12x12 images whose label is the row of a bright bar, on noise.
struct Rows : Dataset {
  Rows() { H = W = 12, C = 1, name = "rows"; }
  int64_t size() const override { return 3000; }
  void image(int64_t index, uint8_t* pixels) const override {
    for (int i = 0; i < H * W; ++i) pixels[i] = uint8_t((index * 31 + i * i * 7) % 100);
    for (int i = 0; i < W; ++i) pixels[(1 + label(index)) * W + i] = 220;
  }
  int label(int64_t index) const override { return int(index * 7 % 10); }
};

}  // namespace

TEST_CASE("classifier: learns, and is the same when read from its file") {
  const Rows data;
  const auto classifier = train_classifier(data);
  CHECK(accuracy(*classifier, data) > 0.95);
  const ScratchFolder folder;
  save_classifier(folder / "c.safetensors", *classifier);
  const auto loaded = load_classifier(folder / "c.safetensors", data);
  Judged before, after;
  const Tensor x = load_images(data, {0, 5, 9});
  judge(*classifier, x, before);
  judge(*loaded, x, after);
  CHECK(before.features == after.features);
  CHECK(before.probabilities == after.probabilities);
  double sum = 0;
  for (int k = 0; k < classes; ++k) sum += before.probabilities[k];
  CHECK(near(sum, 1, 1e-12));
  folder.put("damaged", "nonsense");
  CHECK(error_of([&] { load_classifier(folder / "damaged", data); }) != "no error");
}

TEST_CASE("classifier: one that gives numbers that are not finite is named, and judges nothing") {
  const Rows data;
  const ScratchFolder folder;
  Classifier classifier(12, 12, 1);
  classifier.parameters().initialize(1);
  for (const Parameter& p : classifier.parameters().all())
    if (p.name == "norm1.weight") std::fill_n(p.value.data(), p.value.size(), 3e38f);
  save_classifier(folder / "c.safetensors", classifier);
  const auto loaded = load_classifier(folder / "c.safetensors", data);
  const std::string says =
      "the classifier " + (folder / "c.safetensors") + " gives numbers that are not finite";
  Judged judged;
  CHECK(contains(error_of([&] { judge(*loaded, load_images(data, {0}), judged); }), says));
  CHECK(judged.size() == 0);
  CHECK(contains(error_of([&] { accuracy(*loaded, data); }), says));
  CHECK(contains(error_of([&] { accuracy(classifier, data); }), "the classifier gives numbers"));
}

TEST_CASE("classifier: images that cannot be halved twice are refused") {
  Classifier(4, 8, 3);
  for (const auto& sides : {std::pair{1, 1}, {2, 4}, {4, 3}, {8, 6}}) {
    const int H = sides.first, W = sides.second;
    CHECK(error_of([&] { Classifier(H, W, 1); }) ==
          text("the classifier needs images with sides divisible by 4, not ", H, "x", W));
  }
}

}  // namespace ddpm::test
