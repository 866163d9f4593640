// Numbers within a line of a document, computed again from the code. A mark follows the number directly:
//
//   with 35,746,307<!-- value parameters_cifar10 --> parameters
//
// Checked by: tests/project/test_quotes.cpp.
#pragma once

#include <string>
#include <vector>

#include "tests/documents/blocks.h"

namespace ddpm::documents {

// Returns the value of that name, one of the tables in values.cpp. A name that ends with _T may end with the
// number of a step instead, alpha_bar_500; another kind ends with a preset, parameters_cifar10. Throws Error
// if there is no such name.
double value(const std::string& name);

// Returns the value in the form of `like`: its digits behind the point, its exponent, commas between
// thousands. "35,746,307", "0.0064", "4.0e-5" and "4.0e-05", also with U+2212 for the minus, are forms.
std::string value_text(double value, const std::string& like);

// Returns the line with its marked numbers computed again. Adds a complaint for a mark with an unknown name
// or without a number before it.
std::string with_values(const Line&, Complaints& complaints);

}  // namespace ddpm::documents
