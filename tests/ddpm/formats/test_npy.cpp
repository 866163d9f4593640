// Checks .npy files (ddpm/formats/npy.h): the bytes that are written, the three versions of the format, and
// refusal of every kind of damaged or other file.
#include <doctest/doctest.h>

#include <cmath>
#include <cstring>

#include "ddpm/formats/file.h"
#include "ddpm/formats/npy.h"
#include "tests/support/repeated.h"
#include "tests/support/scratch.h"

namespace ddpm::test {

namespace {

// Returns a file's bytes: magic, version, length of the header in 2 or 4 bytes, header, data.
std::string file_of(const std::string& header, size_t data_bytes, int major = 1) {
  std::string bytes = std::string("\x93NUMPY") + char(major) + '\0';
  for (int i = 0; i < (major == 1 ? 2 : 4); ++i) bytes += char(header.size() >> 8 * i);
  return bytes + header + std::string(data_bytes, '\0');
}

// Returns a header with this shape.
std::string header_of(const std::string& shape, const std::string& descr = "'<f4'",
                      const std::string& fortran = "False") {
  return "{'descr': " + descr + ", 'fortran_order': " + fortran + ", 'shape': " + shape + ", }\n";
}

Npy read_bytes(const std::string& bytes) {
  ScratchFolder folder;
  return read_npy(folder.put("x.npy", bytes));
}

std::string error_from(const std::string& bytes) {
  return error_of([&] { read_bytes(bytes); });
}

}  // namespace

TEST_CASE("npy: arrays are read as they were written") {
  ScratchFolder folder;
  const std::vector<float> data{1, -2, 0.1f, 1e-42f, INFINITY, NAN};
  for (const std::vector<int64_t>& shape : {std::vector<int64_t>{6}, {2, 3}, {1, 6, 1, 1}}) {
    write_npy(folder / "x", shape, data);
    const Npy back = read_npy(folder / "x");
    CHECK(back.shape == shape);
    REQUIRE(back.data.size() == data.size());
    CHECK(std::memcmp(back.data.data(), data.data(), 4 * data.size()) == 0);
  }
  write_npy(folder / "x", {}, std::vector<float>{7});
  CHECK((read_npy(folder / "x").shape.empty() && read_npy(folder / "x").data[0] == 7));
  write_npy(folder / "x", {2, 0}, {});
  CHECK((read_npy(folder / "x").shape == std::vector<int64_t>{2, 0}));
  CHECK_THROWS_AS(write_npy(folder / "x", {4}, data), std::logic_error);
}

TEST_CASE("npy: is written byte for byte as by numpy.save") {
  ScratchFolder folder;
  write_npy(folder / "x", {2, 1}, std::vector<float>{1, 2});
  std::string header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 1), }";
  header += std::string(128 - 10 - 1 - header.size(), ' ') + '\n';
  CHECK(read_file(folder / "x", 1000) == file_of(header, 0) + std::string("\0\0\x80\x3F\0\0\0\x40", 8));
  // A long shape moves the data to the next multiple of 64 bytes.
  write_npy(folder / "x", std::vector<int64_t>(40, 1), std::vector<float>{1});
  CHECK(read_file(folder / "x", 1000).size() == 192 + 4);
}

TEST_CASE("npy: headers of all versions and spellings are read") {
  for (const int major : {1, 2, 3})
    CHECK((read_bytes(file_of(header_of("(2, 1)"), 8, major)).shape == std::vector<int64_t>{2, 1}));
  for (const char* header : {"{\"shape\":(3,),\"fortran_order\":False,\"descr\":\"<f4\"}",
                             "{ 'shape' : ( 3 , 1 , ) , 'descr' : '<f4', 'fortran_order': False }  "})
    CHECK(read_bytes(file_of(header, 12)).data.size() == 3);
  CHECK(read_bytes(file_of(header_of("()"), 4)).shape.empty());
}

TEST_CASE("npy: other number types and orders are refused with a sentence that says what to do") {
  const std::string advice = "numpy.save(path, numpy.ascontiguousarray(x, dtype='<f4'))";
  for (const char* descr : {"<f8", ">f4", "|O", "|u1", "<i8", "<f2", "float32"}) {
    const std::string error = error_from(file_of(header_of("(2,)", "'" + std::string(descr) + "'"), 16));
    CHECK(contains(error, "holds numbers of type \"" + std::string(descr) + "\""));
    CHECK(contains(error, advice));
  }
  const std::string structured = error_from(file_of(header_of("(2,)", "[('a', '<f4')]"), 8));
  CHECK((contains(structured, "a structured array") && contains(structured, advice)));
  const std::string fortran = error_from(file_of(header_of("(2, 2)", "'<f4'", "True"), 16));
  CHECK((contains(fortran, "an array in Fortran order") && contains(fortran, advice)));
}

TEST_CASE("npy: a message shows a long type or shape shortened") {
  const std::string type = error_from(file_of(header_of("(2,)", "'" + std::string(5000, 'f') + "'"), 8));
  CHECK(contains(type, "numbers of type \"" + std::string(60, 'f') + "...\" (4940 more)"));
  CHECK(contains(error_from(file_of(header_of("(1" + repeated(", 1", 4999) + ")"), 8)),
                 "has shape (1, 1, 1, 1, 1, 1, 1, 1, ... 4992 more) but 8 bytes of data"));
}

TEST_CASE("npy: a file that is cut short at any byte, or too long, is refused") {
  const std::string whole = file_of(header_of("(2,)"), 8);
  for (size_t length = 0; length < whole.size(); ++length) {
    CAPTURE(length);
    CHECK(error_from(whole.substr(0, length)) != "no error");
  }
  CHECK(error_from(whole) == "no error");
  CHECK(contains(error_from(whole + "x"), "has shape (2,) but 9 bytes of data"));
  CHECK(contains(error_from(whole.substr(0, whole.size() - 4)), "has shape (2,) but 4 bytes of data"));
  CHECK(contains(error_from(whole.substr(0, 30)), "ends within its header"));
}

TEST_CASE("npy: files that are not npy, other versions and long headers are refused") {
  CHECK(contains(error_from("\x89HDF\r\n\x1A\n" + std::string(100, 'x')), "is not a .npy file"));
  CHECK(contains(error_from("PK\x03\x04" + std::string(100, 'x')), "is a zip archive"));
  CHECK(contains(error_from("\x93NUM"), "has only 4 bytes"));
  CHECK(contains(error_from(file_of(header_of("(2,)"), 8, 4)), ".npy version 4.0"));
  CHECK(contains(error_from(file_of(header_of("(2,)"), 8, 0)), ".npy version 0.0"));
  const std::string huge = std::string("\x93NUMPY\x02\0\xFF\xFF\xFF\xFF", 12) + std::string(100, ' ');
  CHECK(contains(error_from(huge), "claims a header of 4294967295 bytes, expected at most 65535"));
}

TEST_CASE("npy: headers that are not exactly the dictionary are refused") {
  const std::string rest = "'descr': '<f4', 'fortran_order': False";
  for (const std::string& header :
       {std::string(""), std::string("{}"), std::string("[]"), "{" + rest + "}",
        "{" + rest + ", 'shape': (2,)", "{" + rest + " 'shape': (2,)}", "{" + rest + ", 'shape' (2,)}",
        "{" + rest + ", shape: (2,)}", "{" + rest + ", 'shape': (2,), 'x': 1}",
        "{" + rest + ", 'shape': (2,), 'shape': (2,)}", "{" + rest + ", 'shape': (2,),, }",
        "{" + rest + ", 'shape': (2,)} x", "{" + rest + std::string(", 'shape': (2,)}\0", 17),
        "{" + rest + ", 'shape: (2,)}", "{" + rest + ", \"shape': (2,)}", "{" + rest + ", 'sha\\x70e': (2,)}",
        header_of("(2,)", "'<f4'", "false"), header_of("(2,)", "'<f4'", "0"), header_of("(2,)", "<f4")}) {
    CAPTURE(header);
    CHECK(contains(error_from(file_of(header, 8)), "the .npy header is damaged at byte"));
  }
}

TEST_CASE("npy: shapes that are malformed or overflow are refused") {
  for (const char* shape :
       {"2", "[2]", "(2)", "(,)", "(2,,)", "(2", "(-2,)", "(+2,)", "(2.0,)", "(2L,)", "(02,)", "(0x2,)",
        "(2 1)", "('2',)", "(9223372036854775808,)", "(-0,)", "(True,)"}) {
    CAPTURE(shape);
    CHECK(contains(error_from(file_of(header_of(shape), 8)), "the .npy header is damaged"));
  }
  // These products wrap to 0 or 8 in 64 bits.
  CHECK(contains(error_from(file_of(header_of("(4611686018427387904,)"), 0)), "but 0 bytes of data"));
  CHECK(contains(error_from(file_of(header_of("(4294967296, 4294967296)"), 0)), "but 0 bytes of data"));
  CHECK(contains(error_from(file_of(header_of("(2, 6148914691236517205, 3)"), 8)), "but 8 bytes of data"));
}

}  // namespace ddpm::test
