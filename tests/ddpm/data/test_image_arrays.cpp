// Checks arrays of images (ddpm/data/image_arrays.cpp): each shape, type and range becomes the right bytes,
// what is not plain is refused, and how much memory it takes.
#include <doctest/doctest.h>

#include <cmath>
#include <functional>

#include "tests/support/allocations.h"
#include "tests/support/runs.h"

namespace ddpm::test {

namespace {

// Returns N numbers f(0), f(1), ....
template <typename Number>
std::string numbers(int64_t n, const std::function<double(int64_t)>& f) {
  std::vector<Number> all;
  for (int64_t i = 0; i < n; ++i) all.push_back(Number(f(i)));
  return bytes_of_numbers(all);
}

std::string refusal(const DataSource& source) {
  return error_of([&] { open_splits(source); });
}

void says(const std::string& sentence, const std::string& part) {
  CHECK_MESSAGE(contains(sentence, part), sentence, "\ndoes not say: ", part);
}

// Puts X.npy and, as test images, the same file under another name, so that no image is held out.
Splits opened(const ScratchFolder& folder, const std::string& bytes, std::optional<ValueRange> range = {}) {
  return open_splits({folder.put("X.npy", bytes), folder.put("Y.npy", bytes), false, range});
}

// Returns the bytes that these numbers of type float64 become, as images of 1x1.
std::vector<uint8_t> levels(const std::vector<double>& values, std::optional<ValueRange> range = {}) {
  const ScratchFolder folder;
  const std::string shape = text("(", values.size(), ", 1, 1)");
  const Splits splits = opened(folder, npy_file("<f8", shape, bytes_of_numbers(values)), range);
  std::vector<uint8_t> all;
  for (int64_t i = 0; i < splits.train->size(); ++i) all.push_back(pixels_of(*splits.train, i)[0]);
  return all;
}

}  // namespace

TEST_CASE("image arrays: every order of axes gives the same images (N, H, W, C)") {
  const ScratchFolder folder;
  const int64_t N = 2, H = 4, W = 5;
  for (const int64_t C : {1, 3}) {
    const auto pixel = [&](int64_t n, int64_t i, int64_t j, int64_t c) {
      return uint8_t(((n * H + i) * W + j) * C + c);
    };
    std::string last, first, fortran_last(size_t(N * H * W * C), ' ');
    for (int64_t n = 0; n < N; ++n) {
      for (int64_t i = 0; i < H; ++i)
        for (int64_t j = 0; j < W; ++j)
          for (int64_t c = 0; c < C; ++c) {
            last += char(pixel(n, i, j, c));
            fortran_last[size_t(n + N * (i + H * (j + W * c)))] = char(pixel(n, i, j, c));
          }
      for (int64_t c = 0; c < C; ++c)
        for (int64_t i = 0; i < H; ++i)
          for (int64_t j = 0; j < W; ++j) first += char(pixel(n, i, j, c));
    }
    std::vector<std::string> files{npy_file("|u1", text("(2, 4, 5, ", C, ")"), last),
                                   npy_file("|u1", text("(2, ", C, ", 4, 5)"), first),
                                   npy_file("|u1", text("(2, 4, 5, ", C, ")"), fortran_last, true)};
    if (C == 1) files.push_back(npy_file("|u1", "(2, 4, 5)", last));
    for (const std::string& file : files) {
      const Splits splits = opened(folder, file);
      const Dataset& data = *splits.train;
      CHECK((data.size() == 2 && data.H == 4 && data.W == 5 && data.C == C));
      for (int64_t n = 0; n < N; ++n) {
        const std::string bytes = last.substr(size_t(n * H * W * C), size_t(H * W * C));
        CHECK(pixels_of(data, n) == std::vector<uint8_t>(bytes.begin(), bytes.end()));
      }
      CHECK_THROWS_AS(data.label(0), Error);
      CHECK_FALSE(data.labelled);
    }
  }
}

TEST_CASE("image arrays: floats of a plain range become the nearest of 256 levels") {
  CHECK(levels({0, 1, 0.5, 1 / 255., 0.499 / 255, 1.009, -0.009}) ==
        std::vector<uint8_t>{0, 255, 128, 1, 0, 255, 0});
  CHECK(levels({-1, 1, 0}) == std::vector<uint8_t>{0, 255, 128});
  CHECK(levels({0, 255, 7, 7.4, 7.6}) == std::vector<uint8_t>{0, 255, 7, 7, 8});
  CHECK(levels({0, 16, 8, 1}, ValueRange{0, 16}) == std::vector<uint8_t>{0, 255, 128, 16});
  CHECK(levels({-2, 3}, ValueRange{-2, 3}) == std::vector<uint8_t>{0, 255});
}

TEST_CASE("image arrays: a range that is not plain, or not that of the values, is refused with both") {
  const ScratchFolder folder;
  const auto refused = [&](const std::vector<double>& values, std::optional<ValueRange> range = {}) {
    const std::string shape = text("(", values.size(), ", 1, 1)");
    return refusal(
        {folder.put("X.npy", npy_file("<f8", shape, bytes_of_numbers(values))), "none", false, range});
  };
  CHECK(refused({0.0099, 0.9901}) == "no error");
  for (const std::vector<double>& values : std::vector<std::vector<double>>{
           {0, 16}, {0, 0.98}, {0.02, 1}, {-1, 0.97}, {-0.5, 0.5}, {0, 250}, {-3.25, 2.5}, {0, 0}})
    says(refused(values),
         text("X.npy holds values from ", values[0], " to ", values[1], ", which is neither"));
  says(refused({0, 17}, ValueRange{0, 16}), "holds values from 0 to 17, outside of the range 0 to 16");
  says(refused({-1, 16}, ValueRange{0, 16}), "holds values from -1 to 16, outside of the range 0 to 16");
  CHECK(refused({3, 12}, ValueRange{0, 16}) == "no error");
  says(refused({0, NAN}), "holds the value nan, expected finite numbers");
  says(refused({0, INFINITY}, ValueRange{0, 16}), "holds the value inf");
}

TEST_CASE("image arrays: notes say that values are rounded, or that bytes are dark") {
  const ScratchFolder folder;
  const auto notes = [&](const std::string& type, const std::string& data,
                         std::optional<ValueRange> range = {}) {
    return opened(folder, npy_file(type, "(2, 1, 1)", data), range).train->notes;
  };
  const std::string x = folder / "X.npy";
  const std::vector<Note> none;
  CHECK(notes("|u1", "\1\377") == none);
  CHECK(notes("<i8", bytes_of_numbers<int64_t>({0, 255})) == none);
  CHECK(notes("<f4", bytes_of_numbers<float>({0, 1})) ==
        std::vector<Note>{{x + ": values from 0 to 1 are rounded to 256 levels, which the decoder of Section "
                               "3.3 is about"}});
  CHECK(notes("<f4", bytes_of_numbers<float>({0, 255})).size() == 1);
  CHECK(notes("|u1", "\1\20", ValueRange{0, 16}).size() == 1);
  CHECK(notes("|u1", "\1\20") ==
        std::vector<Note>{{x + ": its values lie from 1 to 16, though bytes go up to 255", "dark"}});
}

TEST_CASE("image arrays: test images have the type and the range of the training images") {
  const ScratchFolder folder;
  const auto put = [&](const std::string& name, const std::vector<float>& values) {
    return folder.put(name, npy_file("<f4", text("(", values.size(), ", 1, 1)"), bytes_of_numbers(values)));
  };
  const std::string x = put("x.npy", {-1, 1});
  const Splits splits = open_splits({x, put("y.npy", {0, 0.5f, 0.8f})});
  CHECK(splits.test->size() == 3);
  CHECK(pixels_of(*splits.test, 0)[0] == 128);
  says(refusal({x, put("y.npy", {0, 2})}), "outside of the range -1 to 1");
  says(refusal({x, folder.put("y.npy", npy_file("|u1", "(2, 1, 1)", std::string("\0\1", 2)))}),
       "save both alike");
  says(refusal({x, folder.put("y.npy", npy_file("<f4", "(1, 1, 2)", bytes_of_numbers<float>({0, 1})))}),
       "holds images of 1x1x1");
  says(refusal({x, folder / "none.npy"}), "none.npy");
}

TEST_CASE("image arrays: other shapes are refused, and flat images get a hint") {
  const ScratchFolder folder;
  const auto refused = [&](const std::string& shape, int64_t n) {
    return refusal({folder.put("X.npy", npy_file("|u1", shape, std::string(size_t(n), 'x')))});
  };
  says(refused("(3, 64)", 192), "the shape is (3, 64), expected (N, H, W)");
  says(refused("(3, 64)", 192), "x.reshape(-1, 8, 8)");
  CHECK_FALSE(contains(refused("(3, 65)", 195), "reshape"));
  for (const std::string shape : {"(64,)", "(2, 2, 4, 4)", "(1, 1, 1, 8, 8)", "(2, 4, 4, 2)"})
    says(refused(shape, 64), "expected (N, H, W)");
  says(refused("()", 1), "the shape is ()");
  says(refused("(0, 8, 8)", 0), "holds no images");
  says(refused("(2, 0, 8)", 0), "holds images of 0x8 pixels");
  says(refused("(1, 1025, 1)", 1025), "holds images of 1025x1 pixels, expected 1 to 1024");
}

TEST_CASE("image arrays: options that do not suit the data are refused") {
  const ScratchFolder folder;
  const std::string data = put_images(folder),
                    x = folder.put("x.npy", npy_file("|u1", "(4, 8, 8)", std::string(256, 'x')));
  says(refusal({data, "none", false, ValueRange{0, 16}}), "a range of values is for arrays of numbers");
  says(refusal({"digits", "none", false, ValueRange{0, 16}}), "digits is none: leave the range out");
  says(refusal({data, x}), "belongs to a file of training images");
  says(refusal({"digits", x}), "belongs to a file of training images");
}

TEST_CASE(
    "image arrays: an array takes a byte of memory for each number, and what a header claims takes none") {
  const ScratchFolder folder;
  const int64_t n = 50 * 200 * 200;
  const std::string path =
      folder.put("x.npy", npy_file("<f8", "(50, 200, 200)",
                                   numbers<double>(n, [](int64_t i) { return i % 256 / 255.; })));
  CHECK(peak_of_allocations([&] { open_splits({path}); }) < n + 1'000'000);
  folder.put("x.npy", npy_file("|u1", "(1000000, 1024, 1024)", "x"));
  CHECK(peak_of_allocations([&] { CHECK(contains(refusal({path}), "bytes of data")); }) < 100'000);
}

TEST_CASE(
    "image arrays: digits like scikit-learn's train with their range, and the range stays for --resume") {
  const ScratchFolder folder;
  const std::string x = folder.put(
      "digits.npy",
      npy_file("<f8", "(30, 8, 8)", numbers<double>(30 * 64, [](int64_t i) { return double(i * i % 17); })));
  const std::string train = "train --data " + x + " --out " + (folder / "run") + small + "--steps 2 ";
  refuse(train, 1, {"holds values from 0 to 16", "--range A,B", "0,16"});
  const Outcome outcome = ddpm(train + "--stop-after 1 --range 0,16");
  CHECK(contains(outcome.err, "warning: " + x + ": values from 0 to 16 are rounded to 256 levels"));
  CHECK(contains(outcome.err, "warning: there are no test images: 3 of the 30 images of " + x));
  CHECK(contains(outcome.out, "27 images of 8x8x1 in [-1, 1]"));
  succeed("train --resume --out " + (folder / "run"));
  refuse("train --resume --out " + (folder / "run") + " --range 0,17", 1, {"was made with \"0,16\""});
  refuse("train --resume --out " + (folder / "run") + " --transpose", 1, {"was made with \"off\""});
}

TEST_CASE("image arrays: colour images of 32x32 train, with a file of test images") {
  const ScratchFolder folder;
  const auto put = [&](const std::string& name, int64_t n) {
    const std::string data = numbers<float>(n * 3072, [](int64_t i) { return double(i % 256) / 255; });
    return folder.put(name, npy_file("<f4", text("(", n, ", 32, 32, 3)"), data));
  };
  std::string options = small;
  options.replace(options.find("--attention 4"), 13, "--attention none");
  const std::string out = succeed("train --data " + put("x.npy", 4) + " --test " + put("y.npy", 2) +
                                  " --out " + (folder / "run") + options + "--steps 1");
  CHECK(contains(out, "4 images of 32x32x3 in [-1, 1]"));
}

TEST_CASE(
    "image arrays: pictures that are not square, or cannot be halved, are refused with what would fit") {
  const ScratchFolder folder;
  const auto train = [&](const std::string& shape, int64_t n, const std::string& more) {
    return "train --data " + folder.put("x.npy", npy_file("|u1", shape, std::string(size_t(n), 'x'))) +
           " --out " + (folder / "run") + " --steps 1 --threads 1 " + more;
  };
  refuse(train("(2, 8, 4)", 64, ""), 1, {"has images of 8x4", "only square images"});
  refuse(
      train("(2, 10, 10)", 200, "--preset tiny"), 1,
      {"images of 10x10 cannot be halved 2 times for 3 levels: use --multipliers 1,2, or", "divisible by 4"});
  refuse(train("(2, 5, 5)", 50, "--multipliers 1,2"), 1,
         {"halved 1 time for 2 levels: use --multipliers 1, or"});
  CHECK_FALSE(std::filesystem::exists(folder / "run"));
}

}  // namespace ddpm::test
