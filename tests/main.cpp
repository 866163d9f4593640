// doctest's main. Run one case: build/tests-float -tc='its name'.
#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>
