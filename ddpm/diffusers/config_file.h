// Reader for the JSON config files of the diffusers library. It gathers what the program does not support,
// unknown keys among them, because a key that is silently ignored could change the meaning of the model.
// Checked by: tests/ddpm/diffusers/test_diffusers.cpp, tests/ddpm/diffusers/test_scheduler.cpp,
// tests/ddpm/diffusers/test_other_writers.cpp, tests/ddpm/diffusers/test_differences.cpp.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "ddpm/diffusers/model.h"
#include "ddpm/formats/json.h"

namespace ddpm {

// Returns the path of a model's file: folder/part/file if folder/part is a folder, else folder/file.
// The file itself may be missing.
std::string model_file(const std::string& folder, const std::string& part, const std::string& file);

// What the program does not support: a key and its value.
struct Difference {
  std::string key;
  std::string sentence;  // the file's path, the key, its value, and what is supported
};

// Throws the Error that names the differences, the most telling one first and with its sentence, and counts
// those that would make the sentence too long. Returns if there is none.
void refuse_differences(std::vector<Difference> differences);

// One config file. It records which keys were read, so that finish() can find the others, and what is not
// supported. A caller reads on after refuse(): nothing that it returns is used if there is a difference.
class ConfigFile {
 public:
  // `earlier_names` maps names that old files have for a key to today's, under which the key is read and
  // named in messages. Throws Error as read_json does, and if the file is not a JSON object.
  explicit ConfigFile(const std::string& path, const std::map<std::string, std::string>& earlier_names = {});

  // Marks `key` as read. Returns all members of the file, so that the caller can read the key's value.
  const JsonFields& of(const std::string& key);
  // Marks `key` as read. Refuses it unless its value equals `supported`. An absent key has the value
  // `fallback`, which is the default of diffusers.
  void require(const std::string& key, const Json& supported, const Json& fallback);
  // Marks `key` as read, which changes nothing. It is named by left_aside() unless its value is null or
  // `usual`.
  void leave_aside(const std::string& key, const Json& usual = nullptr);
  // Records that the key's value is not supported, once for each key. The sentence ends with "<wanted> is
  // supported".
  void refuse(const std::string& key, const std::string& wanted);
  // Refuses every key that was not marked as read and whose value is not null. Ignores keys that start
  // with "_", which diffusers reserves for itself. Call it last.
  void finish();

  // Returns the keys that were left aside, in quotation marks: "a", "b".
  const std::string& left_aside() const { return left_aside_; }
  // Returns what was refused.
  const std::vector<Difference>& differences() const { return differences_; }
  // Returns the path given to the constructor.
  const std::string& path() const { return path_; }

 private:
  std::string path_;
  JsonFields fields_;
  std::set<std::string> understood_;
  std::string left_aside_;
  std::vector<Difference> differences_;
};

// One file of a model, opened and read to its end. Throws Error for what is malformed. What is not supported
// stands in file.differences(), and then the value means nothing.
struct NetworkFile {
  ConfigFile file;
  UnetConfig config = {};
  explicit NetworkFile(const std::string& folder);
};
struct SchedulerFile {
  ConfigFile file;
  std::string class_name;
  DiffusionConfig config = {};
  explicit SchedulerFile(const std::string& folder);
};

// Throws the Error that names what is not supported in either file of the model, if there is anything.
void refuse_model(const std::string& folder, const std::vector<Difference>& in_one_file);

}  // namespace ddpm
