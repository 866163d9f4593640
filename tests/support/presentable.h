// What a message of the program must be, whatever a file or the command line holds.
#pragma once

#include <algorithm>
#include <string>

#include "ddpm/formats/utf8.h"

namespace ddpm::test {

// Returns what is wrong with `errors`, what a command printed on stderr: "" if it is warnings and at most one
// sentence "ddpm: ...", each line of at most 400 bytes of valid UTF-8 without control characters.
inline std::string presentable(const std::string& errors) {
  const auto is_control = [](unsigned char c) { return c < 0x20 || c == 0x7F; };
  int sentences = 0;
  for (size_t begin = 0, end; begin < errors.size(); begin = end + 1) {
    end = errors.find('\n', begin);
    if (end == errors.npos) return "the last line does not end";
    const std::string line = errors.substr(begin, end - begin);
    if (line.size() > 400) return "a line is too long";
    if (utf8_prefix(line) != line.size()) return "a line is not UTF-8";
    if (std::any_of(line.begin(), line.end(), is_control)) return "a line has a control character";
    for (const char* high : {"\u0080", "\u009b", "\u202e"})
      if (line.find(high) != line.npos) return "a line has a control character";
    if (line.starts_with("ddpm: internal error")) return "an internal error";
    sentences += line.starts_with("ddpm: ");
  }
  return sentences > 1 ? "several sentences" : "";
}

}  // namespace ddpm::test
