// ddpm/score/ and the command score: figures with known answers, a classifier
// that learns, and what the command prints and refuses.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "ddpm/data/batch.h"
#include "ddpm/data/order.h"
#include "ddpm/formats/npy.h"
#include "ddpm/score/figures.h"
#include "ddpm/score/symmetric.h"
#include "kernels/kernels.h"
#include "tests/support/command.h"
#include "tests/support/near.h"

namespace ddpm::test {

namespace {

std::vector<double> noise(int64_t n, uint32_t index) {
  std::vector<real> z(n);
  kernels::fill_normal(n, Stream{11, 0, 0, index}, z.data());
  return {z.begin(), z.end()};
}

std::vector<double> random_symmetric(int D) {
  std::vector<double> a = noise(int64_t(D) * D, 1), s(a.size());
  for (int i = 0; i < D; ++i)
    for (int j = 0; j < D; ++j) s[i * D + j] = a[i * D + j] + a[j * D + i];
  return s;
}

// q diag(values) qᵀ with the orthonormal q of a random symmetric matrix.
std::vector<double> rotated(const std::vector<double>& values) {
  const int D = int(values.size());
  const std::vector<double> q = eigen(random_symmetric(D), D).vectors;
  std::vector<double> a(q.size());
  for (int i = 0; i < D; ++i)
    for (int j = 0; j < D; ++j)
      for (int k = 0; k < D; ++k) a[i * D + j] += q[i * D + k] * values[k] * q[j * D + k];
  return a;
}

// 12×12 images whose label is the row of a bright bar, on noise.
struct Rows : Dataset {
  Rows() { H = W = 12, C = 1, name = "rows"; }
  int64_t size() const override { return 3000; }
  void image(int64_t index, uint8_t* pixels) const override {
    for (int i = 0; i < H * W; ++i) pixels[i] = uint8_t((index * 31 + i * i * 7) % 100);
    for (int i = 0; i < W; ++i) pixels[(1 + label(index)) * W + i] = 220;
  }
  int label(int64_t index) const override { return int(index * 7 % 10); }
};

// One row for each image; every feature 0.
Judged judged(const std::vector<std::vector<double>>& probabilities) {
  Judged j;
  for (const auto& row : probabilities) j.probabilities.insert(j.probabilities.end(), row.begin(), row.end());
  j.features.assign(probabilities.size() * feature_count, 0);
  return j;
}
std::vector<double> sure_of(int k, double p) {
  std::vector<double> row(classes, (1 - p) / (classes - 1));
  row[k] = p;
  return row;
}
const Moments nothing{std::vector<double>(feature_count), std::vector<double>(feature_count* feature_count)};

}  // namespace

// Rounding: a few thousand operations in double on numbers near 1.
TEST_CASE("score: eigenvalues and eigenvectors rebuild the matrix") {
  for (const int D : {1, 2, 5, 64}) {
    const std::vector<double> a = random_symmetric(D);
    const Eigen e = eigen(a, D);
    std::vector<double> rebuilt(a.size());
    for (int i = 0; i < D; ++i)
      for (int j = 0; j < D; ++j)
        for (int k = 0; k < D; ++k)
          rebuilt[i * D + j] += e.vectors[i * D + k] * e.values[k] * e.vectors[j * D + k];
    CHECK(mismatch(rebuilt.data(), a.data(), int64_t(a.size()), 1e-11) == "");
  }
}

TEST_CASE("score: the root's square is the matrix") {
  const std::vector<double> a = rotated({4, 1, 0.25, 0}), root = square_root(a, 4);
  CHECK(mismatch(multiply(root, root, 4).data(), a.data(), 16, 1e-12) == "");
}

TEST_CASE("score: moments of three points") {
  const Moments m = moments({1, 0, 2, 0, 3, 3}, 2);
  CHECK(m.mean == std::vector<double>{2, 1});
  CHECK(mismatch(m.covariance.data(), std::vector<double>{1, 1.5, 1.5, 3}.data(), 4, 1e-14) == "");
}

// Where both covariances have the same axes: |μ_a − μ_b|² + Σ_k (σ_ak − σ_bk)².
TEST_CASE("score: the Frechet distance of Gaussians is the closed form") {
  const Moments a{{1, 2, 3}, rotated({4, 1, 9})}, b{{1, 0, 3.5}, rotated({1, 1, 0.25})};
  CHECK(near(frechet_distance(a, b), 4 + 0.25 + 1 + 0 + 6.25, 1e-12));
  CHECK(near(frechet_distance(b, a), frechet_distance(a, b), 1e-12));
  CHECK(near(frechet_distance(a, a), 0, 1e-12));
  // Other axes: in two dimensions tr((Σ_a Σ_b)^½)² = tr(Σ_a Σ_b) + 2 √det(Σ_a Σ_b).
  const Moments c{{0, 0}, {2, 1, 1, 3}}, d{{0, 0}, {1, 0, 0, 5}};
  CHECK(near(frechet_distance(c, d), 5 + 6 - 2 * std::sqrt(2 + 15 + 2 * std::sqrt(5.0 * 5)), 1e-12));
}

TEST_CASE("score: figures of known judgements") {
  std::vector<std::vector<double>> every_class, undecided(20, std::vector<double>(classes, 0.1)), one_class;
  for (int k = 0; k < classes; ++k)
    every_class.push_back(sure_of(k, 1)), one_class.push_back(sure_of(3, 0.8));
  const Figures best = figures(judged(every_class), nothing);
  CHECK(near(best.sure, 1, 1e-14));
  CHECK(near(best.confidence, 1, 1e-14));
  CHECK(near(best.inception, 10, 1e-12));
  CHECK(near(best.frechet, 0, 1e-12));
  for (const int64_t images : best.histogram) CHECK(images == 1);
  const Figures worst = figures(judged(undecided), nothing);
  CHECK(worst.sure == 0);
  CHECK(near(worst.confidence, 0.1, 1e-14));
  CHECK(near(worst.inception, 1, 1e-12));
  const Figures threes = figures(judged(one_class), nothing);
  CHECK(threes.sure == 0);                  // 0.8 is not above 0.9
  CHECK(near(threes.inception, 1, 1e-12));  // clear images, but all of one class
  CHECK(threes.histogram[3] == 10);
  CHECK(near(figures(judged({sure_of(0, 0.95), sure_of(1, 0.85)}), nothing).sure, 0.5, 1e-14));
}

TEST_CASE("score: a classifier learns, and comes back from its file") {
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

TEST_CASE("score: the command judges runs and files alike, and keeps its classifier") {
  const ScratchFolder folder;
  const std::string data = put_images(folder), run = folder / "run", npy = folder / "s.npy";
  succeed("train --data " + data + " --out " + run + small + "--steps 2");
  succeed("sample --run " + run + " --count 4 --seed 5 --out " + (folder / "s.png") + " --npy " + npy);
  const std::string judge = "score --threads 1 --data " + data;
  const std::string first = succeed(judge + " --run " + run + " --count 4 --seed 5 --seeds 1");
  CHECK(contains(first, "trained the classifier and saved it as " + data + "/classifier.safetensors"));
  for (const std::string part :
       {"% of the test images correctly", "samples, 1 x 4", "confidence > 0.9", "mean confidence",
        "inception score", "Frechet distance", "classes 0 to 9", "no standard deviation"})
    CHECK_MESSAGE(contains(first, part), part);
  const std::string kept = read_bytes(data + "/classifier.safetensors");
  const std::string second = succeed(judge + " --samples " + npy);
  CHECK(second == first.substr(first.find("the classifier labels")));
  CHECK(read_bytes(data + "/classifier.safetensors") == kept);
  const std::string spread = succeed(judge + " --samples " + npy + "," + npy);
  CHECK(contains(spread, "samples, 2 x 4"));
  CHECK(contains(spread, "+- 0.0"));
}

TEST_CASE("score: the table's numbers are the figures' means and standard deviations") {
  const ScratchFolder folder;
  const std::string data = put_images(folder);
  std::vector<Tensor> sets;
  for (uint32_t set = 0; set < 2; ++set) {
    const std::vector<double> z = noise(2 * 64, set);
    std::vector<float> x(z.begin(), z.end());
    for (float& pixel : x) pixel = std::tanh(pixel);
    write_npy(folder / text(set, ".npy"), {2, 1, 8, 8}, x);
    sets.push_back(Tensor({2, 8, 8, 1}));
    std::copy(x.begin(), x.end(), sets.back().data());
  }
  Classifier sharp(8, 8, 1);  // sure of some images, right about some
  sharp.parameters().initialize(6);
  for (const Parameter& p : sharp.parameters().all()) kernels::scale(p.value.size(), 3, p.value.data());
  save_classifier(data + "/classifier.safetensors", sharp);
  const std::string table = succeed("score --threads 1 --data " + data + " --samples " + (folder / "0.npy") +
                                    "," + (folder / "1.npy"));
  const auto train = open_dataset(data, Split::train), test = open_dataset(data, Split::test);
  const auto classifier = load_classifier(data + "/classifier.safetensors", *train);
  const auto judged_by = [&](const Tensor& x) {
    Judged judged;
    judge(*classifier, x, judged);
    return judged;
  };
  const Moments reference =
      moments(judged_by(load_images(*train, {0, 1, 2, 3, 4, 5, 6, 7})).features, feature_count);
  std::vector<Figures> drawn, real_ones;
  for (int set = 0; set < 2; ++set) {
    const Tensor x = load_images(*test, {shuffled(2 * set, 4, 0), shuffled(2 * set + 1, 4, 0)});
    drawn.push_back(figures(judged_by(sets[size_t(set)]), reference));
    real_ones.push_back(figures(judged_by(x), reference));
  }
  const auto cell = [](double one, double other, int digits, const char* sign) {
    char text[64];
    std::snprintf(text, sizeof(text), "%.*f%s +- %.*f", digits, (one + other) / 2, sign, digits,
                  std::fabs(one - other) / std::sqrt(2.0));
    return std::string(text);
  };
  const auto row = [&](std::string name, double Figures::*figure, double unit, int digits, const char* sign) {
    const auto of = [&](const std::vector<Figures>& both) {
      return cell(unit * both[0].*figure, unit * both[1].*figure, digits, sign);
    };
    std::string samples = of(drawn);
    name.resize(20, ' '), samples.resize(24, ' ');
    return "\n" + name + samples + of(real_ones) + "\n";
  };
  INFO(table);
  CHECK(real_ones[0].sure != real_ones[1].sure);
  CHECK(accuracy(*classifier, *test) > 0);
  CHECK(contains(table, row("confidence > 0.9", &Figures::sure, 100, 1, " %")));
  CHECK(contains(table, row("mean confidence", &Figures::confidence, 1, 3, "")));
  CHECK(contains(table, row("inception score", &Figures::inception, 1, 2, "")));
  CHECK(contains(table, row("Frechet distance", &Figures::frechet, 1, 2, "")));
  CHECK(contains(table, "\n                    samples, 2 x 2          real images, 2 x 2\n"));
  std::string samples = "classes 0 to 9, samples     ", real_images = "classes 0 to 9, real images ";
  for (int k = 0; k < classes; ++k) {
    samples += text(" ", drawn[0].histogram[size_t(k)] + drawn[1].histogram[size_t(k)]);
    real_images += text(" ", real_ones[0].histogram[size_t(k)] + real_ones[1].histogram[size_t(k)]);
  }
  CHECK(contains(table, samples + "\n" + real_images + "\n+- is the standard deviation"));
  char right[80];
  std::snprintf(right, sizeof(right), "the classifier labels %.2f %% of the test images correctly\n",
                100 * accuracy(*classifier, *test));
  CHECK(contains(table, right));
}

TEST_CASE("score: what cannot be judged is refused before a classifier is trained") {
  const ScratchFolder folder;
  const std::string data = put_images(folder), judge = "score --data " + data + " ";
  refuse("score", 2, {"--run RUN or --samples"});
  refuse(judge + "--run a --samples b", 2, {"not both"});
  refuse(judge + "--samples " + (folder / "none.npy"), 1, {"none.npy"});
  refuse(judge + "--samples x.npy --count 5", 2, {"--count has no effect on --samples"});
  refuse(judge + "--samples ,", 2, {"empty name"});
  refuse(judge + "--run tests/golden/nested", 1, {"the network draws images of"});
  refuse("score --data " + (folder / "nothing") + " --samples x.npy", 1, {"nothing"});
  write_npy(folder / "one.npy", {1, 1, 8, 8}, std::vector<float>(64));
  refuse(judge + "--samples " + (folder / "one.npy"), 1,
         {"(1, 1, 8, 8)", "expected (N, 1, 8, 8) with N >= 2"});
  write_npy(folder / "loud.npy", {2, 1, 8, 8}, std::vector<float>(128, 1.5f));
  refuse(judge + "--samples " + (folder / "loud.npy"), 1, {"loud.npy", "1.5"});
  write_npy(folder / "nan.npy", {2, 1, 8, 8}, std::vector<float>(128, std::nanf("")));
  refuse(judge + "--samples " + (folder / "nan.npy"), 1, {"nan.npy"});
  CHECK_FALSE(std::filesystem::exists(data + "/classifier.safetensors"));
  folder.put("images/classifier.safetensors", "mine");
  write_npy(folder / "two.npy", {2, 1, 8, 8}, std::vector<float>(128));
  refuse(judge + "--samples " + (folder / "two.npy"), 1, {"classifier.safetensors"});
  CHECK(read_bytes(data + "/classifier.safetensors") == "mine");
}

}  // namespace ddpm::test
