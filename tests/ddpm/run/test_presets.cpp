// Checks the presets (ddpm/run/presets.h): their networks can be built, and unknown names are refused. The
// paper's numbers in them: tests/project/test_numbers.cpp.
#include <doctest/doctest.h>

#include "ddpm/run/presets.h"
#include "nn/unet.h"
#include "tests/support/scratch.h"

namespace ddpm::test {

TEST_CASE("presets: all can be built, and tiny stays as it is") {
  for (const RunOptions& preset : presets()) preset.network.check();
  const UnetConfig tiny = find_preset("tiny").network;
  CHECK(Unet(tiny).parameters().count() == 1623169);
  CHECK(tiny.attention == std::vector<bool>{false, true, false});
  CHECK(find_preset("cifar10").network.dropout == 0.1);
  CHECK(contains(error_of([] { find_preset("x"); }), "choose one of tiny"));
}

}  // namespace ddpm::test
