// What tests of the program share: running a command in this process, and a
// folder of images so small that training on them takes no time.
#pragma once

#include <doctest/doctest.h>

#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "ddpm/cli/commands.h"
#include "tests/support/scratch.h"

namespace ddpm::test {

struct Outcome {
  int code;
  std::string out, err;
};

// `ddpm WORDS…`, the words separated by blanks.
inline Outcome ddpm(const std::string& words) {
  std::istringstream split(words);
  std::vector<std::string> arguments;
  for (std::string word; split >> word;) arguments.push_back(word);
  std::ostringstream out, err;
  const int code = run_command(arguments, {out, err});
  return {code, out.str(), err.str()};
}

// The command must succeed; returns what it printed.
inline std::string succeed(const std::string& words) {
  const Outcome outcome = ddpm(words);
  INFO("ddpm " << words << ": " << outcome.err);
  CHECK(outcome.code == 0);
  return outcome.out;
}

// The command must end with this code and a sentence that holds every part.
inline void refuse(const std::string& words, int code, const std::vector<std::string>& parts) {
  const Outcome outcome = ddpm(words);
  INFO("ddpm " << words << ": " << outcome.err);
  CHECK(outcome.code == code);
  for (const std::string& part : parts) CHECK_MESSAGE(contains(outcome.err, part), part);
  CHECK_FALSE(contains(outcome.err, "internal error"));
}

// The seconds that a clock's text shows, "1:02:03".
inline double seconds_of(const std::string& clock) {
  double seconds = 0;
  std::istringstream in(clock);
  for (std::string part; std::getline(in, part, ':');) seconds = 60 * seconds + std::stod(part);
  return seconds;
}

// A folder of IDX files with 8 training and 4 test images of side × side pixels.
inline std::string put_images(const ScratchFolder& folder, int side = 8, const std::string& name = "images") {
  std::filesystem::create_directories(folder / name);
  const auto big_endian = [](uint32_t n) {
    return std::string{char(n >> 24), char(n >> 16), char(n >> 8), char(n)};
  };
  const auto put = [&](const std::string& split, uint32_t count) {
    std::string pixels, labels;
    for (uint32_t i = 0; i < count * uint32_t(side * side); ++i) pixels += char(i * i % 251 + i % 5);
    for (uint32_t i = 0; i < count; ++i) labels += char(i % 10);
    folder.put(name + "/" + split + "-images-idx3-ubyte", big_endian(0x803) + big_endian(count) +
                                                              big_endian(uint32_t(side)) +
                                                              big_endian(uint32_t(side)) + pixels);
    folder.put(name + "/" + split + "-labels-idx1-ubyte", big_endian(0x801) + big_endian(count) + labels);
  };
  put("train", 8);
  put("t10k", 4);
  return folder / name;
}

// Options of a network and a schedule that train in milliseconds.
inline const std::string small =
    " --channels 4 --multipliers 1,2 --blocks 1 --groups 2 --attention 4 --T 4 --batch 3 --lr 0.01 --warmup 2"
    " --threads 1 ";

inline std::string read_bytes(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  REQUIRE_MESSAGE(file.good(), path);
  std::ostringstream bytes;
  bytes << file.rdbuf();
  return bytes.str();
}

// Every file below the folder, by relative path, with its bytes.
inline std::map<std::string, std::string> snapshot(const std::string& folder) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
    if (entry.is_regular_file())
      files[std::filesystem::relative(entry.path(), folder).string()] = read_bytes(entry.path().string());
  return files;
}

}  // namespace ddpm::test
