// Advice for the user: which option to change after an Error with a given reason (kernels/types.h), or after
// such a Note (ddpm/data/dataset.h).
// Checked by: tests/project/test_layout.cpp (every reason has its advice), tests/ddpm/cli/test_cli.cpp.
#pragma once

#include <string>

#include "kernels/types.h"

namespace ddpm {

// Returns the sentence. If the reason has an entry in the advice table, appends ": " and the advice.
std::string advised(const std::string& sentence, const std::string& reason);
// The same of error.what() and error.reason.
std::string advised(const Error& error);

// The sentence for an allocation that failed. Every command may print it, so it names no option.
inline constexpr const char* out_of_memory =
    "there is not enough memory: a smaller network or batch, or fewer threads, would need less";

// Advice for an L_T that is too large. Pass it to schedule_lines (ddpm/run/preflight.h).
inline const std::string prior_advice = "raise --T or --beta-T";

}  // namespace ddpm
