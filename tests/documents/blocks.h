// The marked blocks of a Markdown document, which `make numbers` and `make walkthrough` write and tests
// compare:
//
//   <!-- KIND ARGUMENT -->
//   content
//   <!-- end -->
//
// KIND is measured, output, code or formula. Marks stand alone on a line, outside of fences.
// Checked by: tests/project/test_documents.cpp.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "kernels/types.h"

namespace ddpm::documents {

// The documents that have blocks, by their paths from the repository's root.
const std::vector<std::string>& all_documents();

// Sentences about what is wrong in a document. Each names its line and says what to do.
using Complaints = std::vector<std::string>;
void append(Complaints& to, const Complaints& more);
std::string joined(const Complaints&);  // one line each

// Returns "line 7: " followed by the joined parts.
template <typename... Parts>
std::string at_line(int line, const Parts&... parts) {
  return text("line ", line, ": ", parts...);
}

struct Line {
  int number;         // from 1 on
  size_t begin, end;  // byte range in the document, without the line feed
  std::string text;
  bool fenced;  // part of a fence: its ``` lines and what is between them
  bool table() const { return !fenced && text.starts_with("|"); }
};
std::vector<Line> lines_of(const std::string& document);
// Returns the document with f(line) in place of every line outside of fences.
std::string with_lines(const std::string& document, const std::function<std::string(const Line&)>& f);

struct Block {
  std::string kind, argument;  // "code", "ddpm/forward.cpp q_sample"
  int line;                    // of the first mark
  size_t begin, end;           // byte range of the content, whole lines
  bool contains(const Line& line) const { return begin <= line.begin && line.begin < end; }
};

struct Page {
  std::vector<Block> blocks;  // in the document's order
  Complaints complaints;      // about marks: an unknown kind, a missing end, an end without a block
};
Page read_page(const std::string& document);

// Returns the content of a block as the document has it.
std::string content_of(const std::string& document, const Block&);
// Returns the document with another content in the block. `content` ends with a line feed.
std::string with_content(const std::string& document, const Block&, const std::string& content);

}  // namespace ddpm::documents
