// Reads the project's own files, for tests that compare documents and includes with them. Tests run from
// the repository's root.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

namespace ddpm::test {

// Returns the bytes of a file, "" if there is none.
inline std::string read_source(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// Returns the files with these endings below the layers' folders, sorted: "nn/unet.cpp" and so on.
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

// Returns the test files by the names that tests/mutants.txt gives them: "test_schedule" -> its path. Those
// of tests/equations/ are left out, because faults name rows of the table instead.
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
