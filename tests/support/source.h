// Reads the project's own source files, for tests that compare documents and sources. Tests run from the
// root of the repository.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

namespace ddpm::test {

inline std::string read_source(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// Returns the files with these endings, sorted: "ddpm/bound.cpp", "nn/unet.cpp", ....
inline std::vector<std::string> source_files(const std::vector<std::string>& endings = {".h", ".cpp"}) {
  std::vector<std::string> files;
  for (const char* layer : {"kernels", "tensor", "nn", "ddpm", "tests"})
    for (const auto& entry : std::filesystem::recursive_directory_iterator(layer)) {
      const std::string ending = entry.path().extension().string();
      if (std::count(endings.begin(), endings.end(), ending)) files.push_back(entry.path().generic_string());
    }
  std::sort(files.begin(), files.end());
  return files;
}

// Returns the test files by the name that tests/mutants.txt gives them: "test_schedule" -> its path. Those of
// tests/equations are left out, because there a fault names rows.
inline std::map<std::string, std::string> test_files() {
  std::map<std::string, std::string> files;
  for (const std::string& file : source_files({".cpp"})) {
    const std::string stem = std::filesystem::path(file).stem().string();
    if (file.starts_with("tests/") && !file.starts_with("tests/equations/") && stem.starts_with("test_"))
      files[stem] = file;
  }
  return files;
}

}  // namespace ddpm::test
