// Checks data sets that are read from folders (ddpm/data/folders.cpp, ddpm/formats/idx.cpp and cifar10.cpp):
// good files are read; truncated, oversized, mislabelled and hostile ones are refused.
#include <doctest/doctest.h>

#include <filesystem>

#include "ddpm/data/dataset.h"
#include "tests/support/allocations.h"
#include "tests/support/images.h"

namespace ddpm::test {

namespace {

// Returns the sentence of the Error that opening the data throws, "no error" if it throws none.
std::string refusal(const DataSource& source) {
  return error_of([&] { open_splits(source); });
}

void says(const std::string& sentence, const std::string& part) {
  CHECK_MESSAGE(contains(sentence, part), sentence, "\ndoes not say: ", part);
}

// Three training images of 2x3 pixels, with bytes 0 to 17 and labels 7, 0, 9.
const std::string images =
    big_endian({0x803, 3, 2, 3}) + std::string("\0\1\2\3\4\5\6\7\10\11\12\13\14\15\16\17\20\21", 18);
const std::string labels = big_endian({0x801, 3}) + std::string("\7\0\11", 3);

std::string refusal_of_images(const std::string& bytes) {
  const ScratchFolder folder;
  folder.put("train-images-idx3-ubyte", bytes);
  return refusal({folder / ""});
}

// Returns what asking for a label of `images` says, with these labels beside them.
std::string refusal_of_labels(const std::string& bytes, const std::string& name = "train-labels-idx1-ubyte") {
  const ScratchFolder folder;
  folder.put("train-images-idx3-ubyte", images);
  folder.put(name, bytes);
  return error_of([&] { open_dataset(folder / "", Split::train)->label(0); });
}

// Returns a CIFAR-10 record. The three planes contain 1, 2 and 3, their first pixels 11, 12 and 13.
std::string record(int label) {
  std::string bytes(1, char(label));
  for (int c = 1; c <= 3; ++c) bytes += char(10 + c) + std::string(1023, char(c));
  return bytes;
}

}  // namespace

TEST_CASE("idx: a folder is read, with both spellings of names and both splits") {
  const ScratchFolder folder;
  folder.put("train-images-idx3-ubyte", images);
  folder.put("train-labels.idx1-ubyte", labels);
  folder.put("t10k-images.idx3-ubyte", big_endian({0x803, 1, 2, 3}) + "abcdef");
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
  CHECK(pixels_of(*test, 0) == std::vector<uint8_t>{'a', 'b', 'c', 'd', 'e', 'f'});
  CHECK(train->notes.empty());
}

TEST_CASE("idx: a missing or compressed file is refused with a sentence that says what to do") {
  says(refusal({"/no/such/folder"}), "there is no folder /no/such/folder");
  says(refusal({"/no/such/folder"}), "make data");
  says(refusal({""}), "digits");
  const ScratchFolder folder;
  says(refusal({folder / ""}), "train-images-idx3-ubyte is missing");
  says(refusal({folder / ""}), "make data");
  folder.put("train-images-idx3-ubyte.gz", "\x1f\x8b");
  says(refusal({folder / ""}), "gunzip " + (folder / "train-images-idx3-ubyte.gz"));
  folder.put("train-images-idx3-ubyte", images);
  CHECK(refusal({folder / ""}) == "no error");
  folder.put("t10k-images-idx3-ubyte.gz", "\x1f\x8b");
  says(refusal({folder / ""}), "gunzip " + (folder / "t10k-images-idx3-ubyte.gz"));
}

TEST_CASE("idx: labels are read when one is asked for, and may be any byte") {
  CHECK(refusal_of_labels(labels) == "no error");
  CHECK(refusal_of_labels(big_endian({0x801, 3}) + "\xff\x1a\x0a") == "no error");
  says(refusal_of_labels("", "unrelated"), "train-images-idx3-ubyte has no file of labels beside it");
  says(refusal_of_labels(labels.substr(0, 7)), "header");
  says(refusal_of_labels(labels.substr(0, 10)), "3 labels need 11");
  says(refusal_of_labels(labels + '\1'), "is too long");
  says(refusal_of_labels(big_endian({0x801, 0xffffffff}) + "\1\2\3"), "is truncated");
  says(refusal_of_labels(big_endian({0x801, 2}) + "\1\2"), "has 2 labels for the 3 images");
  says(refusal_of_labels(images), "begins with 0x803, expected 0x801");
}

TEST_CASE("idx: QMNIST's labels are the first of each row of integers") {
  const ScratchFolder folder;
  const std::string rows = big_endian({0xc02, 3, 2, 7, 100, 0, 101, 300, 102}),
                    name = "train-labels-idx2-int";
  folder.put("train-images-idx3-ubyte", images);
  folder.put("t10k-images-idx3-ubyte", images);
  folder.put(name, rows);
  const auto train = open_dataset(folder / "", Split::train);
  CHECK(train->label(0) == 7);
  CHECK(train->label(1) == 0);
  CHECK(train->label(2) == 300);
  says(refusal_of_labels(rows.substr(0, 11), name), "header");
  says(refusal_of_labels(rows.substr(0, 35), name),
       "is truncated: it has 35 bytes, 3 rows of 2 integers need 36");
  says(refusal_of_labels(rows + "x", name), "is too long");
  says(refusal_of_labels(big_endian({0xc02, 3, 0}), name), "rows of 0 integers, expected 1 to 1024");
  says(refusal_of_labels(big_endian({0xc02, 0xffffffff, 1025}), name),
       "rows of 1025 integers, expected 1 to 1024");
  says(refusal_of_labels(big_endian({0xc02, 0xffffffff, 1024}), name), "is truncated");
}

TEST_CASE("idx: training and test images of different sizes are refused, with both files and sizes") {
  const ScratchFolder folder;
  const std::string data = put_images(folder);
  const auto refusal_of_both = [&] { return refusal({data}); };
  CHECK(refusal_of_both() == "no error");
  CHECK(open_splits({data}).train->size() == 8);
  CHECK(open_splits({data}).test->size() == 4);
  for (const auto& [H, W] : {std::pair{8u, 4u}, {12u, 8u}}) {
    const std::string test = "images/t10k-images-idx3-ubyte";
    folder.put(test, big_endian({0x803, 4, H, W}) + std::string(4 * H * W, 'x'));
    CHECK(refusal_of_both() == text(data, "/train-images-idx3-ubyte holds images of 8x8x1, but ",
                                    folder / test, " of ", H, "x", W, "x1"));
  }
}

TEST_CASE("idx: malformed and hostile files are refused") {
  CHECK(refusal_of_images(images) == "no error");
  says(refusal_of_images(""), "train-images-idx3-ubyte is empty: download or copy it again");
  says(refusal_of_images(images.substr(0, 15)), "header");
  says(refusal_of_images(images.substr(0, 33)), "is truncated: it has 33 bytes, 3 images of 2x3 need 34");
  says(refusal_of_images(images + "x"), "is too long: it has 35 bytes");
  says(refusal_of_images(labels + images), "begins with 0x801, expected 0x803");
  says(refusal_of_images(big_endian({0x03080000, 3, 2, 3})), "in the other byte order: write");
  says(refusal_of_images(big_endian({0x803, 0, 2, 3})), "holds no image");
  says(refusal_of_images(big_endian({0x803, 0x80000000, 2, 3})), "2147483648 images of 2x3 need 12884901904");
  for (const uint32_t side : {0u, 1025u, 0xffffffffu}) {
    says(refusal_of_images(big_endian({0x803, 3, side, 3})), "1 to 1024");
    says(refusal_of_images(big_endian({0x803, 3, 2, side})), "1 to 1024");
  }
  says(refusal_of_images(big_endian({0x803, 0xffffffff, 1024, 1024})), "is truncated");
}

TEST_CASE("idx: a file that is longer than its header says takes no memory") {
  const ScratchFolder folder;
  const std::string path = folder.put("train-images-idx3-ubyte", images);
  std::filesystem::resize_file(path, 1'000'000'000);  // a hole, which takes no room
  std::string sentence;
  CHECK(peak_of_allocations([&] { sentence = refusal({path}); }) < 1'000'000);
  says(sentence, "is too long: it has 1000000000 bytes, 3 images of 2x3 need 34");
}

TEST_CASE("cifar10: batches are read, and the colour planes interleaved") {
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

TEST_CASE("cifar10: malformed files are refused") {
  says(refusal({"cifar10:/no/such/folder"}), "there is no folder /no/such/folder");
  const ScratchFolder folder;
  const auto refused = [&](const std::string& bytes) {
    folder.put("test_batch.bin", bytes);
    return error_of([&] { open_cifar10(folder / "", Split::test); });
  };
  says(error_of([&] { open_cifar10(folder / "", Split::test); }), "test_batch.bin is missing");
  CHECK(refused(record(3)) == "no error");
  says(refused(""), "test_batch.bin is empty");
  says(refused(record(3).substr(1)), "has 3072 bytes, expected a multiple of 3073");
  says(refused(record(3) + "x"), "has 3074 bytes");
  says(refused(record(3) + record(10)), "the label of image 1 is 10");
  says(refused(std::string(10001 * 3073, '\0')), "test_batch.bin");
  folder.put("data_batch_1.bin", record(3));
  says(refusal({"cifar10:" + (folder / "")}), "data_batch_2.bin is missing");
}

}  // namespace ddpm::test
