// The exercises of walkthrough.md: rows "| E1 | ... FAULT='text' ... | <summary>answer</summary>Eq. (7) and
// (11) to (13): why ... |". Checked by: tests/project/test_exercises.cpp.
#pragma once

#include "tests/documents/blocks.h"

namespace ddpm::documents {

// Checks every exercise: its FAULT selects one fault of tests/mutants.txt, and its answer begins with the
// rows that notice this fault, or with "No row".
Complaints exercise_complaints(const std::string& document);

}  // namespace ddpm::documents
