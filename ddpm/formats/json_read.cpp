// Implements parse_json and read_json (ddpm/formats/json.h): a recursive-descent parser for RFC 8259.
// Checked by: tests/ddpm/formats/test_json.cpp.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>

#include "ddpm/formats/file.h"
#include "ddpm/formats/json.h"
#include "ddpm/formats/quote.h"
#include "ddpm/formats/recognize.h"
#include "ddpm/formats/utf8.h"
#include "kernels/types.h"

namespace ddpm {

namespace {

constexpr int max_depth = 64;
constexpr int max_values = 500'000;
constexpr int64_t max_config_bytes = 1 << 20;  // of a configuration file

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Appends the character with code point `code` to `out`, encoded as UTF-8.
void append_utf8(std::string& out, uint32_t code) {
  const auto last6 = [](uint32_t bits) { return char(0x80 | (bits & 0x3F)); };
  if (code < 0x80) {
    out += char(code);
  } else if (code < 0x800) {
    out += {char(0xC0 | code >> 6), last6(code)};
  } else if (code < 0x10000) {
    out += {char(0xE0 | code >> 12), last6(code >> 6), last6(code)};
  } else {
    out += {char(0xF0 | code >> 18), last6(code >> 12), last6(code >> 6), last6(code)};
  }
}

class Parser {
 public:
  Parser(std::string_view text, const std::string& what) : text_(text), what_(what) {}

  Json document() {
    const size_t valid = utf8_prefix(text_);
    if (valid < text_.size()) error_at(valid, "invalid UTF-8");
    Json result = value(1);
    skip_space();
    if (at_ < text_.size()) error("more text after the value");
    return result;
  }

 private:
  template <typename... Parts>
  [[noreturn]] void error_at(size_t offset, const Parts&... parts) const {
    fail(what_, ": not valid JSON at byte ", offset, ": ", parts...);
  }
  template <typename... Parts>
  [[noreturn]] void error(const Parts&... parts) const {
    error_at(at_, parts...);
  }

  // Returns the next character, or 0 at the end of the text. A 0 within the text is always an error.
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  bool take(char c) {
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  void expect(char c) {
    if (!take(c)) error("expected ", c);
  }

  void skip_space() {
    while (peek() == ' ' || peek() == '\n' || peek() == '\r' || peek() == '\t') ++at_;
  }

  Json value(int depth) {
    skip_space();
    if (depth > max_depth) error("more than ", max_depth, " levels of nesting");
    if (++values_ > max_values) error("more than ", max_values, " values");
    switch (peek()) {
      case '{': return object(depth);
      case '[': return array(depth);
      case '"': return string();
      case 't': return word("true", true);
      case 'f': return word("false", false);
      case 'n': return word("null", nullptr);
      // Python's names of what JSON has no number for (json.h).
      case 'N': return word("NaN", "NaN");
      case 'I': return word("Infinity", "Infinity");
      case '-':
        if (text_.substr(at_ + 1, 1) == "I") return word("-Infinity", "-Infinity");
    }
    if (peek() == '-' || is_digit(peek())) return number();
    error("expected a value");
  }

  Json word(std::string_view spelling, Json meaning) {
    if (text_.substr(at_, spelling.size()) != spelling) error("expected ", spelling);
    at_ += spelling.size();
    return meaning;
  }

  Json array(int depth) {
    JsonArray elements;
    expect('[');
    skip_space();
    if (take(']')) return elements;
    do {
      elements.push_back(value(depth + 1));
      skip_space();
    } while (take(','));
    if (!take(']')) error("expected , or ]");
    return elements;
  }

  Json object(int depth) {
    JsonObject members;
    const size_t start = at_;
    expect('{');
    skip_space();
    if (take('}')) return members;
    do {
      skip_space();
      if (peek() != '"') error("expected a key in double quotes");
      std::string key = string();
      skip_space();
      expect(':');
      members.emplace_back(std::move(key), value(depth + 1));
      skip_space();
    } while (take(','));
    if (!take('}')) error("expected , or }");
    refuse_duplicates(members, start);
    return members;
  }

  void refuse_duplicates(const JsonObject& members, size_t start) const {
    std::vector<std::string_view> keys;
    for (const auto& [key, value] : members) keys.push_back(key);
    std::sort(keys.begin(), keys.end());
    const auto twice = std::adjacent_find(keys.begin(), keys.end());
    if (twice != keys.end()) error_at(start, "the key ", quote(*twice), " appears twice in this object");
  }

  void digits() {
    if (!is_digit(peek())) error("expected a digit");
    while (is_digit(peek())) ++at_;
  }

  Json number() {
    const size_t start = at_;
    bool whole = true;
    take('-');
    if (!take('0')) digits();
    if (take('.')) whole = false, digits();
    if (take('e') || take('E')) {
      whole = false;
      if (!take('+')) take('-');
      digits();
    }
    const std::string token(text_.substr(start, at_ - start));
    int64_t integer = 0;
    // -0 becomes a double, because int64_t has no negative zero.
    if (whole && token != "-0" &&
        std::from_chars(token.data(), token.data() + token.size(), integer).ec == std::errc())
      return integer;
    // Uses strtod because macOS has no std::from_chars for double. The lines above have checked the
    // grammar, which is stricter than strtod's.
    const double number = std::strtod(token.c_str(), nullptr);
    if (!std::isfinite(number)) error_at(start, "a number too large for a double");
    return number;
  }

  std::string string() {
    expect('"');
    std::string out;
    while (!take('"')) {
      if (at_ >= text_.size()) error("the text ends within a string");
      if (static_cast<unsigned char>(peek()) < 0x20) error("a control character within a string");
      if (take('\\'))
        escape(out);
      else
        out += text_[at_++];
    }
    return out;
  }

  // Reads the rest of an escape sequence, after the backslash. Appends its character to `out`.
  void escape(std::string& out) {
    constexpr std::string_view letters = "\"\\/bfnrt", meanings = "\"\\/\b\f\n\r\t";
    if (take('u')) return append_utf8(out, code_point());
    const size_t which = letters.find(peek());
    if (which == letters.npos) error("an unknown escape in a string");
    out += meanings[which];
    ++at_;
  }

  // Reads the rest of a \u escape, after the u, and returns its code point. Code points above U+FFFF
  // are written as a surrogate pair: two \u escapes in a row.
  uint32_t code_point() {
    const size_t start = at_ - 2;
    const uint32_t first = hex4();
    if (first < 0xD800 || first > 0xDFFF) return first;
    if (first > 0xDBFF || !take('\\') || !take('u')) error_at(start, "a lone surrogate");
    const uint32_t second = hex4();
    if (second < 0xDC00 || second > 0xDFFF) error_at(start, "a lone surrogate");
    return 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00);
  }

  uint32_t hex4() {
    uint32_t code = 0;
    const char* begin = text_.data() + at_;
    const char* end = begin + std::min<size_t>(4, text_.size() - at_);
    const auto parsed = std::from_chars(begin, end, code, 16);
    if (parsed.ec != std::errc() || parsed.ptr != begin + 4) error("expected four hexadecimal digits");
    at_ += 4;
    return code;
  }

  std::string_view text_;
  const std::string& what_;
  size_t at_ = 0;
  int values_ = 0;
};

}  // namespace

Json parse_json(std::string_view text, const std::string& what) { return Parser(text, what).document(); }

Json read_json(const std::string& path) {
  refuse_other_kinds(path);
  return parse_json(read_file(path, max_config_bytes), path);
}

}  // namespace ddpm
