// Writes and checks measured blocks: see measured.h.
#include "tests/documents/measured.h"

#include <algorithm>
#include <ctime>
#include <regex>
#include <thread>

#include "tests/documents/commands.h"
#include "tests/support/processor.h"

namespace ddpm::documents {

namespace {

std::string today() {
  const std::time_t now = std::time(nullptr);
  char date[16];
  std::strftime(date, sizeof date, "%Y-%m-%d", std::localtime(&now));
  return date;
}

std::string trimmed(const std::string& text) {
  const size_t begin = text.find_first_not_of(" \n"), end = text.find_last_not_of(" \n");
  return begin == text.npos ? "" : text.substr(begin, end + 1 - begin);
}

}  // namespace

std::string machine() {
  const std::string flags = " " + test::cpuinfo("flags") + " ";
  const std::string vectors = flags.find(" avx512f ") != flags.npos ? ", AVX-512"
                              : flags.find(" avx2 ") != flags.npos  ? ", AVX2"
                                                                    : "";
  const unsigned cores = std::max(1u, std::thread::hardware_concurrency());
  return text(test::processor_name(), ", ", cores, cores == 1 ? " core" : " cores", vectors);
}

std::string source_line(const std::string& machine, const std::string& date, const std::string& command) {
  return text("*", machine, ", ", date, ": `", command, "`*");
}

std::string measured_content(const std::string& printed, const std::string& command) {
  const std::string shown = trimmed(printed);
  const bool markdown = shown.starts_with("|") || shown.find("\n|") != shown.npos;
  return (markdown ? shown : "```\n" + shown + "\n```") + "\n\n" + source_line(machine(), today(), command) +
         "\n";
}

Complaints measured_complaints(const std::string& document) {
  static const std::regex source("\\*[^*`]+, [0-9]{4}-[0-9]{2}-[0-9]{2}: `(.+)`\\*");
  Complaints all;
  for (const Block& block : read_page(document).blocks) {
    if (block.kind != "measured") continue;
    const std::string wrong = command_complaint(block.argument);
    if (!wrong.empty()) all.push_back(at_line(block.line, wrong));
    const std::string content = trimmed(content_of(document, block));
    const size_t last = content.rfind('\n') + 1;
    std::smatch parts;
    const std::string line = content.substr(last);
    if (!std::regex_match(line, parts, source) || parts[1] != block.argument || last == 0)
      all.push_back(at_line(block.line, "the block \"", block.argument,
                            "\" does not end with its machine, date and command: run make numbers"));
  }
  return all;
}

Complaints bare_complaints(const std::string& document, const std::vector<std::string>& allowed) {
  static const std::regex measurement(
      R"([0-9] ?(%|(images/s|GFLOP/s|GB/s|MB|GB|ms|s|min|seconds?|minutes?|hours?)\b))"),
      code("`[^`]*`");
  Complaints all;
  const std::vector<Block> blocks = read_page(document).blocks;
  for (const Line& line : lines_of(document)) {
    const auto in_block = [&](const Block& block) { return block.contains(line); };
    const auto is_in_line = [&](const std::string& part) { return line.text.find(part) != line.text.npos; };
    if (line.fenced || std::any_of(blocks.begin(), blocks.end(), in_block) ||
        std::any_of(allowed.begin(), allowed.end(), is_in_line))
      continue;
    const std::string prose = std::regex_replace(line.text, code, "");
    std::smatch match;
    if (std::regex_search(prose, match, measurement))
      all.push_back(at_line(line.number, "the measurement \"", match.str(),
                            "\" has no command: move it into a measured block, or drop it: ", line.text));
  }
  return all;
}

}  // namespace ddpm::documents
