// Entry point of the test programs. Run one case: build/tests-float -tc='its name'.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <iostream>

#include "ddpm/machine/environment.h"

int main(int count, char** arguments) {
  ddpm::adjust_environment(arguments, std::cerr);
  ddpm::choose_threads(0, std::cerr);
  return doctest::Context(count, arguments).run();
}
