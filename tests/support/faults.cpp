// Reads the list of faults and finds their places: see faults.h.
#include "tests/support/faults.h"

#include <algorithm>
#include <cctype>
#include <map>
#include <sstream>

#include "kernels/types.h"
#include "tests/support/marks.h"

namespace ddpm::test {

namespace {

// Returns "a" and "b" of "a SIGN b". Throws Error if there is no SIGN.
std::pair<std::string, std::string> halves(const std::string& line, const std::string& sign) {
  const size_t at = line.find(" " + sign + " ");
  if (at == std::string::npos) fail("no \" ", sign, " \"");
  return {line.substr(0, at), line.substr(at + sign.size() + 2)};
}

// Appends the rows that the word names: "7", "A2", or several, "8-11". Returns false if it names none.
bool read_rows(const std::string& word, std::vector<std::string>& rows) {
  std::smatch match;
  if (std::regex_match(word, match, std::regex("A([0-9]+)"))) {
    rows.push_back("Algorithm " + match[1].str());
    return true;
  }
  if (!std::regex_match(word, match, std::regex("([0-9]+)(-([0-9]+))?"))) return false;
  const int first = std::stoi(match[1]), last = match[3].matched ? std::stoi(match[3]) : first;
  if (last < first) fail("the rows ", word, " run backwards");
  for (int number = first; number <= last; ++number) rows.push_back(text("Eq. (", number, ")"));
  return true;
}

Fault parse_fault(const std::string& file, const std::string& line) {
  if (file.empty()) fail("a fault before the first \"@ FILE\"");
  const auto [notices, change] = halves(line, "::");
  const auto [find, put] = halves(change, "==>");
  Fault fault{file, {}, {}, find, put};
  std::istringstream words(notices);
  for (std::string word; words >> word;)
    if (!read_rows(word, fault.rows)) fault.tests.push_back(word);
  return fault;
}

// The text without white space, and the place of each character in the original.
struct Squeezed {
  std::string text;
  std::vector<size_t> at;
};
Squeezed squeeze(const std::string& text) {
  Squeezed result;
  for (size_t i = 0; i < text.size(); ++i)
    if (!std::isspace(static_cast<unsigned char>(text[i]))) result.text += text[i], result.at.push_back(i);
  return result;
}

// FNV-1a, 64 bits: the same on every machine.
uint64_t hash(const std::string& text) {
  uint64_t value = 14695981039346656037u;
  for (const unsigned char c : text) value = (value ^ c) * 1099511628211u;
  return value;
}

}  // namespace

std::string to_text(const Fault& fault) { return fault.file + ": " + fault.find + " ==> " + fault.put; }

std::vector<Fault> parse_faults(const std::string& list) {
  std::vector<std::string> lines;
  std::istringstream in(list);
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line[0] == '#') continue;
    const size_t begin = line.find_first_not_of(" \t");
    if (begin > 0 && !lines.empty())
      lines.back() += " " + line.substr(std::min(begin, line.size()));
    else
      lines.push_back(line);
  }
  std::vector<Fault> faults;
  std::string file;
  for (const std::string& line : lines) try {
      if (line.starts_with("@ "))
        file = line.substr(2);
      else
        faults.push_back(parse_fault(file, line));
    } catch (const Error& error) {
      fail("cannot read the fault \"", line, "\": ", error.what());
    }
  return faults;
}

const std::vector<Fault>& all_faults() {
  static const std::vector<Fault> faults = parse_faults(read_source("tests/mutants.txt"));
  return faults;
}

std::string short_rows(const std::vector<std::string>& rows) {
  std::string result;
  for (size_t i = 0; i < rows.size(); ++i) {
    const auto number = [&](size_t k) {  // 0 for an algorithm
      return k < rows.size() && rows[k][0] == 'E' ? std::stoi(rows[k].substr(5)) : 0;
    };
    size_t last = i;
    while (number(i) > 0 && number(last + 1) == number(last) + 1) ++last;
    result += (i > 0 ? " " : "") + (number(i) > 0 ? text(number(i)) : "A" + rows[i].substr(10));
    if (last > i) result += text("-", number(last));
    i = last;
  }
  return result;
}

std::vector<Place> places(const std::string& source, const std::string& find) {
  const Squeezed in = squeeze(source);
  const std::string what = squeeze(find).text;
  std::vector<Place> found;
  if (what.empty()) return found;
  for (size_t i = in.text.find(what); i != std::string::npos; i = in.text.find(what, i + 1))
    found.push_back({in.at[i], in.at[i + what.size() - 1] + 1});
  return found;
}

std::string mutated(const std::string& source, const Fault& fault) {
  const std::vector<Place> found = places(source, fault.find);
  if (found.size() != 1) fail(fault.find, " stands in ", fault.file, " ", found.size(), " times, not once");
  return source.substr(0, found[0].begin) + fault.put + source.substr(found[0].end);
}

int line_of(const Fault& fault) {
  const std::string source = read_source(fault.file);
  const std::vector<Place> found = places(source, fault.find);
  if (found.size() != 1) return 0;
  return 1 + int(std::count(source.begin(), source.begin() + found[0].begin, '\n'));
}

std::string row_of(const Fault& fault) {
  static const std::vector<Mark> marks = all_marks();
  const int line = fault.rows.empty() ? 0 : line_of(fault);
  for (const Mark& mark : marks)
    if (line > 0 && mark.file == fault.file && mark.what == fault.rows[0] && mark.statement.contain(line))
      return fault.rows[0];
  return "";
}

int faults_of(const std::string& row) {
  static const std::map<std::string, int> counts = [] {
    std::map<std::string, int> of;
    for (const Fault& fault : all_faults()) ++of[row_of(fault)];
    return of;
  }();
  return counts.count(row) ? counts.at(row) : 0;
}

std::vector<Fault> drawn(std::vector<Fault> faults, size_t count, const std::string& seed) {
  const auto earlier = [&](const Fault& a, const Fault& b) {
    return hash(seed + to_text(a)) < hash(seed + to_text(b));
  };
  std::sort(faults.begin(), faults.end(), earlier);
  faults.resize(std::min(count, faults.size()));
  return faults;
}

}  // namespace ddpm::test
