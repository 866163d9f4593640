// See ddpm/diffusers/config_file.h. Checked by: tests/ddpm/diffusers/test_diffusers.cpp.
#include "ddpm/diffusers/config_file.h"

#include <algorithm>
#include <filesystem>

#include "ddpm/formats/quote.h"
#include "kernels/types.h"

namespace ddpm {

namespace {

constexpr size_t most_named = 160;  // bytes of the list of keys in an Error

// Returns the JSON object with today's names of its keys. Of two names for a key, the second is kept.
Json renamed(Json json, const std::map<std::string, std::string>& earlier_names) {
  JsonObject* members = std::get_if<JsonObject>(&json.value);
  if (!members || earlier_names.empty()) return json;
  std::set<std::string> seen;
  for (const auto& member : *members) seen.insert(member.first);
  for (auto& [key, value] : *members) {
    const auto found = earlier_names.find(key);
    const bool is_set = found != earlier_names.end() && value != Json(nullptr);
    if (is_set && seen.insert(found->second).second) key = found->second;
  }
  return json;
}

// Whether the numbers are equal, written as an integer or not.
bool equal(const Json& value, const Json& other) {
  const int64_t* whole = std::get_if<int64_t>(&value.value);
  return value == other || (whole && other == Json(double(*whole)));
}

// Returns the place of the key in an Error: the keys that tell most about a model come first.
size_t rank(const Difference& difference) {
  static const std::vector<std::string> telling{"_class_name",      "class_embed_type", "num_class_embeds",
                                                "out_channels",     "prediction_type",  "variance_type",
                                                "down_block_types", "up_block_types"};
  return size_t(std::find(telling.begin(), telling.end(), difference.key) - telling.begin());
}

}  // namespace

std::string model_file(const std::string& folder, const std::string& part, const std::string& file) {
  const std::filesystem::path nested = std::filesystem::path(folder) / part;
  std::error_code ignored;
  const bool is_nested = std::filesystem::is_directory(nested, ignored);
  return ((is_nested ? nested : std::filesystem::path(folder)) / file).string();
}

void refuse_differences(std::vector<Difference> differences) {
  if (differences.empty()) return;
  std::stable_sort(differences.begin(), differences.end(),
                   [](const Difference& a, const Difference& b) { return rank(a) < rank(b); });
  std::string others;
  size_t named = 1;
  for (; named < differences.size(); ++named) {
    const std::string next = (others.empty() ? "" : ", ") + quote(differences[named].key);
    if (!others.empty() && others.size() + next.size() > most_named) break;
    others += next;
  }
  std::string sentence = differences[0].sentence;
  if (!others.empty()) sentence += "; not supported either: " + others;
  if (named < differences.size()) sentence += text(" and ", differences.size() - named, " more");
  fail(sentence);
}

ConfigFile::ConfigFile(const std::string& path, const std::map<std::string, std::string>& earlier_names)
    : path_(path), fields_(renamed(read_json(path), earlier_names), path) {}

const JsonFields& ConfigFile::of(const std::string& key) {
  understood_.insert(key);
  return fields_;
}

void ConfigFile::require(const std::string& key, const Json& supported, const Json& fallback) {
  const Json* found = of(key).find(key);
  if (equal(found ? *found : fallback, supported)) return;
  const std::string wanted = text("only ", write_json(supported, 0));
  if (found) return refuse(key, wanted);
  const std::string means = text(quote(key), " is left out, which means ", write_json(fallback, 0));
  differences_.push_back({key, text(path_, ": ", means, "; ", wanted, " is supported")});
}

void ConfigFile::leave_aside(const std::string& key, const Json& usual) {
  const Json* found = of(key).find(key);
  if (!found || *found == Json(nullptr) || equal(*found, usual)) return;
  left_aside_ += (left_aside_.empty() ? "" : ", ") + quote(key);
}

void ConfigFile::refuse(const std::string& key, const std::string& wanted) {
  for (const Difference& before : differences_)
    if (before.key == key) return;
  const Json* found = fields_.find(key);
  const std::string value = found ? brief(*found) : "left out";
  differences_.push_back({key, text(path_, ": ", quote(key), " is ", value, "; ", wanted, " is supported")});
}

void ConfigFile::finish() {
  for (const auto& [key, value] : fields_.members()) {
    const bool is_ignored = key.starts_with("_") || value == Json(nullptr);
    if (!is_ignored && !understood_.count(key)) refuse(key, "the key is unknown, so only null");
  }
}

void refuse_model(const std::string& folder, const std::vector<Difference>& in_one_file) {
  if (in_one_file.empty()) return;
  std::vector<Difference> all;
  const auto add = [&](const auto& part) {
    all.insert(all.end(), part.file.differences().begin(), part.file.differences().end());
  };
  try {
    add(NetworkFile(folder));
    add(SchedulerFile(folder));
  } catch (const Error&) {
    // The other file is missing or malformed, which its own reader says.
  }
  refuse_differences(all.empty() ? in_one_file : all);
}

}  // namespace ddpm
