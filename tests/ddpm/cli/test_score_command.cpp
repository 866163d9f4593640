// Checks the command `ddpm score` (ddpm/cli/cmd_score.cpp): what it prints and refuses. The figures:
// tests/ddpm/score/test_figures.cpp.
#include <doctest/doctest.h>

#include <cmath>
#include <cstdio>

#include "ddpm/data/batch.h"
#include "ddpm/data/order.h"
#include "ddpm/formats/npy.h"
#include "ddpm/formats/safetensors.h"
#include "ddpm/score/figures.h"
#include "kernels/kernels.h"
#include "tests/support/command.h"
#include "tests/support/images.h"
#include "tests/support/normal.h"

namespace ddpm::test {

TEST_CASE("ddpm score: judges a run and a file of its samples alike, and keeps its classifier") {
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

TEST_CASE("ddpm score: a classifier that appears while it trains another is kept") {
  const ScratchFolder folder;
  const std::string data = put_images(folder), npy = folder / "two.npy";
  write_npy(npy, {2, 1, 8, 8}, std::vector<float>(128));
  const Outcome outcome = ddpm("score --threads 1 --data " + data + " --samples " + npy,
                               [&] { folder.put("images/classifier.safetensors", "mine"); });
  CHECK(outcome.code == 1);
  CHECK(contains(outcome.err, data + "/classifier.safetensors has appeared meanwhile and is kept"));
  CHECK(read_bytes(data + "/classifier.safetensors") == "mine");
}

TEST_CASE("ddpm score: prints the means and standard deviations of the figures") {
  const ScratchFolder folder;
  const std::string data = put_images(folder);
  std::vector<Tensor> sets;
  for (uint32_t set = 0; set < 2; ++set) {
    const std::vector<real> z = normal({2, 8, 8, 1}, set).values();
    std::vector<float> x(z.begin(), z.end());
    for (float& pixel : x) pixel = std::tanh(pixel);
    write_npy(folder / text(set, ".npy"), {2, 1, 8, 8}, x);
    sets.push_back(Tensor({2, 8, 8, 1}));
    std::copy(x.begin(), x.end(), sets.back().data());
  }
  Classifier sharp(8, 8, 1);  // some confidences are above 0.9, some labels are right
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

TEST_CASE("ddpm score: refuses what cannot be judged, before it trains a classifier") {
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

TEST_CASE("ddpm score: labels that are missing, or no classes, are refused before a classifier is trained") {
  const ScratchFolder folder;
  const std::string data = put_images(folder), npy = folder / "two.npy",
                    labels = "images/train-labels-idx1-ubyte";
  write_npy(npy, {2, 1, 8, 8}, std::vector<float>(128));
  const std::string command = "score --threads 1 --data " + data + " --samples " + npy;
  folder.put(labels, big_endian({0x801, 8}) + std::string("\0\1\2\3\4\5\6\12", 8));
  refuse(command, 1, {data + " has the label 10, but the classifier tells 10 classes apart, 0 to 9"});
  std::filesystem::remove(folder / labels);
  refuse(command, 1, {"train-images-idx3-ubyte has no file of labels beside it"});
  folder.put(labels, big_endian({0x801, 8}) + std::string(8, '\11'));
  folder.put("images/t10k-labels-idx1-ubyte", big_endian({0x801, 4}) + "\1\1\1\32");
  refuse(command, 1, {"has the label 26"});
  CHECK_FALSE(std::filesystem::exists(data + "/classifier.safetensors"));
}

TEST_CASE(
    "ddpm score: an array without labels is judged by a classifier that there is, without its accuracy") {
  const ScratchFolder folder;
  const std::string npy = folder / "two.npy", classifier = folder / "c.safetensors";
  write_npy(npy, {2, 1, 8, 8}, std::vector<float>(128));
  std::vector<double> pixels(40 * 64);
  for (size_t i = 0; i < pixels.size(); ++i) pixels[i] = double(i * i % 17);
  const std::string x = folder.put("x.npy", npy_file("<f8", "(40, 8, 8)", bytes_of_numbers(pixels)));
  const std::string command = "score --threads 1 --data " + x + " --range 0,16 --samples " + npy;
  refuse(command, 1, {"x.npy holds images without labels"});
  CHECK_FALSE(std::filesystem::exists(x + ".classifier.safetensors"));
  Classifier some(8, 8, 1);
  some.parameters().initialize(6);
  save_classifier(classifier, some);
  const std::string printed = succeed(command + " --classifier " + classifier);
  CHECK(contains(printed, "Frechet distance"));
  CHECK_FALSE(contains(printed, "correctly"));
}

TEST_CASE("ddpm score: transposed images, and a file of images, have classifiers of their own") {
  const ScratchFolder folder;
  const std::string data = put_images(folder), npy = folder / "two.npy";
  write_npy(npy, {2, 1, 8, 8}, std::vector<float>(128));
  const std::string rest = " --threads 1 --samples " + npy;
  CHECK(contains(succeed("score --transpose --data " + data + rest),
                 data + "/classifier-transposed.safetensors\n"));
  const std::string images = data + "/train-images-idx3-ubyte";
  CHECK(contains(succeed("score --data " + images + rest), images + ".classifier.safetensors\n"));
}

TEST_CASE(
    "ddpm score: images that no classifier takes, or of two sizes, are refused before anything is made") {
  const ScratchFolder folder;
  const std::string data = put_images(folder), classifier = folder / "new/c";
  const std::string command =
      "score --data " + data + " --samples " + (folder / "two.npy") + " --classifier " + classifier;
  write_npy(folder / "two.npy", {2, 1, 8, 8}, std::vector<float>(128));
  const auto put = [&](const std::string& split, uint32_t count, uint32_t side) {
    folder.put("images/" + split + "-images-idx3-ubyte",
               big_endian({0x803, count, side, side}) + std::string(count * side * side, 'x'));
  };
  put("t10k", 4, 12);
  refuse(command, 1, {"train-images-idx3-ubyte", "8x8x1", "t10k-images-idx3-ubyte", "12x12x1"});
  for (const uint32_t side : {1, 2, 3}) {
    put("train", 8, side), put("t10k", 4, side);
    refuse(command, 1, {text("sides divisible by 4, not ", side, "x", side)});
  }
  CHECK_FALSE(std::filesystem::exists(folder / "new"));
}

TEST_CASE("ddpm score: a damaged classifier is named, or its figures are numbers") {
  const ScratchFolder folder;
  const std::string data = put_images(folder), path = data + "/classifier.safetensors";
  write_npy(folder / "two.npy", {2, 1, 8, 8}, std::vector<float>(128));
  const std::string command = "score --threads 1 --data " + data + " --samples " + (folder / "two.npy");
  succeed(command);
  const std::vector<NamedArray> good = read_safetensors(path);
  int not_finite = 0, all_the_same = 0;
  for (size_t i = 0; i < good.size(); ++i) {
    std::vector<NamedArray> damaged = good;
    damaged[i].data[0] = 3e38f;
    write_safetensors(path, damaged);
    const Outcome outcome = ddpm(command);
    INFO(good[i].name, ": ", outcome.err, outcome.out);
    CHECK_FALSE(contains(outcome.out, "nan"));
    CHECK_FALSE(contains(outcome.out, "Frechet distance    0.00"));
    if (outcome.code == 0) continue;
    CHECK(contains(outcome.err, "ddpm: the classifier " + path + " gives "));
    not_finite += contains(outcome.err, " gives numbers that are not finite: ");
    all_the_same += contains(outcome.err, " gives all images the same features: ");
  }
  CHECK(not_finite > 0);
  CHECK(all_the_same > 0);
}

}  // namespace ddpm::test
