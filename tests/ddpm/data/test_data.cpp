// ddpm/data/: the built-in digits are readable and reproducible; the IDX
// and CIFAR-10 readers take good files and refuse truncated, oversized,
// mislabelled and hostile ones.
#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <numeric>
#include <set>
#include <vector>

#include "ddpm/data/dataset.h"
#include "tests/support/scratch.h"

namespace ddpm::test {

namespace {

std::vector<uint8_t> pixels_of(const Dataset& data, int64_t index) {
  std::vector<uint8_t> pixels(size_t(data.H * data.W * data.C), 77);
  data.image(index, pixels.data());
  return pixels;
}

// The sentence of the Error that opening throws, "no error" if it does not.
std::string refusal(const std::string& spec, Split split = Split::train) {
  return error_of([&] { open_dataset(spec, split); });
}

void says(const std::string& sentence, const std::string& part) {
  CHECK_MESSAGE(contains(sentence, part), sentence, "\ndoes not say: ", part);
}

std::string big_endian(const std::vector<uint32_t>& numbers) {
  std::string bytes;
  for (const uint32_t n : numbers)
    for (int shift = 24; shift >= 0; shift -= 8) bytes += char(n >> shift & 255);
  return bytes;
}

// Three training images 2×3 with bytes 0..17 and labels 7 0 9.
const std::string images =
    big_endian({0x803, 3, 2, 3}) + std::string("\0\1\2\3\4\5\6\7\10\11\12\13\14\15\16\17\20\21", 18);
const std::string labels = big_endian({0x801, 3}) + std::string("\7\0\11", 3);

std::string refusal_of_idx(const std::string& image_bytes, const std::string& label_bytes) {
  const ScratchFolder folder;
  folder.put("train-images-idx3-ubyte", image_bytes);
  folder.put("train-labels-idx1-ubyte", label_bytes);
  return refusal(folder / "");
}

// One record: the planes hold 1, 2 and 3, their first pixels 11, 12, 13.
std::string record(int label) {
  std::string bytes(1, char(label));
  for (int c = 1; c <= 3; ++c) bytes += char(10 + c) + std::string(1023, char(c));
  return bytes;
}

}  // namespace

TEST_CASE("digits are 28x28 grey, white on black, about as bright as MNIST") {
  const auto data = open_dataset("digits", Split::train);
  CHECK(data->H == 28);
  CHECK(data->W == 28);
  CHECK(data->C == 1);
  CHECK(data->name == "digits");
  CHECK(data->size() == int64_t(1) << 40);
  double sum = 0;
  for (int64_t i = 0; i < 500; ++i) {
    const std::vector<uint8_t> pixels = pixels_of(*data, i);
    sum += std::accumulate(pixels.begin(), pixels.end(), 0.0);
    CHECK(*std::max_element(pixels.begin(), pixels.end()) == 255);
    CHECK(std::count(pixels.begin(), pixels.end(), 0) > 392);
    for (const size_t corner : {0, 27, 27 * 28, 783}) CHECK(pixels[corner] == 0);
  }
  const double mean = sum / (500 * 784 * 255);  // MNIST: 0.1307
  CHECK(mean > 0.1);
  CHECK(mean < 0.16);
}

TEST_CASE("a digit depends on its split and index alone") {
  const auto train = open_digits(Split::train), again = open_digits(Split::train);
  const auto test = open_digits(Split::test);
  std::vector<std::vector<uint8_t>> seen;
  for (int64_t i = 0; i < 200; ++i) seen.push_back(pixels_of(*train, i));
  int different = 0;
#pragma omp parallel for num_threads(3) reduction(+ : different)
  for (int i = 199; i >= 0; --i) different += pixels_of(*again, i) != seen[size_t(i)];
  CHECK(different == 0);
  for (int64_t i = 0; i < 200; ++i) {
    CHECK(pixels_of(*test, i) != seen[size_t(i)]);
    CHECK(pixels_of(*train, i + (int64_t(1) << 32)) != seen[size_t(i)]);
  }
  std::set<std::string> distinct;
  for (const std::vector<uint8_t>& pixels : seen) distinct.emplace(pixels.begin(), pixels.end());
  CHECK(distinct.size() == seen.size());
  CHECK_THROWS_AS(train->label(-1), std::logic_error);
}

TEST_CASE("the digits' labels are uniform") {
  for (const Split split : {Split::train, Split::test}) {
    const auto data = open_digits(split);
    std::vector<int> counts(10);
    for (int64_t i = 0; i < 10000; ++i) ++counts[size_t(data->label(i))];
    double chi_square = 0;
    for (const int count : counts) chi_square += (count - 1000.0) * (count - 1000.0) / 1000;
    CHECK(chi_square < 30);  // 9 degrees of freedom: above 30 once in 2000
  }
}

TEST_CASE("labels and shapes agree: the nearest training digit has the test digit's label") {
  const auto train = open_digits(Split::train), test = open_digits(Split::test);
  std::vector<std::vector<uint8_t>> known;
  for (int64_t i = 0; i < 1000; ++i) known.push_back(pixels_of(*train, i));
  int right = 0;
  for (int64_t i = 0; i < 100; ++i) {
    const std::vector<uint8_t> x = pixels_of(*test, i);
    const auto distance = [&](const std::vector<uint8_t>& y) {
      int sum = 0;
      for (size_t k = 0; k < 784; ++k) sum += (x[k] - y[k]) * (x[k] - y[k]);
      return sum;
    };
    int64_t best = 0;
    int least = distance(known[0]);
    for (int64_t k = 1; k < 1000; ++k)
      if (const int d = distance(known[size_t(k)]); d < least) least = d, best = k;
    right += train->label(best) == test->label(i);
  }
  CHECK(right >= 90);
}

TEST_CASE("an IDX folder is read, in both spellings and splits") {
  const ScratchFolder folder;
  folder.put("train-images-idx3-ubyte", images);
  folder.put("train-labels.idx1-ubyte", labels);
  folder.put("t10k-images.idx3-ubyte", big_endian({0x803, 1, 1, 2}) + "ab");
  folder.put("t10k-labels-idx1-ubyte", big_endian({0x801, 1}) + '\5');
  const auto train = open_dataset(folder / "", Split::train);
  CHECK(train->size() == 3);
  CHECK(train->H == 2);
  CHECK(train->W == 3);
  CHECK(train->C == 1);
  CHECK(train->name == (folder / ""));
  CHECK(pixels_of(*train, 1) == std::vector<uint8_t>{6, 7, 8, 9, 10, 11});
  CHECK(train->label(0) == 7);
  CHECK(train->label(2) == 9);
  CHECK_THROWS_AS(train->label(3), std::logic_error);
  const auto test = open_dataset(folder / "", Split::test);
  CHECK(test->size() == 1);
  CHECK(pixels_of(*test, 0) == std::vector<uint8_t>{'a', 'b'});
}

TEST_CASE("a missing or compressed IDX file gets a sentence that says what to do") {
  says(refusal("/no/such/folder"), "there is no folder /no/such/folder");
  says(refusal("/no/such/folder"), "make data");
  says(refusal(""), "digits");
  const ScratchFolder folder;
  says(refusal(folder / ""), "train-images-idx3-ubyte is missing");
  says(refusal(folder / ""), "make data");
  folder.put("train-images-idx3-ubyte.gz", "\x1f\x8b");
  says(refusal(folder / ""), "gunzip " + (folder / "train-images-idx3-ubyte.gz"));
  folder.put("train-images-idx3-ubyte", images);
  says(refusal(folder / ""), "train-labels-idx1-ubyte is missing");
  std::filesystem::create_directory(folder / "train-labels-idx1-ubyte");
  says(refusal(folder / ""), "train-labels-idx1-ubyte");
}

TEST_CASE("malformed and hostile IDX files are refused") {
  CHECK(refusal_of_idx(images, labels) == "no error");
  says(refusal_of_idx("", labels), "header");
  says(refusal_of_idx(images.substr(0, 15), labels), "header");
  says(refusal_of_idx(images.substr(0, 33), labels),
       "is truncated: it has 33 bytes, 3 images of 2x3 need 34");
  says(refusal_of_idx(images + "x", labels), "is too long: it has 35 bytes");
  says(refusal_of_idx(labels + images, labels), "begins with 0x801, expected 0x803");
  says(refusal_of_idx(big_endian({0x03080000, 3, 2, 3}), labels), "0x3080000");
  says(refusal_of_idx(big_endian({0x803, 0, 2, 3}), big_endian({0x801, 0})), "holds no image");
  says(refusal_of_idx(big_endian({0x803, 0x80000000, 2, 3}), labels),
       "2147483648 images of 2x3 need 12884901904");
  for (const uint32_t side : {0u, 1025u, 0xffffffffu}) {
    says(refusal_of_idx(big_endian({0x803, 3, side, 3}), labels), "1 to 1024");
    says(refusal_of_idx(big_endian({0x803, 3, 2, side}), labels), "1 to 1024");
  }
  says(refusal_of_idx(big_endian({0x803, 0xffffffff, 1024, 1024}), labels), "is truncated");
  says(refusal_of_idx(images, labels.substr(0, 7)), "header");
  says(refusal_of_idx(images, labels.substr(0, 10)), "3 labels need 11");
  says(refusal_of_idx(images, labels + '\1'), "is too long");
  says(refusal_of_idx(images, big_endian({0x801, 0xffffffff}) + "\1\2\3"), "is truncated");
  says(refusal_of_idx(images, big_endian({0x801, 2}) + "\1\2"), "has 2 labels for the 3 images");
  says(refusal_of_idx(images, images), "begins with 0x803, expected 0x801");
  says(refusal_of_idx(images, labels.substr(0, 10) + '\12'), "label 2 is 10");
  says(refusal_of_idx(images, labels.substr(0, 10) + '\377'), "label 2 is 255");
}

TEST_CASE("CIFAR-10's batches are read, planes interleaved") {
  const ScratchFolder folder;
  for (int i = 1; i <= 5; ++i)
    folder.put(text("data_batch_", i, ".bin"), record(i) + (i == 2 ? record(9) : ""));
  folder.put("test_batch.bin", record(0));
  const auto train = open_dataset("cifar10:" + (folder / ""), Split::train);
  CHECK(train->size() == 6);
  CHECK(train->H == 32);
  CHECK(train->W == 32);
  CHECK(train->C == 3);
  CHECK(train->name == "cifar10:" + (folder / ""));
  for (const auto& [index, label] : {std::pair{0, 1}, {1, 2}, {2, 9}, {5, 5}})
    CHECK(train->label(index) == label);
  const std::vector<uint8_t> pixels = pixels_of(*train, 5);
  CHECK(std::vector<uint8_t>(pixels.begin(), pixels.begin() + 6) ==
        std::vector<uint8_t>{11, 12, 13, 1, 2, 3});
  CHECK(std::vector<uint8_t>(pixels.end() - 3, pixels.end()) == std::vector<uint8_t>{1, 2, 3});
  CHECK(open_dataset("cifar10:" + (folder / ""), Split::test)->size() == 1);
}

TEST_CASE("malformed CIFAR-10 files are refused") {
  says(refusal("cifar10:/no/such/folder"), "there is no folder /no/such/folder");
  const ScratchFolder folder;
  const auto refused = [&](const std::string& bytes) {
    folder.put("test_batch.bin", bytes);
    return refusal("cifar10:" + (folder / ""), Split::test);
  };
  says(refusal("cifar10:" + (folder / ""), Split::test), "test_batch.bin is missing");
  CHECK(refused(record(3)) == "no error");
  says(refused(""), "has 0 bytes");
  says(refused(record(3).substr(1)), "has 3072 bytes, expected a multiple of 3073");
  says(refused(record(3) + "x"), "has 3074 bytes");
  says(refused(record(3) + record(10)), "the label of image 1 is 10");
  says(refused(std::string(10001 * 3073, '\0')), "test_batch.bin");
  folder.put("data_batch_1.bin", record(3));
  says(refusal("cifar10:" + (folder / "")), "data_batch_2.bin is missing");
}

}  // namespace ddpm::test
