// One of diffusers' config files: where it lies, and reading it so that no key
// goes unnoticed. Shared by network.cpp and scheduler.cpp.
// Checked by: tests/test_diffusers.cpp.
#pragma once

#include <set>
#include <string>

#include "ddpm/formats/json.h"

namespace ddpm {

// A file of a model's folder: in folder/part (nested), or in the folder itself
// if there is no folder/part (flat).
std::string model_file(const std::string& folder, const std::string& part, const std::string& file);

class ConfigFile {
 public:
  // Errors: those of read_file and parse_json; the text is no object.
  explicit ConfigFile(const std::string& path);

  // The members, for typed reading; the key counts as understood.
  const JsonFields& of(const std::string& key);
  // Fails unless the key's value, or diffusers' default if it is left out, is
  // the only one that this program supports.
  void require(const std::string& key, const Json& supported, const Json& fallback);
  // Fails, naming the key and the value found.
  [[noreturn]] void refuse(const std::string& key, const std::string& wanted) const;
  // Fails if a key with a value was neither read nor required. Names that
  // begin with _ are diffusers' own notes.
  void expect_nothing_else() const;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
  JsonFields fields_;
  std::set<std::string> understood_;
};

}  // namespace ddpm
