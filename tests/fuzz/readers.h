// The readers of foreign bytes, for `make fuzz` (fuzzer.cpp) and the tests of its seeds (test_seeds.cpp).
#pragma once

#include <string>
#include <vector>

namespace ddpm::test {

struct FuzzedReader {
  std::string name;  // that of its folder of seeds, tests/fuzz/corpus/NAME
  // Reads the bytes as a file, a run's file or a command line. Throws Error if they are refused. Any other
  // exception, a crash and a sanitizer's report are faults of the program.
  void (*read)(const std::string& bytes);
};
const std::vector<FuzzedReader>& fuzzed_readers();

// Calls read(bytes). Returns what is wrong with the sentence if the bytes are refused, else "". Passes on any
// exception but Error.
std::string fault_of(const FuzzedReader&, const std::string& bytes);

}  // namespace ddpm::test
