// Writes blocks, values and line numbers: see contents.h.
#include "tests/documents/contents.h"

#include <algorithm>
#include <filesystem>
#include <regex>

#include "tests/documents/commands.h"
#include "tests/documents/quote.h"
#include "tests/documents/shell.h"
#include "tests/documents/values.h"
#include "tests/support/source.h"

namespace ddpm::documents {

namespace {

std::string existing_source(const std::string& file) {
  if (!std::filesystem::is_regular_file(file)) fail("there is no file ", file, ": name one");
  return test::read_source(file);
}

std::string fence(const std::string& language, const std::string& text) {
  return "```" + language + "\n" + text + (text.ends_with("\n") ? "" : "\n") + "```\n";
}

std::string code(const std::string& argument) {
  const size_t blank = argument.find(' ');
  const std::string file = argument.substr(0, blank), source = existing_source(file);
  const bool cpp = file.ends_with(".h") || file.ends_with(".cpp");
  if (blank == argument.npos) return fence(cpp ? "cpp" : file.ends_with(".sh") ? "sh" : "", source);
  try {
    return fence("cpp", function_text(source, argument.substr(blank + 1)));
  } catch (const Error& error) {
    fail(file, ": ", error.what());
  }
}

std::string output(const std::string& command) {
  const std::string wrong = command_complaint(command);
  if (!wrong.empty()) fail(wrong);
  const Printed printed = run_shell(command);
  if (!printed.ok) fail("`", command, "` failed: run make build/ddpm, then the command");
  return fence("", printed.output);
}

std::string title(const Block& block) { return "the block \"" + block.kind + " " + block.argument + "\""; }

std::string one_line(const std::string& text) { return std::regex_replace(text, std::regex("\\s+"), " "); }

// Returns what a block ought to hold. `now` is what it holds.
std::string expected(const Block& block, const std::string& now) {
  if (block.kind == "code") return code(block.argument);
  if (block.kind == "output") return output(block.argument);
  if (block.kind != "formula") return now;
  const std::string formula = fence("", formula_text(block.argument));
  return one_line(now) == one_line(formula) ? now : formula;
}

// Returns the line with the line numbers of its links to functions.
std::string with_line_numbers(const Line& line, const std::string& folder, Complaints& complaints) {
  static const std::regex link("(\\[`([^`]+)`\\]\\(([^)#]+)#L)([0-9]+)\\)");
  std::string text;
  std::string::const_iterator done = line.text.begin();
  for (std::sregex_iterator it(done, line.text.end(), link), end; it != end; ++it) {
    std::string number = (*it)[4];
    const std::string path = (std::filesystem::path(folder) / (*it)[3].str()).lexically_normal().string();
    try {
      number = std::to_string(function_line(existing_source(path), (*it)[2]));
    } catch (const Error& error) {
      complaints.push_back(at_line(line.number, path, ": ", error.what()));
    }
    text += std::string(done, (*it)[1].second) + number + ")";
    done = (*it)[0].second;
  }
  return text + std::string(done, line.text.end());
}

// Returns the document with its values and line numbers. It has as many lines as before.
std::string with_numbers(const std::string& document, const std::string& folder, Complaints& complaints) {
  return with_lines(document, [&](Line line) {
    line.text = with_values(line, complaints);
    return with_line_numbers(line, folder, complaints);
  });
}

// Returns where two texts begin to differ.
std::string first_difference(const std::string& now, const std::string& then) {
  const std::vector<Line> a = lines_of(now), b = lines_of(then);
  size_t i = 0;
  while (i < a.size() && i < b.size() && a[i].text == b[i].text) ++i;
  return text("it holds \"", i < a.size() ? a[i].text : "", "\" where \"", i < b.size() ? b[i].text : "",
              "\" belongs");
}

}  // namespace

Rewritten rewritten(const std::string& document, const std::string& folder) {
  const Page page = read_page(document);
  Rewritten result{"", page.complaints};
  result.text = with_numbers(document, folder, result.complaints);
  for (size_t i = 0; i < page.blocks.size(); ++i) try {
      const Block block = read_page(result.text).blocks[i];
      result.text = with_content(result.text, block, expected(block, content_of(result.text, block)));
    } catch (const Error& error) {
      result.complaints.push_back(at_line(page.blocks[i].line, title(page.blocks[i]), ": ", error.what()));
    }
  return result;
}

Complaints stale_complaints(const std::string& document, const std::string& folder) {
  const Rewritten right = rewritten(document, folder);
  Complaints all = right.complaints;
  const std::vector<Block> before = read_page(document).blocks, after = read_page(right.text).blocks;
  for (size_t i = 0; i < before.size(); ++i) {
    const std::string now = content_of(document, before[i]), then = content_of(right.text, after[i]);
    if (now != then)
      all.push_back(at_line(before[i].line, title(before[i]), " is not up to date: run make walkthrough; ",
                            first_difference(now, then)));
  }
  Complaints ignored;  // they are among those of `right`
  const std::vector<Line> now = lines_of(document), then = lines_of(with_numbers(document, folder, ignored));
  for (size_t i = 0; i < now.size(); ++i)
    if (now[i].text != then[i].text)
      all.push_back(at_line(now[i].number, "a number is not up to date: run make walkthrough; ",
                            first_difference(now[i].text, then[i].text)));
  return all;
}

}  // namespace ddpm::documents
