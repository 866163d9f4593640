// Implements write_json (ddpm/formats/json.h).
// Checked by: tests/ddpm/formats/test_json.cpp.
#include <charconv>
#include <cmath>

#include "ddpm/formats/json.h"
#include "ddpm/formats/quote.h"
#include "ddpm/formats/utf8.h"
#include "kernels/types.h"

namespace ddpm {

namespace {

class Writer {
 public:
  explicit Writer(int indent) : indent_(indent) {}

  std::string document(const Json& value) {
    std::visit(*this, value.value);
    return indent_ > 0 ? out_ + "\n" : out_;
  }

  void operator()(std::nullptr_t) { out_ += "null"; }
  void operator()(bool b) { out_ += b ? "true" : "false"; }
  void operator()(int64_t i) { out_ += std::to_string(i); }

  void operator()(double d) {
    ENSURE(std::isfinite(d), "JSON has no ", d);
    char digits[32];
    const std::string number(digits, std::to_chars(digits, digits + sizeof digits, d).ptr);
    out_ += number;
    // Without ".0", parse_json would read 3 as an integer. It reads -0 as a double.
    if (number.find_first_of(".e") == number.npos && number != "-0") out_ += ".0";
  }

  void operator()(const std::string& s) {
    if (utf8_prefix(s) < s.size()) fail("cannot write ", quote(s), " as JSON: it is not UTF-8; rename it");
    out_ += '"';
    for (const char c : s) character(c);
    out_ += '"';
  }

  void operator()(const JsonArray& elements) {
    list('[', elements, ']', [&](const Json& element) { std::visit(*this, element.value); });
  }

  void operator()(const JsonObject& members) {
    list('{', members, '}', [&](const std::pair<std::string, Json>& member) {
      (*this)(member.first);
      out_ += ": ";
      std::visit(*this, member.second.value);
    });
  }

 private:
  void character(char c) {
    constexpr std::string_view plain = "\"\\\b\f\n\r\t", letters = "\"\\bfnrt", hex = "0123456789abcdef";
    const size_t which = plain.find(c);
    if (which != plain.npos)
      (out_ += '\\') += letters[which];
    else if (static_cast<unsigned char>(c) < 0x20)
      ((out_ += "\\u00") += hex[c >> 4]) += hex[c & 15];
    else
      out_ += c;
  }

  template <typename Items, typename WriteItem>
  void list(char open, const Items& items, char close, WriteItem write_item) {
    out_ += open;
    ++level_;
    for (size_t i = 0; i < items.size(); ++i) {
      if (i > 0) out_ += indent_ > 0 ? "," : ", ";
      new_line();
      write_item(items[i]);
    }
    --level_;
    if (!items.empty()) new_line();
    out_ += close;
  }

  void new_line() {
    if (indent_ > 0) (out_ += '\n').append(size_t(indent_ * level_), ' ');
  }

  int indent_, level_ = 0;
  std::string out_;
};

}  // namespace

std::string write_json(const Json& value, int indent) { return Writer(indent).document(value); }

}  // namespace ddpm
