// Checks safetensors files (ddpm/formats/safetensors.h): the bytes that are written, exact round trips, and
// refusal of every kind of damaged or hostile file.
#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <limits>

#include "ddpm/formats/file.h"
#include "ddpm/formats/safetensors.h"
#include "tests/support/allocations.h"
#include "tests/support/repeated.h"
#include "tests/support/scratch.h"

namespace ddpm::test {

namespace {

// Returns a file's bytes: the length of the header, the header, data_bytes zeros.
std::string file_of(const std::string& header, size_t data_bytes) {
  const uint64_t length = header.size();
  std::string bytes(sizeof length, '\0');
  std::memcpy(bytes.data(), &length, sizeof length);
  return bytes + header + std::string(data_bytes, '\0');
}

// Returns one tensor's entry in the header.
std::string entry(const std::string& name, const std::string& shape, const std::string& offsets,
                  const std::string& dtype = "F32") {
  return text("\"", name, "\": {\"dtype\": \"", dtype, "\", \"shape\": ", shape,
              ", \"data_offsets\": ", offsets, "}");
}

// Returns the error of reading a file of these bytes.
std::string error_from(const std::string& bytes) {
  ScratchFolder folder;
  return error_of([&] { read_safetensors(folder.put("w.safetensors", bytes)); });
}

// The same for a header with these members.
std::string error_from(const std::string& members, size_t data_bytes) {
  return error_from(file_of("{" + members + "}", data_bytes));
}

}  // namespace

TEST_CASE("safetensors: arrays are read as they were written, in order") {
  ScratchFolder folder;
  const float infinity = std::numeric_limits<float>::infinity();
  const std::vector<NamedArray> arrays{{"z.weight", {2, 3}, {1, -2, 0.1f, 1e-42f, -infinity, -0.0f}},
                                       {"scalar", {}, {42}},
                                       {"empty", {3, 0, 2}, {}},
                                       {"also empty", {0}, {}},
                                       {"a \"\u03b5\"\n", {1}, {NAN}}};
  write_safetensors(folder / "w", arrays);
  const std::vector<NamedArray> back = read_safetensors(folder / "w");
  REQUIRE(back.size() == arrays.size());
  for (size_t i = 0; i < arrays.size(); ++i) {
    CAPTURE(i);
    CHECK(back[i].name == arrays[i].name);
    CHECK(back[i].shape == arrays[i].shape);
    REQUIRE(back[i].data.size() == arrays[i].data.size());
    if (!arrays[i].data.empty())
      CHECK(std::memcmp(back[i].data.data(), arrays[i].data.data(), 4 * arrays[i].data.size()) == 0);
  }
}

TEST_CASE("safetensors: are written byte for byte as the format says") {
  ScratchFolder folder;
  write_safetensors(folder / "w", {{"a", {1, 2}, {1, 2}}, {"b", {}, {3}}}, {{"format", "pt"}});
  const std::string header = R"({"__metadata__": {"format": "pt"}, )"
                             R"("a": {"dtype": "F32", "shape": [1, 2], "data_offsets": [0, 8]}, )"
                             R"("b": {"dtype": "F32", "shape": [], "data_offsets": [8, 12]}})";
  const std::string padding((8 - header.size() % 8) % 8, ' ');
  const std::string data("\0\0\x80\x3F\0\0\0\x40\0\0\x40\x40", 12);
  CHECK(read_file(folder / "w", 1000) == file_of(header + padding, 0) + data);
  CHECK(read_safetensors(folder / "w").size() == 2);

  write_safetensors(folder / "empty", {});
  CHECK(read_file(folder / "empty", 1000) == file_of("{}      ", 0));
  CHECK(read_safetensors(folder / "empty").empty());
}

TEST_CASE("safetensors: tensors may be listed in any order") {
  ScratchFolder folder;
  const std::string header = "{" + entry("b", "[1]", "[4, 8]") + ", " + entry("e", "[0]", "[4, 4]") + ", " +
                             entry("a", "[1]", "[0, 4]") + "}  ";
  const std::vector<NamedArray> arrays = read_safetensors(folder.put("w", file_of(header, 8)));
  REQUIRE(arrays.size() == 3);
  CHECK((arrays[0].name == "a" && arrays[1].name == "e" && arrays[2].name == "b"));
}

TEST_CASE("safetensors: numbers of 16 bits are widened") {
  ScratchFolder folder;
  const std::string header = "{" + entry("h", "[3]", "[0, 6]", "F16") + ", " +
                             entry("b", "[2, 1]", "[6, 10]", "BF16") + ", " + entry("f", "[1]", "[10, 14]") +
                             "}";
  const std::string data("\x00\x3C\x01\x00\x00\xFC\x80\x3F\x49\xC0\x00\x00\x80\x3F", 14);
  const std::vector<NamedArray> arrays = read_safetensors(folder.put("w", file_of(header, 0) + data));
  REQUIRE(arrays.size() == 3);
  CHECK(arrays[0].data == std::vector<float>{1, 0x1p-24f, -std::numeric_limits<float>::infinity()});
  CHECK(arrays[1].data == std::vector<float>{1, -3.140625f});
  CHECK(arrays[1].shape == std::vector<int64_t>{2, 1});
  CHECK(arrays[2].data == std::vector<float>{1});
  CHECK((arrays[0].stored == "F16" && arrays[1].stored == "BF16" && arrays[2].stored == "F32"));
}

TEST_CASE("safetensors: a caller's mistakes are refused before anything is written") {
  ScratchFolder folder;
  CHECK_THROWS_AS(write_safetensors(folder / "w", {{"a", {3}, {1, 2}}}), std::logic_error);
  CHECK_THROWS_AS(write_safetensors(folder / "w", {{"a", {1}, {1}}, {"a", {1}, {2}}}), std::logic_error);
  CHECK_THROWS_AS(write_safetensors(folder / "w", {{"__metadata__", {1}, {1}}}), std::logic_error);
  CHECK(folder.entries() == 0);
}

TEST_CASE("safetensors: a file that is cut short at any byte, or too long, is refused") {
  const std::string whole = file_of("{" + entry("a", "[2]", "[0, 8]") + "}", 8);
  for (size_t length = 0; length < whole.size(); ++length) {
    CAPTURE(length);
    CHECK(error_from(whole.substr(0, length)) != "no error");
  }
  CHECK(error_from(whole) == "no error");
  const std::string not_whole = ": it is not a safetensors file, or was cut short; download it again";
  CHECK(contains(error_from(whole.substr(0, 5)), "has only 5 bytes" + not_whole));
  CHECK(contains(error_from(std::string(5'000, '\0')), "begins with zeros, not with a header" + not_whole));
  CHECK(contains(error_from(whole.substr(0, 20)),
                 text(" ends ", whole.size() - 28, " bytes early, within its header: download it again")));
  CHECK(contains(error_from(whole.substr(0, whole.size() - 1)), " ends 1 bytes early: download it again"));
  CHECK(contains(error_from(whole.substr(0, whole.size() - 8)), " ends 8 bytes early: download it again"));
  CHECK(contains(error_from(whole + "x"), "the last tensor ends at byte 8 of the data, the file at byte 9"));
}

TEST_CASE("safetensors: other files and hostile header lengths are refused") {
  CHECK(contains(error_from("\x89HDF\r\n\x1A\n" + std::string(100, 'x')), "it is not a safetensors file"));
  for (const uint64_t length : {uint64_t(1) << 63, UINT64_MAX, uint64_t(17)}) {
    std::string bytes(24, ' ');
    std::memcpy(bytes.data(), &length, sizeof length);
    CHECK(contains(error_from(bytes), text("claims a header of ", length, " bytes, but only 16 follow")));
  }
  CHECK(contains(error_from(file_of("", 0)), "begins with zeros, not with a header"));
  CHECK(contains(error_from(file_of("x", 0)), "header: not valid JSON at byte 0"));
  CHECK(contains(error_from(file_of("[]", 0)), "header must be a JSON object"));
  CHECK(contains(error_from(file_of(std::string(100'000, '['), 0)), "more than 64 levels"));
  CHECK(contains(error_from(file_of("{} x", 0)), "more text after the value"));
}

TEST_CASE("safetensors: a header over 16 MB is refused without reading it") {
  ScratchFolder folder;
  folder.put("w", std::string("\x01\x24\xF4\0\0\0\0\0", 8));   // 16,000,001
  std::filesystem::resize_file(folder / "w", 8 + 16'000'001);  // takes no room on the disk
  std::string error;
  CHECK(peak_of_allocations([&] { error = error_of([&] { read_safetensors(folder / "w"); }); }) < 100'000);
  CHECK(contains(error, "has a header of 16000001 bytes, at most 16000000 are allowed"));
}

// The headers that need the most memory: many short members, many tensors, one long name.
TEST_CASE("safetensors: a header takes at most 100 bytes of memory for each of its bytes") {
  ScratchFolder folder;
  std::string metadata = "\"__metadata__\": {\"x\": \"\"", tensors = entry("x", "[0]", "[0, 0]");
  for (int i = 0; i < 200'000; ++i) metadata += text(",\"", i, "\":\"\"");
  for (int i = 0; i < 70'000; ++i) tensors += "," + entry(text(i), "[0]", "[0,0]");
  for (const std::string& members :
       {metadata + "}", tensors, entry(std::string(15'000'000, 'a'), "[0]", "[0,0]"),
        "\"__metadata__\": {\"x\": \"" + std::string(15'000'000, 'a') + "\"}"}) {
    folder.put("w", file_of("{" + members + "}", 0));
    const auto bytes = int64_t(members.size());
    const int64_t peak = peak_of_allocations([&] { read_safetensors(folder / "w"); });
    INFO(members.substr(0, 30), ": ", bytes, " bytes, ", peak, " of memory");
    CHECK(peak > bytes);
    CHECK(peak <= 100 * bytes);
    CHECK(peak <= 8 * bytes + 120'000'000);
  }
}

TEST_CASE("safetensors: a message shows names and shapes escaped and shortened") {
  const std::string shape = "[1" + repeated(", 1", 4999) + "]";
  const std::string error = error_from(entry(std::string(5000, 'n'), shape, "[0, 8]"), 8);
  CHECK(contains(error, ": tensor \"" + std::string(60, 'n') +
                            "...\" (4940 more) has shape "
                            "(1, 1, 1, 1, 1, 1, 1, 1, ... 4992 more) of F32"));
  CHECK(contains(error_from(entry("a", "[1]", "[0, 4]", std::string(5000, 'F')), 4),
                 "...\" (4940 more), only F32, F16 and BF16 are read"));
}

TEST_CASE("safetensors: tensors that overlap or leave holes are refused") {
  const auto two = [](const char* first, const char* second) {
    return entry("a", "[2]", first) + ", " + entry("b", "[2]", second);
  };
  CHECK(error_from(two("[0, 8]", "[8, 16]"), 16) == "no error");
  CHECK(contains(error_from(two("[0, 8]", "[4, 12]"), 12),
                 "tensor \"b\" begins at byte 4 of the data, expected 8"));
  CHECK(contains(error_from(two("[0, 8]", "[0, 8]"), 8), "must not overlap"));
  CHECK(contains(error_from(two("[0, 8]", "[12, 20]"), 20),
                 "tensor \"b\" begins at byte 12 of the data, expected 8"));
  CHECK(contains(error_from(two("[4, 12]", "[12, 20]"), 20),
                 "tensor \"a\" begins at byte 4 of the data, expected 0"));
  CHECK(contains(error_from(entry("e", "[0]", "[4, 4]") + "," + entry("a", "[2]", "[0, 8]"), 8), "holes"));
}

TEST_CASE("safetensors: shapes and offsets that do not match are refused") {
  CHECK(contains(error_from(entry("a", "[3]", "[0, 8]"), 8),
                 "tensor \"a\" has shape (3,) of F32, which does not match its 8 bytes of data"));
  CHECK(contains(error_from(entry("a", "[]", "[0, 8]"), 8), "has shape () of F32"));
  CHECK(contains(error_from(entry("a", "[1]", "[0, 0]"), 0), "does not match its 0 bytes of data"));
  // These products wrap to 0 or 8 in 64 bits.
  CHECK(contains(error_from(entry("a", "[4611686018427387904]", "[0, 0]"), 0), "does not match"));
  CHECK(contains(error_from(entry("a", "[4294967296, 4294967296]", "[0, 0]"), 0), "does not match"));
  CHECK(contains(error_from(entry("a", "[2, 6148914691236517205, 3]", "[0, 8]"), 8), "does not match"));
  CHECK(contains(error_from(entry("a", "[4294967296, 4294967296, 0]", "[0, 0]"), 0), "does not match"));
  CHECK(contains(error_from(entry("a", "[-2]", "[0, 8]"), 8), "found -2"));
  CHECK(contains(error_from(entry("a", "[1e0]", "[0, 4]"), 4), "found 1.0"));
  CHECK(contains(error_from(entry("a", "2", "[0, 8]"), 8), "must be a list"));
  CHECK(contains(error_from(entry("a", "[2]", "[8, 0]"), 8), "begin <= end"));
  CHECK(contains(error_from(entry("a", "[2]", "[0]"), 8), "begin <= end"));
  CHECK(contains(error_from(entry("a", "[2]", "[0, 8, 8]"), 8), "begin <= end"));
  CHECK(contains(error_from(entry("a", "[2]", "[0, 9223372036854775808]"), 8),
                 "a whole number from 0 to 9223372036854775807"));
  CHECK(contains(error_from(entry("a", "[2]", "[-8, 0]"), 8), "found -8"));
}

TEST_CASE("safetensors: other types, missing members, duplicates and bad metadata are refused") {
  CHECK(contains(error_from(entry("a", "[2]", "[0, 2]", "F8_E4M3"), 2),
                 "tensor \"a\" is of type \"F8_E4M3\", only F32, F16 and BF16 are read"));
  CHECK(contains(error_from(entry("a", "[2]", "[0, 8]", "F16"), 8),
                 "tensor \"a\" has shape (2,) of F16, which does not match its 8 bytes of data"));
  CHECK(contains(error_from("\"a\": {\"shape\": [1], \"data_offsets\": [0, 4]}", 4), "\"dtype\" is missing"));
  CHECK(contains(error_from("\"a\": {\"dtype\": \"F32\", \"data_offsets\": [0, 4]}", 4),
                 "\"shape\" is missing"));
  CHECK(
      contains(error_from("\"a\": {\"dtype\": \"F32\", \"shape\": [1]}", 4), "\"data_offsets\" is missing"));
  CHECK(contains(error_from("\"a\": 7", 0), "must be a JSON object"));
  // Control characters in a file's names must not reach the terminal.
  CHECK(contains(error_from(entry("\\u001b[2J", "[2]", "[0, 4]"), 4), "tensor \"\\u001b[2J\" has shape"));
  CHECK(contains(error_from(entry("a", "[0]", "[0, 0]") + "," + entry("a", "[0]", "[0, 0]"), 0),
                 "appears twice"));
  CHECK(error_from("\"__metadata__\": {\"format\": \"pt\"}", 0) == "no error");
  CHECK(error_from("\"__metadata__\": null", 0) == "no error");
  CHECK(contains(error_from("\"__metadata__\": {\"step\": 7}", 0), "\"step\" must be a string, found 7"));
}

}  // namespace ddpm::test
