// The headers that most test files include: .compile.mk compiles them once for all. Each file includes what
// it uses all the same, and .ci/run compiles it without this one. It has no #pragma once, which GCC warns
// of in a file that it compiles.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>
