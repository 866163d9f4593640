// JSON (RFC 8259): a value, a strict reader, a writer and typed access to the
// members of an object. Used for diffusers' config files and safetensors' header.
// Rules: the reader refuses what the RFC does not allow, duplicate keys, lone
// surrogates, invalid UTF-8, numbers beyond double and more than 64 levels.
// Checked by: tests/test_json.cpp.
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
using JsonObject = std::vector<std::pair<std::string, Json>>;  // in the text's order

// One value. A number written without fraction and exponent that fits is an
// int64_t, every other one a double, so integers up to 2^63 − 1 survive.
// JsonObject{{"T", 1000}, {"beta", 1e-4}, {"trained_betas", nullptr}} is an object.
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

// The one value that the text holds. Every error begins with `what` (the path,
// say) and gives the byte offset.
Json parse_json(std::string_view text, const std::string& what);

// The value as text that parse_json reads back as an equal value: each number
// in its shortest exact form. indent > 0: members on lines of their own, that
// many spaces a level, a newline at the end. indent = 0: all on one line.
// Errors: a string that is not UTF-8. Numbers must be finite (ENSURE).
std::string write_json(const Json& value, int indent = 2);

// How many leading bytes of the text are whole, valid UTF-8 characters.
size_t utf8_prefix(std::string_view text);

// The members of one object, with their types checked. Every error is a
// sentence that names `what` (the path, say), the key and the value found.
// Where a fallback is given, it stands for a key that is absent (not for null).
class JsonFields {
 public:
  // Errors: the value is not an object.
  JsonFields(Json object, std::string what);

  const JsonObject& members() const { return std::get<JsonObject>(object_.value); }
  // The key's value, or nullptr if it is absent.
  const Json* find(std::string_view key) const;
  // Whether the key is there with a value other than null.
  bool has(std::string_view key) const;
  // The key's value. Errors: it is absent.
  const Json& get(std::string_view key) const;

  // A whole number in lowest..highest; 3.0 is none.
  int64_t integer(std::string_view key, int64_t lowest, int64_t highest,
                  std::optional<int64_t> fallback = {}) const;
  // A number in lowest..highest, whole or not.
  double number(std::string_view key, double lowest, double highest,
                std::optional<double> fallback = {}) const;
  bool boolean(std::string_view key, std::optional<bool> fallback = {}) const;
  std::string string(std::string_view key, std::optional<std::string> fallback = {}) const;

  // Lists whose every element is as above.
  std::vector<int64_t> integers(std::string_view key, int64_t lowest, int64_t highest) const;
  std::vector<double> numbers(std::string_view key, double lowest, double highest) const;
  std::vector<std::string> strings(std::string_view key) const;

 private:
  std::string place(std::string_view key) const;
  const JsonArray& list(std::string_view key) const;

  Json object_;
  std::string what_;
};

}  // namespace ddpm
