// How messages show text that the program did not write itself: names and values from files, options as they
// were typed, paths. Such text must neither control the terminal nor flood it.
// Checked by: tests/ddpm/formats/test_quote.cpp.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace ddpm {

// Returns the text in quotation marks. Escapes quotation marks, backslashes, control characters and bytes
// that are not UTF-8. Shows at most 60 characters, escapes included, and counts the rest of the text:
// "aaaa..." (4940 more). Use it for every key, name or value that comes from a file or the command line.
std::string quote(std::string_view foreign);

// Returns the message with its control characters and bytes that are not UTF-8 escaped. If it is longer than
// `most` bytes, replaces its middle by "...". The last line of defence: use it where a message is printed.
std::string printable(std::string_view message, size_t most = 400);

}  // namespace ddpm
