// What a document refers to: files, headings, rows of the equations' table, test cases.
// Checked by: tests/project/test_links.cpp.
#pragma once

#include "tests/documents/blocks.h"

namespace ddpm::documents {

// Returns the anchor that GitHub gives a heading, without the #: lower case, blanks as hyphens, neither
// punctuation nor markup.
std::string anchor(const std::string& heading);

struct Heading {
  int line, depth;     // depth 2 is "## "
  std::string anchor;  // a second heading with the same text has "-1" behind it
};
std::vector<Heading> headings(const std::string& document);

// Checks links [text](FILE), (FILE#anchor), (#anchor) and (FILE#L12): the file, the heading and the line
// exist. FILE is relative to `folder`, the document's: "" or "kernels/". Links to other sites are skipped.
Complaints link_complaints(const std::string& document, const std::string& folder);

// Checks file names in backticks that contain a '/' and look like the repository's: they begin with a folder
// of sources or end like one. There is such a path, or one that ends so.
Complaints file_complaints(const std::string& document);

// Checks names of rows, ROW='Eq. (7)', against the marks in the code, and names of cases, -tc='name*',
// against the tests.
Complaints name_complaints(const std::string& document);

}  // namespace ddpm::documents
