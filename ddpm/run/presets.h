// Presets: named networks, each with its training recipe.
// Source of cifar10 and lsun256: Section 4 and appendix B; the official code for warm-up, clip norm and
// sigma_t^2. The other presets are this project's own; ddpm/run/README.md has the experiments behind
// mnist. Checked by: tests/ddpm/run/test_presets.cpp, tests/project/test_numbers.cpp.
#pragma once

#include <string>
#include <vector>

#include "ddpm/run/run_options.h"

namespace ddpm {

inline const std::string default_preset = "tiny";

// Returns all presets. RunOptions::preset is the name. `ddpm describe` uses the image size and channels
// of RunOptions::network; `ddpm train` replaces them with those of the training data.
const std::vector<RunOptions>& presets();

// Returns the preset with this name. Throws Error with a list of all names if there is none.
const RunOptions& find_preset(const std::string& name);

// Returns the names of all presets, as a list and as text, separated by commas.
std::vector<std::string> preset_names();
std::string preset_list();

}  // namespace ddpm
