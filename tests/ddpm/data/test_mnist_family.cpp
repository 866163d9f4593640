// Checks which files a folder of IDX files gives (ddpm/data/mnist_family.h), and that data of the MNIST
// family train as people have them: other names and classes, without labels, without test images, folders
// down.
#include <doctest/doctest.h>

#include "ddpm/data/mnist_family.h"
#include "tests/support/runs.h"

namespace ddpm::test {

namespace {

namespace fs = std::filesystem;

// Puts `count` images of 8x8 pixels under this name.
void put_idx(const ScratchFolder& folder, const std::string& name, uint32_t count = 4) {
  fs::create_directories(fs::path(folder / name).parent_path());
  folder.put(name, big_endian({0x803, count, 8, 8}) + std::string(64 * count, char('a' + count)));
}

// Trains one step on the folder. Returns the warnings.
std::string trained(const ScratchFolder& folder, const std::string& data, const std::string& more = "") {
  static int runs = 0;
  const std::string words = "train --data " + (folder / data) + " --out " + (folder / text("run", runs++)) +
                            small + "--steps 1 " + more;
  const Outcome outcome = ddpm(words);
  INFO(outcome.err);
  CHECK(outcome.code == 0);
  std::string warnings;
  for (const std::string& row : rows(outcome.err))
    if (row.starts_with("warning: ")) warnings += row + "\n";
  return warnings;
}

}  // namespace

TEST_CASE("mnist family: the files of a data set are found by each name") {
  const std::pair<std::string, std::string> names[] = {
      {"train-images-idx3-ubyte", "t10k-images-idx3-ubyte"},
      {"train-images.idx3-ubyte", "t10k-images.idx3-ubyte"},
      {"train-images-idx3-ubyte", "test-images.idx3-ubyte"},
      {"emnist-letters-train-images-idx3-ubyte", "emnist-letters-test-images-idx3-ubyte"},
      {"qmnist-train-images-idx3-ubyte", "qmnist-test-images-idx3-ubyte"},
      {"k49-train-images-idx3-ubyte", "k49-test-images-idx3-ubyte"}};
  for (const auto& [train, test] : names) {
    const ScratchFolder folder;
    put_idx(folder, train);
    CHECK(find_training_images(folder / "") == (folder / train));
    CHECK(find_test_images(folder / train) == "");
    put_idx(folder, test);
    put_idx(folder, "other-test-images-idx3-ubyte");
    CHECK(find_test_images(folder / train) == (folder / test));
  }
}

TEST_CASE("mnist family: a link that leads nowhere is named, and pictures are known by any ending") {
  const ScratchFolder folder;
  fs::create_directories(folder / "a");
  fs::create_symlink("nowhere", folder / "a/train-images-idx3-ubyte");
  CHECK(error_of([&] { find_training_images(folder / "a"); }) ==
        (folder / "a/train-images-idx3-ubyte") + " is no ordinary file: a link that leads nowhere?");
  for (const std::string ending : {".JPG", ".webp", ".Png"}) {
    const std::string place = "b" + ending;
    fs::create_directories(folder / place);
    folder.put(place + "/x" + ending, "");
    CHECK(
        contains(error_of([&] { find_training_images(folder / place); }), "glob.glob('**/*" + ending + "'"));
  }
}

TEST_CASE("mnist family: labels are those of the same images") {
  const ScratchFolder folder;
  folder.put("emnist-digits-train-labels-idx1-ubyte", "");
  folder.put("qmnist-test-labels-idx2-int", "");
  folder.put("t10k-labels.idx1-ubyte", "");
  CHECK(find_labels(folder / "emnist-digits-train-images-idx3-ubyte") ==
        (folder / "emnist-digits-train-labels-idx1-ubyte"));
  CHECK(find_labels(folder / "qmnist-test-images-idx3-ubyte") == (folder / "qmnist-test-labels-idx2-int"));
  CHECK(find_labels(folder / "t10k-images-idx3-ubyte") == (folder / "t10k-labels.idx1-ubyte"));
  CHECK(find_labels(folder / "emnist-digits-test-images-idx3-ubyte") == "");
  CHECK(find_labels(folder / "images.bin") == "");
}

TEST_CASE("mnist family: a name with a hyphen comes before the same name with a dot") {
  const ScratchFolder folder;
  put_idx(folder, "train-images.idx3-ubyte");
  put_idx(folder, "train-images-idx3-ubyte");
  CHECK(find_training_images(folder / "") == (folder / "train-images-idx3-ubyte"));
}

TEST_CASE("mnist family: files are found two folders down, and not deeper") {
  const ScratchFolder folder;
  put_idx(folder, "set/MNIST/raw/train-images-idx3-ubyte");
  CHECK(find_training_images(folder / "set") == (folder / "set/MNIST/raw/train-images-idx3-ubyte"));
  CHECK(contains(error_of([&] { find_training_images(folder / ""); }), "train-images-idx3-ubyte is missing"));
  put_idx(folder, "set/near/train-images-idx3-ubyte");
  CHECK(find_training_images(folder / "set") == (folder / "set/near/train-images-idx3-ubyte"));
}

TEST_CASE("mnist family: of several data sets, one must be named, and a file names one") {
  const ScratchFolder folder;
  for (const std::string set : {"letters", "digits"})
    for (const std::string split : {"train", "test"})
      put_idx(folder, "emnist-" + set + "-" + split + "-images-idx3-ubyte", set == "letters" ? 4 : 6);
  const std::string digits = folder / "emnist-digits-train-images-idx3-ubyte";
  const std::string error = error_of([&] { find_training_images(folder / ""); });
  CHECK(contains(error, "holds 2 files of training images: name the one that you mean, such as " + digits));
  const Splits splits = open_splits({digits});
  CHECK(splits.train->size() == 6);
  CHECK(splits.test->size() == 6);
  CHECK(splits.train->name == digits);
  const Splits other = open_splits({digits, folder / "emnist-letters-test-images-idx3-ubyte"});
  CHECK(other.train->size() == 6);
  CHECK(other.test->size() == 4);
}

TEST_CASE("mnist family: a folder of pictures or arrays is told what to do") {
  const ScratchFolder folder;
  fs::create_directories(folder / "cats/small");
  folder.put("cats/small/1.jpg", "x");
  const std::string pictures = error_of([&] { find_training_images(folder / "cats"); });
  for (const std::string part :
       {"import glob, numpy, PIL.Image as P;", "'**/*.jpg'", "numpy.save('images.npy', x)"})
    CHECK_MESSAGE(contains(pictures, part), pictures);
  CHECK(pictures.size() < 390);
  folder.put("cats/x.npz", "x");
  CHECK(contains(error_of([&] { find_training_images(folder / "cats"); }), "name that file"));
}

TEST_CASE("mnist family: letters, other names, and images alone train without a warning") {
  const ScratchFolder folder;
  put_images(folder);
  std::string letters = big_endian({0x801, 8});
  for (int i = 0; i < 8; ++i) letters += char(1 + 3 * i);
  folder.put("images/train-labels-idx1-ubyte", letters);
  CHECK(trained(folder, "images") == "");
  fs::remove(folder / "images/train-labels-idx1-ubyte");
  fs::remove(folder / "images/t10k-labels-idx1-ubyte");
  CHECK(trained(folder, "images") == "");
  CHECK(trained(folder, "") == "");  // one folder down
}

TEST_CASE("mnist family: EMNIST's own files train with one line that they come transposed") {
  const ScratchFolder folder;
  put_idx(folder, "emnist-letters-train-images-idx3-ubyte");
  put_idx(folder, "emnist-letters-test-images-idx3-ubyte");
  CHECK(trained(folder, "") == "warning: EMNIST's images come transposed: turn them with --transpose\n");
  CHECK(trained(folder, "", "--transpose") == "");
}

TEST_CASE("mnist family: without test images some of the training images are held out, which one line says") {
  const ScratchFolder folder;
  put_idx(folder, "train-images-idx3-ubyte", 25);
  CHECK(trained(folder, "") == "warning: there are no test images: 2 of the 25 images of " +
                                   (folder / "train-images-idx3-ubyte") +
                                   " are held out of training for validation\n");
}

}  // namespace ddpm::test
