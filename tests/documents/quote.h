// Quotes of the sources: a function, a whole file, the formula of a mark (tests/support/marks.h).
// Checked by: tests/project/test_quotes.cpp.
#pragma once

#include <string>

namespace ddpm::documents {

// Returns the definition of a function, struct, class or enum: the comment lines directly above it, and all
// lines up to its closing brace, which is not indented. `name` is "q_sample", "Unet::operator()" or
// "Schedule"; "Tape::record" may also stand within the class. "f#2" is the second definition of f. Throws
// Error if there is none, or if there are several and `name` does not choose one.
std::string function_text(const std::string& source, const std::string& name);
// Returns the number of the line that the definition begins on, comments above it left out. Throws like
// function_text.
int function_line(const std::string& source, const std::string& name);

// Returns the formula of a mark in the code, a line each for it and its continuation lines. `what` is
// "Eq. (4)", "Algorithm 1, line 5", or with the function below the mark "Eq. (7) posterior_variance";
// "#2" behind it is the second of several. Throws Error like function_text.
std::string formula_text(const std::string& what);

}  // namespace ddpm::documents
