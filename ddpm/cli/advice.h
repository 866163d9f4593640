// What the user can do about an Error: the one place where an error's reason (kernels/types.h)
// meets the options. Checked by: tests/test_layout.cpp (every reason has its advice), tests/test_cli.cpp.
#pragma once

#include <string>

#include "kernels/types.h"

namespace ddpm {

// The error's sentence, with the advice for its reason, if it has one.
std::string advised(const Error& error);

// For schedule_lines (ddpm/run/preflight.h).
inline const std::string prior_advice = "raise --T or --beta-T";

}  // namespace ddpm
