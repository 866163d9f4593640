// Reading the project's own source, for the tests that hold documents and
// include lines against it. Tests run from the repository's root.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace ddpm::test {

inline std::string read_source(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

// The files below the layers' folders that end so, sorted: "nn/unet.cpp", ….
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

}  // namespace ddpm::test
