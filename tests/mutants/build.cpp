// See build.h.
#include "tests/mutants/build.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include "kernels/types.h"
#include "tests/mutants/process.h"
#include "tests/support/source.h"

namespace ddpm::test {

namespace {

constexpr int compile_seconds = 1200;

using Words = std::vector<std::string>;

Words words_of(const std::string& line) {
  std::istringstream in(line);
  return {std::istream_iterator<std::string>(in), {}};
}

std::string line_of(const Words& words) {
  std::string line;
  for (const std::string& word : words) line += (line.empty() ? "" : " ") + word;
  return line;
}

// Returns the word after `option`, "" if there is none.
std::string after(const Words& words, const std::string& option) {
  const auto at = std::find(words.begin(), words.end(), option);
  return at == words.end() || at + 1 == words.end() ? "" : at[1];
}

void replace(Words& words, const std::string& word, const std::string& by) {
  std::replace(words.begin(), words.end(), word, by);
}

// Returns whether the compiler read the file for this object, from the list (.d) that it wrote.
bool depends(const std::string& object, const std::string& file) {
  std::string list = read_source(object.substr(0, object.size() - 2) + ".d");
  std::replace(list.begin(), list.end(), '\n', ' ');
  return list.find(" " + file + " ") != std::string::npos;
}

// Returns the test's name if the object holds the cases of one test file: "test_json" for
// "build/float/tests/ddpm/formats/test_json.o". Returns "" for any other object.
std::string test_of(const std::string& object) {
  const std::string name = std::filesystem::path(object).stem().string();
  return name.starts_with("test_") && object.find("/equations/") == std::string::npos ? name : "";
}

}  // namespace

Build::Build(const std::string& folder, const std::vector<Fault>& faults) : folder_(folder) {
  const char* make = std::getenv("MAKE");
  make_ = make ? make : "make";
  std::filesystem::create_directories(folder_ + "/mutants");
  ask_make(folder_ + "/tests-float " + folder_ + "/tests-double");
  std::set<std::string> needed;
  for (const char* variant : {"float", "double"})
    for (const Fault& fault : faults) {
      const Words own = apart(variant, fault.file);
      needed.insert(own.begin(), own.end());
    }
  const std::string targets = line_of({needed.begin(), needed.end()});
  ask_make(targets);
  const Finished made = run(make_ + " " + targets, compile_seconds, folder_ + "/mutants/make.log");
  if (!made.ok) fail("make cannot compile the files as they are:\n", tail(made.output, 20));
}

void Build::ask_make(const std::string& targets) {
  const Finished told = run(make_ + " --dry-run --always-make " + targets, 60, folder_ + "/mutants/commands");
  if (!told.ok) fail("make does not say what it would do:\n", tail(told.output, 20));
  std::istringstream lines(told.output);
  for (std::string line; std::getline(lines, line);) {
    const Words words = words_of(line);
    if (after(words, "-o") != "") commands_[after(words, "-o")] = words;
  }
}

Words Build::objects(const std::string& variant) const {
  Words found;
  for (const std::string& word : commands_.at(folder_ + "/tests-" + variant))
    if (word.ends_with(".o")) found.push_back(word);
  return found;
}

Words Build::apart(const std::string& variant, const std::string& file) const {
  const std::string folder = std::filesystem::path(file).parent_path().string();
  Words found;
  for (const std::string& object : objects(variant)) {
    if (object != folder_ + "/" + variant + "/" + folder + ".o") {
      found.push_back(object);
      continue;
    }
    // This object's source consists of lines #include "nn/unet.cpp".
    std::istringstream together(read_source(after(commands_.at(object), "-c")));
    for (std::string line; std::getline(together, line);) {
      const size_t begin = line.find('"') + 1, end = line.find(".cpp\"", begin);
      if (end != std::string::npos)
        found.push_back(text(folder_, "/", variant, "/", line.substr(begin, end - begin), ".o"));
    }
  }
  return found;
}

bool Build::has(const std::string& variant, const std::string& file) const {
  for (const std::string& object : objects(variant))
    if (depends(object, file)) return true;
  return false;
}

bool Build::has_test(const std::string& variant, const std::string& test) const {
  for (const std::string& object : objects(variant))
    if (test_of(object) == test) return true;
  return false;
}

std::string Build::whole(const std::string& variant) const { return folder_ + "/tests-" + variant; }

// The compiler finds the file's copy below own/source first, because all includes are relative to the root.
void Build::compile(const std::string& object, const Fault& fault, const std::string& own,
                    const std::string& to) const {
  Words words = commands_.at(object);
  replace(words, object, to);
  replace(words, fault.file, own + "/source/" + fault.file);
  replace(words, "-I.", "-I" + own + "/source -I. -w");
  const Finished made = run(line_of(words), compile_seconds, own + "/log");
  if (!made.ok) fail("does not compile:\n", tail(made.output, 10));
}

std::string Build::with(const Fault& fault, const std::string& variant, const std::set<std::string>& tests,
                        const std::string& own) const {
  const std::string file = own + "/source/" + fault.file, program = own + "/tests-" + variant;
  std::filesystem::create_directories(std::filesystem::path(file).parent_path());
  std::ofstream(file) << mutated(read_source(fault.file), fault);
  Words link, linked;
  for (const std::string& object : apart(variant, fault.file)) {
    if (const std::string test = test_of(object); test != "" && !tests.count(test)) continue;
    linked.push_back(object);
    if (!depends(object, fault.file)) continue;
    linked.back() = text(own, "/", variant, linked.size(), ".o");
    compile(object, fault, own, linked.back());
  }
  for (const std::string& word : commands_.at(whole(variant)))
    if (!word.ends_with(".o"))
      link.push_back(word == whole(variant) ? program : word);
    else if (!linked.empty())
      link.insert(link.end(), linked.begin(), linked.end()), linked.clear();
  const Finished made = run(line_of(link), compile_seconds, own + "/log");
  if (!made.ok) fail("does not link:\n", tail(made.output, 10));
  return program;
}

}  // namespace ddpm::test
