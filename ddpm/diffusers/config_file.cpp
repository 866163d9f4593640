// See ddpm/diffusers/config_file.h. Checked by: tests/ddpm/diffusers/test_diffusers.cpp.
#include "ddpm/diffusers/config_file.h"

#include <filesystem>

#include "ddpm/formats/quote.h"
#include "kernels/types.h"

namespace ddpm {

std::string model_file(const std::string& folder, const std::string& part, const std::string& file) {
  const std::filesystem::path nested = std::filesystem::path(folder) / part;
  std::error_code ignored;
  const bool is_nested = std::filesystem::is_directory(nested, ignored);
  return ((is_nested ? nested : std::filesystem::path(folder)) / file).string();
}

ConfigFile::ConfigFile(const std::string& path) : path_(path), fields_(read_json(path), path) {}

const JsonFields& ConfigFile::of(const std::string& key) {
  understood_.insert(key);
  return fields_;
}

void ConfigFile::require(const std::string& key, const Json& supported, const Json& fallback) {
  const Json* found = of(key).find(key);
  const Json& value = found ? *found : fallback;
  // Accepts the integer 1 where the supported value is the double 1.0.
  const int64_t* whole = std::get_if<int64_t>(&value.value);
  const bool same_number = whole && supported == Json(double(*whole));
  if (!(value == supported) && !same_number) {
    if (found) refuse(key, text("only ", write_json(supported, 0)));
    fail(path_, ": \"", key, "\" is left out, which means ", write_json(fallback, 0), "; only ",
         write_json(supported, 0), " is supported");
  }
}

void ConfigFile::refuse(const std::string& key, const std::string& wanted) const {
  fail(path_, ": ", quote(key), " is ", brief(fields_.get(key)), "; ", wanted, " is supported");
}

void ConfigFile::expect_nothing_else() const {
  for (const auto& [key, value] : fields_.members()) {
    const bool is_ignored = key.starts_with("_") || value == Json(nullptr);
    if (!is_ignored && !understood_.count(key)) refuse(key, "the key is unknown, so only null");
  }
}

}  // namespace ddpm
