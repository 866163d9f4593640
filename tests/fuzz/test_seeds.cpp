// Reads the seeds of `make fuzz` (tests/fuzz/corpus/READER): what was once found stays mended, without clang.
#include <doctest/doctest.h>

#include "kernels/types.h"
#include "tests/fuzz/readers.h"
#include "tests/support/files.h"
#include "tests/support/mutator.h"

namespace ddpm::test {

namespace {

const std::string corpus = "tests/fuzz/corpus";

}  // namespace

TEST_CASE("seeds: every reader has some, and takes one of them whole") {
  size_t folders = 0;
  for ([[maybe_unused]] const auto& folder : std::filesystem::directory_iterator(corpus)) ++folders;
  CHECK(folders == fuzzed_readers().size());
  for (const FuzzedReader& reader : fuzzed_readers()) {
    INFO(reader.name);
    int taken = 0;
    for (const auto& file : snapshot(corpus + "/" + reader.name)) {
      const std::string &name = file.first, &bytes = file.second;
      CAPTURE(name);
      CHECK(fault_of(reader, bytes) == "");
      try {
        reader.read(bytes);
        ++taken;
      } catch (const Error&) {
      }
    }
    CHECK(taken > 0);
  }
}

TEST_CASE("seeds: changed at random, each is read or refused in one sentence") {
  Mutator mutator(1);
  for (const FuzzedReader& reader : fuzzed_readers())
    for (const auto& file : snapshot(corpus + "/" + reader.name))
      for (int i = 0; i < 50; ++i) {
        const std::string changed = mutator.changed(file.second);
        INFO(reader.name, ", ", file.first, ", ", i);
        CHECK(fault_of(reader, changed) == "");
      }
}

}  // namespace ddpm::test
