// Parses documents into lines and blocks: see blocks.h.
#include "tests/documents/blocks.h"

#include <algorithm>
#include <optional>
#include <regex>
#include <set>

namespace ddpm::documents {

const std::vector<std::string>& all_documents() {
  static const std::vector<std::string> all{"README.md", "walkthrough.md", "kernels/README.md",
                                            "ddpm/run/README.md"};
  return all;
}

void append(Complaints& to, const Complaints& more) { to.insert(to.end(), more.begin(), more.end()); }

std::string joined(const Complaints& complaints) {
  std::string lines;
  for (const std::string& complaint : complaints) lines += complaint + "\n";
  return lines;
}

std::vector<Line> lines_of(const std::string& document) {
  std::vector<Line> lines;
  bool fenced = false;
  for (size_t begin = 0; begin < document.size();) {
    const size_t end = std::min(document.find('\n', begin), document.size());
    const std::string text = document.substr(begin, end - begin);
    const bool fence = text.starts_with("```");
    lines.push_back({int(lines.size()) + 1, begin, end, text, fenced || fence});
    if (fence) fenced = !fenced;
    begin = end + 1;
  }
  return lines;
}

std::string with_lines(const std::string& document, const std::function<std::string(const Line&)>& f) {
  std::string text;
  size_t done = 0;
  for (const Line& line : lines_of(document)) {
    text += document.substr(done, line.begin - done) + (line.fenced ? line.text : f(line));
    done = line.end;
  }
  return text + document.substr(done);
}

Page read_page(const std::string& document) {
  static const std::regex mark("<!-- *([a-z]+) *(.*?) *-->");
  static const std::set<std::string> kinds{"measured", "output", "code", "formula"};
  Page page;
  std::optional<Block> open;
  const auto complain_unclosed = [&] {
    page.complaints.push_back(at_line(open->line, "the block \"", open->kind, " ", open->argument,
                                      "\" has no end: write <!-- end --> below its content"));
  };
  for (const Line& line : lines_of(document)) {
    std::smatch parts;
    if (!std::regex_match(line.text, parts, mark)) continue;
    const std::string kind = parts[1];
    if (kind == "end") {
      if (open) {
        open->end = line.begin;
        page.blocks.push_back(*open);
      } else {
        page.complaints.push_back(at_line(line.number, "<!-- end --> ends no block: remove it"));
      }
      open.reset();
    } else if (!line.fenced) {
      if (open) complain_unclosed();
      open.reset();
      if (kinds.count(kind))
        open = Block{kind, parts[2], line.number, std::min(line.end + 1, document.size()), 0};
      else
        page.complaints.push_back(at_line(line.number, "there is no block of kind \"", kind,
                                          "\": write measured, output, code or formula"));
    }
  }
  if (open) complain_unclosed();
  return page;
}

std::string content_of(const std::string& document, const Block& block) {
  return document.substr(block.begin, block.end - block.begin);
}

std::string with_content(const std::string& document, const Block& block, const std::string& content) {
  return document.substr(0, block.begin) + content + document.substr(block.end);
}

}  // namespace ddpm::documents
