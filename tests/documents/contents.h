// What `make walkthrough` writes: the contents of blocks of kind output, code and formula, the marked values,
// and the line numbers of links to functions.
//
//   <!-- output COMMAND -->            a fence with what the command prints; the same on every machine
//   <!-- code FILE FUNCTION -->        a fence with the function, byte for byte; without FUNCTION the file
//   <!-- formula Eq. (7) FUNCTION -->  a fence with the formula of the mark; white space does not count
//   157<!-- value NAME -->             tests/documents/values.h
//   [`FUNCTION`](FILE#L12)             the line is where the function begins
//
// tests/documents/quote.h says how FUNCTION and the marks are found.
// Checked by: tests/project/test_quotes.cpp.
#pragma once

#include "tests/documents/blocks.h"

namespace ddpm::documents {

struct Rewritten {
  std::string text;
  Complaints complaints;  // where nothing could be written: there the text stays as it was
};
// Returns the document as `make walkthrough` writes it. `folder` is the document's, "" or "kernels/": links
// are relative to it.
Rewritten rewritten(const std::string& document, const std::string& folder);

// Compares the document with what `make walkthrough` would write. Names every block and line that differs.
Complaints stale_complaints(const std::string& document, const std::string& folder);

}  // namespace ddpm::documents
