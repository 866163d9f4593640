// The program of `make fuzz`: clang's libFuzzer makes bytes, the reader that the variable READER names reads
// them. Without READER, prints the readers' names. Run by tests/fuzz/run.sh.
#include <cstddef>
#include <cstdio>
#include <cstdlib>

#include "tests/fuzz/readers.h"

namespace {

const ddpm::test::FuzzedReader* chosen = nullptr;

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  const char* wanted = std::getenv("READER");
  for (const ddpm::test::FuzzedReader& reader : ddpm::test::fuzzed_readers()) {
    if (wanted && reader.name == wanted) chosen = &reader;
    if (!wanted) std::puts(reader.name.c_str());
  }
  if (wanted && !chosen) std::fprintf(stderr, "fuzz: there is no reader %s\n", wanted);
  if (!chosen) std::exit(wanted ? 1 : 0);
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* bytes, size_t size) {
  const std::string fault = fault_of(*chosen, {reinterpret_cast<const char*>(bytes), size});
  if (fault.empty()) return 0;
  std::fprintf(stderr, "fuzz: %s: the sentence is not presentable: %s\n", chosen->name.c_str(),
               fault.c_str());
  std::abort();
}
