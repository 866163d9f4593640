// Checks the numbers of .npy files of any type (ddpm/formats/npy_reader.h).
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "ddpm/formats/npy_reader.h"
#include "tests/support/images.h"

namespace ddpm::test {

namespace {

std::vector<double> numbers_of(const std::string& path) {
  NpyReader reader(path);
  std::vector<double> all;
  for (std::span<const double> part = reader.next(); !part.empty(); part = reader.next())
    all.insert(all.end(), part.begin(), part.end());
  return all;
}

// Returns an array of one axis with these numbers, in the file's type `type`; swaps their bytes for ">".
template <typename Number>
std::string array_of(const std::string& type, const std::vector<Number>& numbers) {
  std::string bytes = bytes_of_numbers(numbers);
  if (type[0] == '>')
    for (size_t i = 0; i < bytes.size(); i += sizeof(Number))
      std::reverse(bytes.begin() + int64_t(i), bytes.begin() + int64_t(i + sizeof(Number)));
  return npy_file(type, text("(", numbers.size(), ",)"), bytes);
}

}  // namespace

TEST_CASE("npy reader: whole numbers and floats of each size, in both byte orders") {
  const ScratchFolder folder;
  const auto reads = [&]<typename Number>(const std::string& name, const std::vector<Number>& numbers) {
    const std::vector<double> want(numbers.begin(), numbers.end());
    for (const std::string order : {"<", ">", "=", "|"}) {
      CAPTURE(order + name);
      CHECK(numbers_of(folder.put("x.npy", array_of(order + name, numbers))) == want);
    }
  };
  reads("b1", std::vector<uint8_t>{0, 1});
  reads("u1", std::vector<uint8_t>{0, 255});
  reads("i1", std::vector<int8_t>{-128, 127});
  reads("u2", std::vector<uint16_t>{1, 65535});
  reads("i2", std::vector<int16_t>{-2, 256});
  reads("u4", std::vector<uint32_t>{3, 4294967295});
  reads("i4", std::vector<int32_t>{-3, 65536});
  reads("u8", std::vector<uint64_t>{5, uint64_t(1) << 63});
  reads("i8", std::vector<int64_t>{-5, int64_t(1) << 40});
  reads("f4", std::vector<float>{-0.1f, 1e30f});
  reads("f8", std::vector<double>{0.1, -1e300});
}

TEST_CASE("npy reader: a long array comes in parts, in order") {
  const ScratchFolder folder;
  std::vector<int32_t> numbers(50'001);
  for (size_t i = 0; i < numbers.size(); ++i) numbers[i] = int32_t(3 * i);
  const std::string path = folder.put("x.npy", array_of("<i4", numbers));
  CHECK(NpyReader(path).count() == 50'001);
  CHECK(numbers_of(path) == std::vector<double>(numbers.begin(), numbers.end()));
  NpyReader reader(path);
  CHECK(reader.next().size() == 16'384);
}

TEST_CASE("npy reader: its header has the order of the indices and the shape") {
  const ScratchFolder folder;
  const NpyReader reader(folder.put("x.npy", npy_file("<i2", "(2, 3)", std::string(12, 'x'), true)));
  CHECK((reader.header().fortran && reader.header().type == "<i2"));
  CHECK((reader.header().shape == std::vector<int64_t>{2, 3}));
  CHECK(numbers_of(folder.put("x.npy", npy_file("<i2", "(2, 0)", ""))).empty());
}

TEST_CASE("npy reader: other types, and data of another length, are refused") {
  const ScratchFolder folder;
  const auto refusal = [&](const std::string& bytes) {
    return error_of([&] { numbers_of(folder.put("x.npy", bytes)); });
  };
  for (const std::string type : {"<f2", "|O", "<c8", "<U3", "float32", "u1", "", "<"}) {
    CAPTURE(type);
    const std::string error = refusal(npy_file(type, "(2,)", std::string(4, 'x')));
    CHECK(contains(error, "holds numbers of type \"" + type + "\""));
    CHECK(contains(error, "x.astype('<f4')"));
  }
  CHECK(contains(refusal(npy_file("<f8", "(2,)", std::string(15, 'x'))), "shape (2,) but 15 bytes of data"));
  CHECK(contains(refusal(npy_file("<f8", "(2,)", std::string(17, 'x'))), "shape (2,) but 17 bytes of data"));
  CHECK(contains(refusal(npy_file("|u1", "(2,)", "x")), "but 1 bytes"));
  CHECK(contains(refusal(npy_file("<f8", "(2305843009213693952,)", "")), "but 0 bytes"));
  CHECK(contains(refusal(npy_file("<f8", "(4294967296, 4294967296)", "")), "but 0 bytes"));
  CHECK(contains(refusal("PK"), "x.npy"));
}

}  // namespace ddpm::test
