// See ddpm/formats/npy.h. Checked by: tests/ddpm/formats/test_npy.cpp.
#include "ddpm/formats/npy.h"

#include <charconv>
#include <cstring>
#include <set>

#include "ddpm/formats/file.h"
#include "ddpm/formats/quote.h"
#include "ddpm/formats/recognize.h"
#include "ddpm/formats/shape.h"
#include "kernels/types.h"

namespace ddpm {

namespace {

constexpr std::string_view magic = "\x93NUMPY";
constexpr uint32_t max_npy_header = 65'535;  // bytes; version 1 cannot store more

[[noreturn]] void unsupported(const std::string& path, const std::string& found) {
  fail(path, " holds ", found, ", expected '<f4' in C order; convert it in Python with ",
       "numpy.save(path, numpy.ascontiguousarray(x, dtype='<f4'))");
}

// Parser for the header: a Python dictionary with exactly the keys descr, fortran_order and shape.
class HeaderParser {
 public:
  HeaderParser(std::string_view header, const std::string& path) : text_(header), path_(path) {}

  NpyHeader parse() {
    std::set<std::string_view> seen;
    expect('{');
    while (!take('}')) {
      const std::string_view key = string();
      if (!seen.insert(key).second) error("a key appears twice");
      expect(':');
      member(key);
      if (take('}')) break;
      expect(',');
    }
    if (seen.size() != 3) error("descr, fortran_order or shape is missing");
    skip_space();
    if (at_ < text_.size()) error("more text after the dictionary");
    return header_;
  }

 private:
  [[noreturn]] void error(const std::string& why) const {
    fail(path_, ": the .npy header is damaged at byte ", at_, ": ", why);
  }

  void member(std::string_view key) {
    if (key == "descr") {
      if (peek() == '[') unsupported(path_, "a structured array");
      header_.type = string();
    } else if (key == "fortran_order") {
      header_.fortran = take_word("True");
      if (!header_.fortran && !take_word("False")) error("expected True or False");
    } else if (key == "shape") {
      header_.shape = tuple();
    } else {
      error("an unknown key");
    }
  }

  void skip_space() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n')) ++at_;
  }

  // Skips spaces and newlines. Returns the next character, or 0 at the end of the header.
  char peek() {
    skip_space();
    return at_ < text_.size() ? text_[at_] : '\0';
  }

  bool take(char c) {
    const bool found = peek() == c;
    at_ += found;
    return found;
  }

  bool take_word(std::string_view word) {
    skip_space();
    const bool found = text_.substr(at_, word.size()) == word;
    if (found) at_ += word.size();
    return found;
  }

  void expect(char c) {
    if (!take(c)) error(std::string("expected ") + c);
  }

  // Reads a quoted string and returns the text between the quotes. Throws Error if it contains an
  // escape or a character that is not printable ASCII.
  std::string_view string() {
    const char quote = peek();
    if (quote != '\'' && quote != '"') error("expected a string");
    const size_t start = ++at_;
    const size_t end = text_.find(quote, start);
    if (end == text_.npos) error("an unterminated string");
    const std::string_view inside = text_.substr(start, end - start);
    for (const char c : inside)
      if (c < ' ' || c > '~' || c == '\\') error("a string with escapes or non-ASCII characters");
    at_ = end + 1;
    return inside;
  }

  // Reads a tuple of lengths, such as (), (5,), (2, 3) or (2, 3,).
  std::vector<int64_t> tuple() {
    std::vector<int64_t> lengths;
    expect('(');
    while (!take(')')) {
      lengths.push_back(length());
      const bool comma = take(',');
      if (!comma && (lengths.size() == 1 || peek() != ')')) error("expected ,");
    }
    return lengths;
  }

  int64_t length() {
    skip_space();
    int64_t value = 0;
    const char* begin = text_.data() + at_;
    const auto parsed = std::from_chars(begin, text_.data() + text_.size(), value);
    const auto digits = parsed.ptr - begin;
    if (parsed.ec != std::errc() || value < 0 || (*begin == '0' && digits > 1) || *begin == '-')
      error("expected a length");
    at_ += size_t(digits);
    return value;
  }

  std::string_view text_;
  const std::string& path_;
  size_t at_ = 0;
  NpyHeader header_;
};

// Reads the file up to its data. Returns the header: the text of the dictionary.
std::string read_dictionary(InputFile& file, const std::string& path) {
  constexpr int64_t version_end = 8;
  unsigned char start[version_end];
  const std::string python = "write its array in Python with  numpy.save(\"x.npy\", x.astype(\"<f4\"))";
  if (file.left() < version_end + 4) {
    refuse_other_kinds(path, python);
    fail(path, " has only ", file.left(), " bytes: it is not a .npy file");
  }
  file.read(start, version_end);
  if (std::memcmp(start, magic.data(), magic.size()) != 0) {
    refuse_other_kinds(path, python);
    fail(path, " is not a .npy file: it does not begin with \\x93NUMPY");
  }
  const int major = start[6], minor = start[7];
  if (major < 1 || major > 3 || minor != 0)
    fail(path, " is .npy version ", major, ".", minor, ", expected 1.0, 2.0 or 3.0");

  const int64_t length_bytes = major == 1 ? 2 : 4;
  uint32_t length = 0;
  file.read(&length, length_bytes);
  if (length > max_npy_header)
    fail(path, " claims a header of ", length, " bytes, expected at most ", max_npy_header);
  if (length > file.left()) fail(path, " ends within its header: it was cut short; copy it again");
  std::string header(length, '\0');
  file.read(header.data(), length);
  return header;
}

}  // namespace

NpyHeader read_npy_header(InputFile& file, const std::string& path) {
  const std::string dictionary = read_dictionary(file, path);
  return HeaderParser(dictionary, path).parse();
}

Npy read_npy(const std::string& path) {
  InputFile file(path);
  const NpyHeader header = read_npy_header(file, path);
  if (header.type != "<f4") unsupported(path, text("numbers of type ", quote(header.type)));
  if (header.fortran) unsupported(path, "an array in Fortran order");
  Npy array{header.shape, {}};

  const std::optional<int64_t> bytes = byte_count(array.shape);
  if (bytes != file.left())
    fail(path, " has shape ", shape_text(array.shape), " but ", file.left(),
         " bytes of data: it was cut short or damaged; copy it again");
  array.data.resize(size_t(*bytes) / sizeof(float));
  file.read(array.data.data(), *bytes);
  return array;
}

// Magic, version 1.0, header length and header. Pads the header with spaces so that the data start at a
// multiple of 64 bytes.
std::string npy_header(const std::vector<int64_t>& shape) {
  std::string dictionary =
      "{'descr': '<f4', 'fortran_order': False, 'shape': " + shape_text(shape, shape.size()) + ", }";
  const size_t prefix = magic.size() + 4;
  const size_t total = (prefix + dictionary.size() + 1 + 63) / 64 * 64;
  dictionary.resize(total - prefix - 1, ' ');
  dictionary += '\n';
  ENSURE(dictionary.size() <= max_npy_header, shape_text(shape));
  std::string header(magic);
  header += {'\x01', '\x00', char(dictionary.size() & 255), char(dictionary.size() >> 8)};
  return header + dictionary;
}

void write_npy(const std::string& path, const std::vector<int64_t>& shape, std::span<const float> data,
               Existing existing) {
  const std::string_view bytes = bytes_of(data);
  ENSURE(byte_count(shape) == int64_t(bytes.size()), shape_text(shape), " ", data.size());
  const std::string header = npy_header(shape);
  write_file_parts(path, {header, bytes}, existing);
}

}  // namespace ddpm
