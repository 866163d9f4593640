// Finds definitions and formulas in the sources: see quote.h.
#include "tests/documents/quote.h"

#include <regex>

#include "tests/documents/blocks.h"
#include "tests/support/marks.h"

namespace ddpm::documents {

namespace {

// "conv3x3#2" is {"conv3x3", 2}, "conv3x3" is {"conv3x3", 0}.
struct Choice {
  std::string name;
  size_t number;
};
Choice choice(const std::string& text) {
  std::smatch parts;
  if (!std::regex_match(text, parts, std::regex("(.*)#([1-9])"))) return {text, 0};
  return {parts[1], size_t(std::stoi(parts[2]))};
}

// Returns the element that the choice names. Throws Error if there is none or if it names none of several.
template <typename T>
const T& chosen(const std::vector<T>& found, const Choice& choice, const std::string& where) {
  if (found.empty()) fail(where, " has no ", choice.name);
  if (found.size() > 1 && choice.number == 0)
    fail(where, " has ", found.size(), " of ", choice.name, ": choose one, ", choice.name, "#1 to #",
         found.size());
  if (choice.number > found.size()) fail(where, " has only ", found.size(), " of ", choice.name);
  return found[choice.number == 0 ? 0 : choice.number - 1];
}

// Does a line without its indentation begin the definition or declaration of `name`? A function's name
// stands before the line's first parenthesis, attributes aside.
bool names(const std::string& text, const std::string& name) {
  if (text.empty() || text.find_first_of(" /#}") == 0) return false;
  std::smatch type;
  if (std::regex_search(text, type, std::regex("^(struct|class|enum|enum class) (\\w+)")) && type[2] == name)
    return true;
  const std::string line = std::regex_replace(text, std::regex("__attribute__\\(\\(.*?\\)\\) "), "");
  const size_t at = line.find(name + "(");
  if (at == line.npos || line.find('(') < at) return false;
  return at == 0 || line[at - 1] == ' ' || line[at - 1] == '*' || line[at - 1] == '&';
}

struct Range {
  size_t first, begin, last;  // indices of lines: the first comment, the definition, the closing brace
};

// Returns the definition that begins on that line with that indentation, last == 0 if it is a declaration.
Range definition(const std::vector<Line>& lines, size_t begin, const std::string& indent) {
  size_t last = begin;
  // The signature ends with the first line that has a brace or a semicolon.
  while (last + 1 < lines.size() && lines[last].text.find_first_of("{;") == std::string::npos) ++last;
  const std::string& signature = lines[last].text;
  const size_t brace = signature.find('{');
  if (brace == signature.npos || signature.find(';') < brace) return {0, begin, 0};
  const bool one_line = signature.ends_with("}") || signature.ends_with("};");
  while (!one_line && last + 1 < lines.size() && !lines[last].text.starts_with(indent + "}")) ++last;
  size_t first = begin;
  const auto above = [&](const char* start) {
    return first > 0 && lines[first - 1].text.starts_with(indent + start);
  };
  while (above("template ")) --first;
  while (above("//")) --first;
  return {first, begin, last};
}

// Returns the definitions of that name and indentation among the lines from begin to before end.
std::vector<Range> definitions(const std::vector<Line>& lines, size_t begin, size_t end,
                               const std::string& name, const std::string& indent) {
  std::vector<Range> found;
  for (size_t i = begin; i < end; ++i) {
    if (!lines[i].text.starts_with(indent) || !names(lines[i].text.substr(indent.size()), name)) continue;
    const Range range = definition(lines, i, indent);
    if (range.last > 0) found.push_back(range);
  }
  return found;
}

// A name Class::method stands before the method's definition, or is that of a method within the class.
Range find_definition(const std::vector<Line>& lines, const std::string& name) {
  const Choice which = choice(name);
  std::vector<Range> found = definitions(lines, 0, lines.size(), which.name, "");
  const size_t colons = which.name.find("::");
  if (found.empty() && colons != name.npos)
    for (const Range& type : definitions(lines, 0, lines.size(), which.name.substr(0, colons), ""))
      found = definitions(lines, type.begin + 1, type.last, which.name.substr(colons + 2), "  ");
  return chosen(found, which, "the file");
}

}  // namespace

std::string function_text(const std::string& source, const std::string& name) {
  const std::vector<Line> lines = lines_of(source);
  const Range range = find_definition(lines, name);
  return source.substr(lines[range.first].begin, lines[range.last].end - lines[range.first].begin) + "\n";
}

int function_line(const std::string& source, const std::string& name) {
  const std::vector<Line> lines = lines_of(source);
  return lines[find_definition(lines, name).begin].number;
}

std::string formula_text(const std::string& what) {
  static const std::regex form("(Eq\\. \\([0-9]+\\)|Algorithm [0-9]+)(?:, line ([0-9]+))?(?: (\\S+))?");
  const Choice which = choice(what);
  std::smatch parts;
  if (!std::regex_match(which.name, parts, form))
    fail("\"", what, "\" is no mark: write Eq. (7), Eq. (7) FUNCTION or Algorithm 1, line 5");
  const int line = parts[2].matched ? std::stoi(parts[2]) : 0;
  std::vector<test::Mark> found;
  for (const test::Mark& mark : test::all_marks())
    if (mark.what == parts[1] && mark.line == line && (!parts[3].matched || mark.function == parts[3]))
      found.push_back(mark);
  std::string functions;
  for (const test::Mark& mark : found) functions += " " + mark.function;
  const test::Mark& mark =
      chosen(found, which, "the code (" + (found.empty() ? "ddpm/" : functions.substr(1)) + ")");
  std::string text;
  for (const std::string& line : test::formula_lines(mark, test::read_source(mark.file))) text += line + "\n";
  return text;
}

}  // namespace ddpm::documents
