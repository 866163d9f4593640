// Reading what a program has written: whole files, folders, and the rows and cells of a CSV table.
#pragma once

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <sstream>
#include <string>
#include <vector>

namespace ddpm::test {

// Returns the bytes of a file, which must exist.
inline std::string read_bytes(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  REQUIRE_MESSAGE(file.good(), path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Returns the bytes of every file below the folder, by its path relative to the folder.
inline std::map<std::string, std::string> snapshot(const std::string& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
    if (entry.is_regular_file())
      files[std::filesystem::relative(entry.path(), folder).string()] = read_bytes(entry.path().string());
  return files;
}

// Returns the lines of a text.
inline std::vector<std::string> rows(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> all;
  for (std::string row; std::getline(in, row);) all.push_back(row);
  return all;
}

// Returns the number in a column of a row of a CSV table. The first column is 0.
inline double cell(const std::string& row, int column) {
  std::istringstream in(row);
  std::string text;
  for (int i = 0; i <= column; ++i) std::getline(in, text, ',');
  return std::stod(text);
}

}  // namespace ddpm::test
