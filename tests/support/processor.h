// The processor's name, for figures that depend on the machine.
// Checked by: tests/project/test_measured.cpp.
#pragma once

#include <fstream>
#include <string>

namespace ddpm::test {

// Returns the value of the last line of /proc/cpuinfo with that key, "" if there is none.
inline std::string cpuinfo(const std::string& key) {
  std::ifstream info("/proc/cpuinfo");
  std::string value;
  for (std::string line; std::getline(info, line);)
    if (line.starts_with(key) && line.find(": ") != line.npos) value = line.substr(line.find(": ") + 2);
  return value;
}

inline std::string processor_name() {
  const std::string name = cpuinfo("model name");
  return name.empty() ? "unknown processor" : name;
}

}  // namespace ddpm::test
