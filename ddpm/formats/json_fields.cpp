// Implements brief and JsonFields (ddpm/formats/json.h), typed access to the members of a JSON object.
// Checked by: tests/ddpm/formats/test_json.cpp.
#include "ddpm/formats/json.h"
#include "ddpm/formats/quote.h"
#include "kernels/types.h"

namespace ddpm {

namespace {

// Throws Error "<where> must be <wanted>, found <found>".
template <typename... Parts>
[[noreturn]] void refuse(const std::string& where, const Json& found, const Parts&... wanted) {
  fail(where, " must be ", wanted..., ", found ", brief(found));
}

int64_t to_integer(const Json& json, const std::string& where, int64_t lowest, int64_t highest) {
  const int64_t* i = std::get_if<int64_t>(&json.value);
  if (!i || *i < lowest || *i > highest) refuse(where, json, "a whole number from ", lowest, " to ", highest);
  return *i;
}

double to_number(const Json& json, const std::string& where, double lowest, double highest) {
  const int64_t* i = std::get_if<int64_t>(&json.value);
  const double* d = std::get_if<double>(&json.value);
  const double number = i ? double(*i) : d ? *d : 0;
  if ((!i && !d) || !(number >= lowest && number <= highest))
    refuse(where, json, "a number from ", lowest, " to ", highest);
  return number;
}

std::string to_string(const Json& json, const std::string& where) {
  const std::string* s = std::get_if<std::string>(&json.value);
  if (!s) refuse(where, json, "a string");
  return *s;
}

// Returns convert(list[i], "<where>[i]") for every i.
template <typename Convert>
auto converted(const JsonArray& list, const std::string& where, Convert convert) {
  std::vector<decltype(convert(list[0], where))> result;
  for (size_t i = 0; i < list.size(); ++i) result.push_back(convert(list[i], text(where, "[", i, "]")));
  return result;
}

}  // namespace

std::string brief(const Json& value) {
  const std::string* s = std::get_if<std::string>(&value.value);
  return s ? quote(*s) : printable(write_json(value, 0), 60);
}

JsonFields::JsonFields(Json object, std::string what) : object_(std::move(object)), what_(std::move(what)) {
  if (!std::holds_alternative<JsonObject>(object_.value)) refuse(what_, object_, "a JSON object {...}");
}

const Json* JsonFields::find(std::string_view key) const {
  for (const auto& [name, value] : members())
    if (name == key) return &value;
  return nullptr;
}

bool JsonFields::has(std::string_view key) const {
  const Json* found = find(key);
  return found && !std::holds_alternative<std::nullptr_t>(found->value);
}

const Json& JsonFields::get(std::string_view key) const {
  const Json* found = find(key);
  if (!found) fail(place(key), " is missing");
  return *found;
}

std::string JsonFields::place(std::string_view key) const { return text(what_, ": ", quote(key)); }

const JsonArray& JsonFields::list(std::string_view key) const {
  const Json& json = get(key);
  const JsonArray* elements = std::get_if<JsonArray>(&json.value);
  if (!elements) refuse(place(key), json, "a list [...]");
  return *elements;
}

int64_t JsonFields::integer(std::string_view key, int64_t lowest, int64_t highest,
                            std::optional<int64_t> fallback) const {
  if (fallback && !find(key)) return *fallback;
  return to_integer(get(key), place(key), lowest, highest);
}

double JsonFields::number(std::string_view key, double lowest, double highest,
                          std::optional<double> fallback) const {
  if (fallback && !find(key)) return *fallback;
  return to_number(get(key), place(key), lowest, highest);
}

bool JsonFields::boolean(std::string_view key, std::optional<bool> fallback) const {
  if (fallback && !find(key)) return *fallback;
  const Json& json = get(key);
  const bool* b = std::get_if<bool>(&json.value);
  if (!b) refuse(place(key), json, "true or false");
  return *b;
}

std::string JsonFields::string(std::string_view key, std::optional<std::string> fallback) const {
  if (fallback && !find(key)) return *fallback;
  return to_string(get(key), place(key));
}

std::vector<int64_t> JsonFields::integers(std::string_view key, int64_t lowest, int64_t highest) const {
  return converted(list(key), place(key), [&](const Json& element, const std::string& where) {
    return to_integer(element, where, lowest, highest);
  });
}

std::vector<double> JsonFields::numbers(std::string_view key, double lowest, double highest) const {
  return converted(list(key), place(key), [&](const Json& element, const std::string& where) {
    return to_number(element, where, lowest, highest);
  });
}

std::vector<std::string> JsonFields::strings(std::string_view key) const {
  return converted(list(key), place(key), to_string);
}

std::vector<std::pair<std::string, std::string>> JsonFields::all_strings() const {
  std::vector<std::pair<std::string, std::string>> all;
  for (const auto& [key, value] : members()) all.emplace_back(key, to_string(value, place(key)));
  return all;
}

}  // namespace ddpm
