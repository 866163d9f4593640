// Checks that each type has a name of its own: where two files define a type of one name, the linker takes
// the functions of either, without a word.
#include <doctest/doctest.h>

#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "tests/support/source.h"

namespace ddpm::test {

namespace {

// Adds the types that a source defines outside unnamed namespaces: "ddpm::Tensor" -> the files that do.
void add_types(const std::string& file, const std::string& source,
               std::map<std::string, std::set<std::string>>& types) {
  const std::regex space("namespace ([a-z:]+) \\{");
  const std::regex type("(?:struct|enum class|enum|class|union) ([\\w:]+\\b)(?!;).*");
  std::string inside;
  bool unnamed = false;
  std::istringstream lines(source);
  std::smatch match;
  for (std::string line; std::getline(lines, line);) {
    if (line == "namespace {") unnamed = true;
    if (line == "}  // namespace") unnamed = false;
    if (std::regex_match(line, match, space)) inside = match[1].str() + "::";
    if (!unnamed && std::regex_match(line, match, type)) types[inside + match[1].str()].insert(file);
  }
}

}  // namespace

TEST_CASE("types: a type outside unnamed namespaces has a name of its own") {
  std::map<std::string, std::set<std::string>> types, planted;
  for (const std::string& file : source_files()) add_types(file, read_source(file), types);
  std::string twice;
  for (const auto& [type, files] : types)
    if (files.size() > 1) twice += type + " in " + *files.begin() + " and " + *files.rbegin() + "\n";
  CHECK(twice == "");
  CHECK(types.size() > 150);
  CHECK(types.count("ddpm::bench::NetworkRun::Training") == 1);

  add_types("a", "namespace x {\nstruct A {\nenum class B { b };\nstruct C;\n", planted);
  add_types("b", "namespace x {\nnamespace {\nstruct B {\n}  // namespace\nstruct A : B {\n", planted);
  CHECK(planted == decltype(planted){{"x::A", {"a", "b"}}, {"x::B", {"a"}}});
}

}  // namespace ddpm::test
