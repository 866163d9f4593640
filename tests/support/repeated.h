// Long texts for tests of limits.
#pragma once

#include <string>

namespace ddpm::test {

// Returns `times` copies of the text, one behind the other.
inline std::string repeated(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

}  // namespace ddpm::test
