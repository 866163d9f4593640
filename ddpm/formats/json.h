// JSON (RFC 8259): value type, strict parser, writer, and typed access to the members of an object.
// diffusers' config files and the header of safetensors files are JSON.
// The parser rejects everything that the RFC does not allow, but for Python's NaN, Infinity and -Infinity:
// they become strings, which are refused wherever a number is wanted. It also rejects duplicate keys, lone
// surrogates, invalid UTF-8, numbers too large for double, more than 64 nested levels and more than 500,000
// values.
// Memory: parsing takes at most 64 bytes for each byte of the text. Of a long text it takes at most 4 bytes
// for each byte and 120 MB, because of the limit on values.
// Checked by: tests/ddpm/formats/test_json.cpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace ddpm {

struct Json;
using JsonArray = std::vector<Json>;
using JsonObject = std::vector<std::pair<std::string, Json>>;  // members in the order of the text

// A JSON value. An integer that fits into int64_t is stored as int64_t, without loss of digits.
// Every other number is stored as double: fractions, exponents, larger integers, and -0.
// Example of an object: JsonObject{{"T", 1000}, {"beta", 1e-4}, {"trained_betas", nullptr}}
struct Json {
  std::variant<std::nullptr_t, bool, int64_t, double, std::string, JsonArray, JsonObject> value;

  Json(std::nullptr_t = nullptr) : value(nullptr) {}
  Json(bool b) : value(b) {}
  Json(int i) : value(int64_t(i)) {}
  Json(int64_t i) : value(i) {}
  Json(double d) : value(d) {}
  Json(const char* s) : value(std::string(s)) {}
  Json(std::string s) : value(std::move(s)) {}
  Json(JsonArray a) : value(std::move(a)) {}
  Json(JsonObject o) : value(std::move(o)) {}

  bool operator==(const Json&) const = default;
};

// Parses `text`, which must hold exactly one JSON value. Throws Error for invalid JSON. The message
// starts with `what` (for example, the path) and states the byte offset.
Json parse_json(std::string_view text, const std::string& what);

// Reads a configuration file, which is JSON of at most 1 MiB. Throws Error with the path if the file cannot
// be read, is larger, is of another kind (ddpm/formats/recognize.h) or is not valid JSON.
Json read_json(const std::string& path);

// Returns `value` as JSON text, with each number in its shortest exact form. parse_json reads the text
// back as an equal value, if `value` has no duplicate keys and at most 64 nested levels.
// indent > 0: writes one member per line, `indent` spaces per level, and a newline at the end.
// indent = 0: writes everything on one line, without a newline at the end.
// Throws Error if a string is not UTF-8, and std::logic_error if a number is not finite.
std::string write_json(const Json& value, int indent = 2);

// Returns the value as a message shows it: a string by quote() (ddpm/formats/quote.h), anything else as JSON,
// shortened to 60 bytes.
std::string brief(const Json& value);

// Typed access to the members of one JSON object.
// Every Error states `what` (for example, the path), the key, and the value found.
// If a key is absent, the functions with a `fallback` return it. A key with the value null is present.
class JsonFields {
 public:
  // Throws Error if `object` is not a JSON object.
  JsonFields(Json object, std::string what);

  // Returns all members, in the order of the text.
  const JsonObject& members() const { return std::get<JsonObject>(object_.value); }
  // Returns the key's value, or nullptr if the key is absent.
  const Json* find(std::string_view key) const;
  // Returns true if the key is present and its value is not null.
  bool has(std::string_view key) const;
  // Returns the key's value. Throws Error if the key is absent.
  const Json& get(std::string_view key) const;

  // Returns an integer in lowest..highest. Throws Error for any other value, for example 3.0, and for
  // an absent key without fallback.
  int64_t integer(std::string_view key, int64_t lowest, int64_t highest,
                  std::optional<int64_t> fallback = {}) const;
  // Returns a number in lowest..highest, integers included. Throws Error for any other value, and for
  // an absent key without fallback.
  double number(std::string_view key, double lowest, double highest,
                std::optional<double> fallback = {}) const;
  // Returns a boolean. Throws Error for any other value, and for an absent key without fallback.
  bool boolean(std::string_view key, std::optional<bool> fallback = {}) const;
  // Returns a string. Throws Error for any other value, and for an absent key without fallback.
  std::string string(std::string_view key, std::optional<std::string> fallback = {}) const;

  // Returns a list of integers in lowest..highest. Throws Error if the key is absent, if the value is
  // not a list, or if an element is not such an integer.
  std::vector<int64_t> integers(std::string_view key, int64_t lowest, int64_t highest) const;
  // Returns a list of numbers in lowest..highest. Throws Error as integers() does.
  std::vector<double> numbers(std::string_view key, double lowest, double highest) const;
  // Returns a list of strings. Throws Error as integers() does.
  std::vector<std::string> strings(std::string_view key) const;

  // Returns all members, in the order of the text. Throws Error if a value is not a string.
  std::vector<std::pair<std::string, std::string>> all_strings() const;

 private:
  // Returns `what: "key"`, the start of an error message.
  std::string place(std::string_view key) const;
  // Returns the key's list. Throws Error if the key is absent or its value is not a list.
  const JsonArray& list(std::string_view key) const;

  Json object_;
  std::string what_;
};

}  // namespace ddpm
