// Reader for the JSON config files of the diffusers library. It rejects files with unknown keys,
// because a key that is silently ignored could change the meaning of the model.
// Checked by: tests/ddpm/diffusers/test_diffusers.cpp, tests/ddpm/diffusers/test_scheduler.cpp.
#pragma once

#include <set>
#include <string>

#include "ddpm/formats/json.h"

namespace ddpm {

// Returns the path of a model's file: folder/part/file if folder/part is a folder, else folder/file.
// The file itself may be missing.
std::string model_file(const std::string& folder, const std::string& part, const std::string& file);

// One config file. It records which keys were read, so that expect_nothing_else can find the others.
class ConfigFile {
 public:
  // Throws Error as read_json does, and if the file is not a JSON object.
  explicit ConfigFile(const std::string& path);

  // Marks `key` as read. Returns all members of the file, so that the caller can read the key's value.
  const JsonFields& of(const std::string& key);
  // Marks `key` as read. Throws Error unless its value equals `supported`. An absent key has the value
  // `fallback`, which is the default of diffusers.
  void require(const std::string& key, const Json& supported, const Json& fallback);
  // Throws Error with the path, the key and its value. The message ends with "<wanted> is supported".
  [[noreturn]] void refuse(const std::string& key, const std::string& wanted) const;
  // Throws Error if a key was not marked as read and its value is not null. Ignores keys that start
  // with "_", which diffusers reserves for itself.
  void expect_nothing_else() const;

  // Returns the path given to the constructor.
  const std::string& path() const { return path_; }

 private:
  std::string path_;
  JsonFields fields_;
  std::set<std::string> understood_;
};

}  // namespace ddpm
