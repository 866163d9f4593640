// Checks datasets made of others (ddpm/data/views.h): images held out for validation, transposed images.
#include <doctest/doctest.h>

#include <set>

#include "ddpm/data/views.h"
#include "tests/support/images.h"
#include "tests/support/tiny.h"

namespace ddpm::test {

namespace {

// Images of one row: their index, and a byte more.
struct Numbered : Dataset {
  int64_t count;
  explicit Numbered(int64_t count) : count(count) {
    H = 1, W = 3, C = 2, name = "numbers", file = "numbers.bin";
  }
  int64_t size() const override { return count; }
  int label(int64_t index) const override { return int(index) + 5; }
  void image(int64_t index, uint8_t* pixels) const override {
    for (int i = 0; i < 6; ++i) pixels[i] = uint8_t(i ? i : index);
  }
};

std::vector<int> numbers_of(const Dataset& data) {
  std::vector<int> all;
  for (int64_t i = 0; i < data.size(); ++i) all.push_back(pixels_of(data, i)[0]);
  return all;
}

}  // namespace

TEST_CASE("held out: every image is in one of the splits, the same ones each time") {
  const Splits splits = hold_out(std::make_unique<Numbered>(100));
  const std::vector<int> train = numbers_of(*splits.train), test = numbers_of(*splits.test);
  CHECK(train.size() == 90);
  CHECK(test.size() == 10);
  std::set<int> all(train.begin(), train.end());
  all.insert(test.begin(), test.end());
  CHECK(all.size() == 100);
  CHECK(*std::max_element(test.begin(), test.end()) > 50);  // not the first ones
  CHECK(numbers_of(*hold_out(std::make_unique<Numbered>(100)).test) == test);
  for (int64_t i = 0; i < 10; ++i) CHECK(splits.test->label(i) == test[size_t(i)] + 5);
  for (int64_t i = 0; i < 90; ++i) CHECK(splits.train->label(i) == train[size_t(i)] + 5);
  CHECK_THROWS_AS(splits.test->label(10), std::logic_error);
  CHECK_THROWS_AS(splits.train->label(-1), std::logic_error);
}

TEST_CASE("held out: a tenth, at least one, at most a thousand, which a note says") {
  for (const auto& [n, held] : {std::pair{2, 1}, {19, 1}, {20, 2}, {10009, 1000}, {60000, 1000}}) {
    const Splits splits = hold_out(std::make_unique<Numbered>(n));
    CHECK(splits.test->size() == held);
    CHECK(splits.train->size() == n - held);
    CHECK(splits.train->notes ==
          std::vector<Note>{{text("there are no test images: ", held, " of the ", n,
                                  " images of numbers.bin are held out of training for validation")}});
    CHECK(splits.train->name == "numbers");
  }
  CHECK(contains(error_of([] { hold_out(std::make_unique<Numbered>(1)); }), "numbers.bin holds one image"));
}

TEST_CASE("transposed: rows become columns, with all channels") {
  const auto turned = transposed(std::make_unique<Numbered>(7));
  CHECK(turned->H == 3);
  CHECK(turned->W == 1);
  CHECK(turned->C == 2);
  CHECK(turned->size() == 7);
  CHECK(turned->label(3) == 8);
  CHECK(turned->name == "numbers");
  CHECK(pixels_of(*turned, 4) == std::vector<uint8_t>{4, 1, 2, 3, 4, 5});
  const auto bars = transposed(std::make_unique<Bars>(9, 4));
  const std::vector<uint8_t> before = pixels_of(Bars(9, 4), 1), after = pixels_of(*bars, 1);
  CHECK(before != after);
  for (size_t i = 0; i < 4; ++i)
    for (size_t j = 0; j < 4; ++j) CHECK(after[i * 4 + j] == before[j * 4 + i]);
}

TEST_CASE("transposed: both splits are, if the source says so") {
  const ScratchFolder folder;
  const std::string data = put_images(folder);
  const Splits plain = open_splits({data}), turned = open_splits({data, "none", true});
  for (const auto& [a, b] : {std::pair{&plain.train, &turned.train}, {&plain.test, &turned.test}}) {
    const std::vector<uint8_t> before = pixels_of(**a, 2), after = pixels_of(**b, 2);
    CHECK(after[1] == before[8]);
    CHECK(after[8] == before[1]);
    CHECK(before[1] != before[8]);
  }
}

}  // namespace ddpm::test
