// Checks command lines without running them: see commands.h.
#include "tests/documents/commands.h"

#include <algorithm>
#include <filesystem>
#include <regex>

#include "ddpm/cli/commands.h"
#include "tests/support/source.h"

namespace ddpm::documents {

namespace {

using Words = std::vector<std::string>;

// Removes what is no argument of the program: assignments and keywords in front, redirections, and variables
// with the option before them, because their values are not known.
Words plain(const Words& words) {
  static const std::regex front("[A-Z_]+=.*|do|then|else|!"), redirection("[0-9]?>+&?(.*)");
  Words result;
  std::smatch match;
  for (size_t i = 0; i < words.size(); ++i) {
    if (result.empty() && std::regex_match(words[i], front)) continue;
    if (std::regex_match(words[i], match, redirection)) {
      i += match[1].length() == 0;
    } else if (words[i].starts_with("$")) {
      if (!result.empty() && result.back().starts_with("-")) result.pop_back();
    } else {
      result.push_back(words[i]);
    }
  }
  return result;
}

// Splits a line into the words of its commands, as the shell does: quotes group, # begins a comment.
std::vector<Words> split(const std::string& line) {
  static const std::regex token(
      R"(([0-9]?>+(&[0-9])?)|('[^']*'|"[^"]*"|[^\s'"|;&#>]|[^\s'"|;&]#)+|[|;&]+|#.*)");
  std::vector<Words> commands(1);
  for (std::sregex_iterator it(line.begin(), line.end(), token), end; it != end; ++it) {
    const std::string word = it->str();
    if (word[0] == '#') break;
    if (word.find_first_not_of("|;&") == word.npos)
      commands.emplace_back();
    else
      commands.back().push_back(std::regex_replace(word, std::regex("['\"]"), ""));
  }
  for (Words& words : commands) words = plain(words);
  std::erase(commands, Words());
  return commands;
}

bool holds(const std::string& file, const std::string& part) {
  return test::read_source(file).find(part) != std::string::npos;
}

std::string ddpm_complaint(const Words& arguments) {
  if (arguments.empty() || std::count(arguments.begin(), arguments.end(), "--help")) return "";
  try {
    check_command(arguments);
    return "";
  } catch (const UsageError& error) {
    return text(error.what(), ": name what build/ddpm --help lists");
  }
}

std::string bench_complaint(const Words& arguments) {
  for (const std::string& part : arguments)
    if (!holds("tests/bench/bench.cpp", "\"" + part + "\""))
      return text("build/bench has no part \"", part, "\": name one of tests/bench/bench.cpp");
  return "";
}

std::string make_complaint(const Words& arguments) {
  const std::string makefiles = "\n" + test::read_source("Makefile") + test::read_source(".compile.mk");
  for (const std::string& word : arguments) {
    if (word.starts_with("-")) continue;
    const size_t equals = word.find('=');
    const std::string name = word.substr(0, equals);
    if (equals != word.npos) {
      if (makefiles.find(name) == makefiles.npos)
        return text("the Makefile knows no ", name, ": name a variable that it mentions");
      continue;
    }
    const std::string target = name.starts_with("build/") ? "$(BUILD)" + name.substr(5) : name;
    if (makefiles.find("\n" + target + ":") == makefiles.npos)
      return text("there is no target \"", name, "\": name one that make help lists");
  }
  return "";
}

std::string script_complaint(const Words& arguments) {
  if (!arguments.empty() && arguments[0] == "-m") return "";  // a module that Python brings
  if (arguments.empty() || !std::filesystem::exists(arguments[0]))
    return text("there is no script \"", arguments.empty() ? "" : arguments[0], "\": name a file");
  for (size_t i = 1; i < arguments.size(); ++i)
    if (!holds(arguments[0], arguments[i]))
      return text(arguments[0], " knows no \"", arguments[i], "\": name what its first comment lists");
  return "";
}

// Returns the check of a program, nullptr if there is none.
using Check = std::string (*)(const Words& arguments);
Check check_of(const std::string& program) {
  if (program == "build/ddpm") return ddpm_complaint;
  if (program == "build/bench") return bench_complaint;
  // The cases that -tc names are checked elsewhere: tests/documents/links.h.
  if (program == "build/tests-float" || program == "build/tests-double")
    return [](const Words&) { return std::string(); };
  if (program == "make") return make_complaint;
  if (program == "bash" || program == "python3") return script_complaint;
  return nullptr;
}

// Returns the complaints about the commands of a line; those of programs without a check are skipped.
Complaints complaints_of_line(int number, const std::string& line) {
  Complaints all;
  for (const Words& words : split(line)) {
    const Check check = check_of(words[0]);
    const std::string wrong = check ? check({words.begin() + 1, words.end()}) : "";
    if (!wrong.empty()) all.push_back(at_line(number, "`", line, "`: ", wrong));
  }
  return all;
}

}  // namespace

std::string command_complaint(const std::string& line) {
  bool ours = std::regex_search(line, std::regex("\\$\\((make|build/ddpm|build/bench) "));
  for (const Words& words : split(line)) {
    const Check check = check_of(words[0]);
    const std::string wrong = check ? check({words.begin() + 1, words.end()}) : "";
    if (!wrong.empty()) return wrong;
    ours = ours || check;
  }
  return ours ? ""
              : text("\"", line,
                     "\" runs no program of the repository: name make, build/ddpm, build/bench, "
                     "build/tests-float, bash FILE or python3 FILE");
}

Complaints command_complaints(const std::string& document) {
  static const std::regex code("`([^`]+)`");
  Complaints all;
  std::string fence, joined;
  for (const Line& line : lines_of(document)) {
    if (line.text.starts_with("```"))
      fence = fence.empty() ? line.text : "";
    else if (fence == "```sh") {
      joined += line.text;
      if (joined.ends_with("\\"))
        joined.pop_back();
      else
        append(all, complaints_of_line(line.number, joined)), joined.clear();
    } else if (!line.fenced) {
      for (std::sregex_iterator it(line.text.begin(), line.text.end(), code), end; it != end; ++it)
        append(all, complaints_of_line(line.number, (*it)[1]));
    }
  }
  return all;
}

}  // namespace ddpm::documents
