// Checks links, anchors and names: see links.h.
#include "tests/documents/links.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <regex>
#include <set>

#include "tests/support/cases.h"
#include "tests/support/marks.h"

namespace ddpm::documents {

namespace fs = std::filesystem;

namespace {

// Is the character that begins at text[i] punctuation, such as a dash or an arrow? `length` becomes
// its number of bytes in UTF-8.
bool punctuation(const std::string& text, size_t i, size_t& length) {
  const auto byte = [&](size_t k) { return i + k < text.size() ? uint32_t(uint8_t(text[i + k])) : 0u; };
  length = byte(0) < 0x80 ? 1 : byte(0) < 0xE0 ? 2 : byte(0) < 0xF0 ? 3 : 4;
  if (length == 1) return !std::isalnum(int(byte(0))) && text[i] != '-' && text[i] != '_' && text[i] != ' ';
  if (length == 2) {
    const uint32_t code = (byte(0) & 0x1F) << 6 | (byte(1) & 0x3F);
    return code < 0xC0 || code == 0xD7 || code == 0xF7;
  }
  return byte(0) == 0xE2;  // U+2000 to U+2FFF
}

// Calls f with every match of the pattern outside of fences, and with its line.
void for_each_match(const std::string& document, const std::regex& pattern,
                    const std::function<void(const Line&, const std::smatch&)>& f) {
  for (const Line& line : lines_of(document)) {
    if (line.fenced) continue;
    for (std::sregex_iterator it(line.text.begin(), line.text.end(), pattern), end; it != end; ++it)
      f(line, *it);
  }
}

// Returns what is wrong with a link's target, "" if nothing.
std::string link_complaint(const std::string& document, const std::string& folder,
                           const std::string& target) {
  const size_t hash = target.find('#');
  const std::string file = target.substr(0, hash),
                    fragment = hash == target.npos ? "" : target.substr(hash + 1);
  const std::string path = (fs::path(folder) / file).lexically_normal().string();
  if (!file.empty() && !fs::exists(path)) return "there is no " + path + ": name a file or folder";
  if (fragment.empty()) return "";
  const std::string page = file.empty() ? document : test::read_source(path);
  std::smatch number;
  if (std::regex_match(fragment, number, std::regex("L([0-9]+)(-L[0-9]+)?")))
    return std::stoul(number[1]) <= lines_of(page).size() ? "" : path + " has no line " + number[1].str();
  std::string near;
  for (const Heading& heading : headings(page)) {
    if (heading.anchor == fragment) return "";
    near += (near.empty() ? "" : ", ") + heading.anchor;
  }
  return "there is no heading with the anchor #" + fragment + ": name one of " + near;
}

// The paths of all files and folders that a document may name, "/tests/support/marks.h".
const std::vector<std::string>& all_paths() {
  static const std::vector<std::string> paths = [] {
    std::vector<std::string> found;
    for (const char* folder : {"kernels", "tensor", "nn", "ddpm", "tests", ".ci", ".github"})
      for (const auto& entry : fs::recursive_directory_iterator(folder))
        found.push_back("/" + entry.path().generic_string());
    return found;
  }();
  return paths;
}

const std::vector<std::string>& all_cases() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> found;
    for (const std::string& file : test::source_files({".cpp"})) {
      const std::vector<std::string> cases = test::case_names(test::read_source(file));
      found.insert(found.end(), cases.begin(), cases.end());
    }
    return found;
  }();
  return names;
}

// Is there a case that doctest runs for this filter, in which * stands for any text?
bool has_case(const std::string& filter) {
  std::string pattern = std::regex_replace(filter, std::regex(R"([.+?^${}()|\[\]\\])"), "\\$&");
  pattern = std::regex_replace(pattern, std::regex("\\*"), ".*");
  const std::regex wanted(pattern, std::regex::icase);
  return std::any_of(all_cases().begin(), all_cases().end(),
                     [&](const std::string& name) { return std::regex_match(name, wanted); });
}

}  // namespace

std::string anchor(const std::string& heading) {
  const std::string plain = std::regex_replace(heading, std::regex("\\[([^\\]]*)\\]\\([^)]*\\)"), "$1");
  std::string result;
  size_t length = 1;
  for (size_t i = 0; i < plain.size(); i += length) {
    if (punctuation(plain, i, length)) continue;
    for (const char c : plain.substr(i, length))
      result += c == ' ' ? '-' : c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c;
  }
  return result;
}

std::vector<Heading> headings(const std::string& document) {
  std::vector<Heading> all;
  std::map<std::string, int> seen;
  for_each_match(document, std::regex("^(#+) +(.*?) *$"), [&](const Line& line, const std::smatch& match) {
    const std::string name = anchor(match[2]);
    const int before = seen[name]++;
    all.push_back(
        {line.number, int(match.length(1)), before == 0 ? name : name + "-" + std::to_string(before)});
  });
  return all;
}

Complaints link_complaints(const std::string& document, const std::string& folder) {
  Complaints all;
  for_each_match(document, std::regex("\\]\\(([^)\\s]+)\\)"),
                 [&](const Line& line, const std::smatch& match) {
                   const std::string target = match[1];
                   if (target.find("://") != target.npos || target.starts_with("mailto:")) return;
                   const std::string wrong = link_complaint(document, folder, target);
                   if (!wrong.empty())
                     all.push_back(at_line(line.number, "the link to ", target, ": ", wrong));
                 });
  return all;
}

Complaints file_complaints(const std::string& document) {
  static const std::regex quoted("`([A-Za-z0-9_.][A-Za-z0-9_./-]*/[A-Za-z0-9_./-]*)`");
  static const std::regex ours("(kernels|tensor|nn|ddpm|tests)/.*|.*\\.(h|cpp|sh|md|py)");
  Complaints all;
  for_each_match(document, quoted, [&](const Line& line, const std::smatch& match) {
    std::string name = match[1];
    if (!std::regex_match(name, ours) || fs::exists(name)) return;
    if (name.ends_with("/")) name.pop_back();
    const auto ends_so = [&](const std::string& path) { return path.ends_with("/" + name); };
    if (std::none_of(all_paths().begin(), all_paths().end(), ends_so))
      all.push_back(
          at_line(line.number, "there is no `", match[1].str(), "`: name a file or folder that exists"));
  });
  return all;
}

Complaints name_complaints(const std::string& document) {
  static const std::regex row("ROW='([^']+)'"), filter("-tc='([^']+)'");
  std::set<std::string> rows;
  for (const test::Mark& mark : test::all_marks()) rows.insert(mark.what);
  Complaints all;
  for (const Line& line : lines_of(document)) {
    for (std::sregex_iterator it(line.text.begin(), line.text.end(), row), end; it != end; ++it) {
      const std::string name = (*it)[1];
      if (std::none_of(rows.begin(), rows.end(), [&](const auto& known) { return known.starts_with(name); }))
        all.push_back(at_line(line.number, "no row of make equations begins with \"", name,
                              "\": name an equation or algorithm, Eq. (7)"));
    }
    for (std::sregex_iterator it(line.text.begin(), line.text.end(), filter), end; it != end; ++it)
      if (!has_case((*it)[1]))
        all.push_back(at_line(line.number, "no test case is named \"", (*it)[1].str(),
                              "\": name one of tests/, * stands for any text"));
  }
  return all;
}

}  // namespace ddpm::documents
