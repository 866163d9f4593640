// Parses options and prints their help (ddpm/cli/options.h). Checked by: tests/ddpm/cli/test_options.cpp.
#include "ddpm/cli/options.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <numeric>
#include <ostream>
#include <sstream>

#include "ddpm/formats/quote.h"

namespace ddpm {

namespace {

const std::string on_text = "on", off_text = "off";

std::vector<std::string> names(const std::vector<Option>& table) {
  std::vector<std::string> all{"help"};
  for (const Option& option : table) all.push_back(option.name);
  return all;
}

const Option* look_up(const std::vector<Option>& table, const std::string& name) {
  for (const Option& option : table)
    if (option.name == name) return &option;
  return nullptr;
}

[[noreturn]] void unknown(const std::vector<Option>& table, const std::string& name) {
  const std::string near = nearest(name, names(table));
  throw UsageError(text("there is no option ", quote("--" + name),
                        near.empty() ? "; see --help" : "; did you mean --" + near + "?"));
}

}  // namespace

Options::Options(const std::vector<Option>& table, const std::vector<std::string>& arguments)
    : table_(table) {
  for (size_t i = 0; i < arguments.size(); ++i) {
    const std::string& argument = arguments[i];
    if (!argument.starts_with("--"))
      throw UsageError(text(quote(argument), " is not an option: options begin with --; see --help"));
    const size_t equals = argument.find('=');
    const std::string name = argument.substr(2, equals == argument.npos ? equals : equals - 2);
    const Option* option = look_up(table, name);
    if (!option) unknown(table, name);
    if (given(name)) throw UsageError(text("--", name, " is given twice; give it once"));

    std::string value;
    if (equals != argument.npos)
      value = argument.substr(equals + 1);
    else if (option->placeholder.empty())
      value = on_text;
    else if (i + 1 < arguments.size() && !arguments[i + 1].starts_with("--"))
      value = arguments[++i];
    else
      throw UsageError(text("--", name, " needs a value: --", name, " ", option->placeholder));
    given_[name] = checked(*option, value);
  }
}

std::string Options::checked(const Option& option, const std::string& value) const {
  try {
    return option.placeholder.empty() ? one_of({on_text, off_text})(value) : option.check(value);
  } catch (const UsageError& error) {
    throw UsageError(text("--", option.name, " ", quote(value), ": ", error.what()));
  }
}

const Option& Options::option(const std::string& name) const {
  const Option* option = look_up(table_, name);
  ENSURE(option, "--", name, " is not in the table");
  return *option;
}

std::string Options::find(const std::string& name) const {
  const Option& known = option(name);
  if (const auto it = given_.find(name); it != given_.end()) return it->second;
  return known.fallback;
}

std::string Options::value(const std::string& name) const {
  const std::string found = find(name);
  if (found.empty())
    throw UsageError(text("--", name, " ", option(name).placeholder, " is missing: ", option(name).meaning));
  return found;
}

int64_t Options::integer(const std::string& name) const {
  const std::string digits = value(name);
  int64_t number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return number;
}

double Options::number(const std::string& name) const {
  return std::strtod(value(name).c_str(), nullptr);  // succeeds: number() has checked the text
}

bool Options::on(const std::string& name) const { return find(name) == on_text; }

std::vector<int64_t> Options::integers(const std::string& name) const {
  const std::string digits = value(name);
  std::vector<int64_t> list;
  const char *next = digits.data(), *end = next + digits.size();
  int64_t number = 0;
  while (next < end) {
    const auto [stop, error] = std::from_chars(next, end, number);
    if (error != std::errc()) break;  // the text is "none"
    list.push_back(number);
    next = stop + 1;  // skips the comma
  }
  return list;
}

std::vector<double> Options::numbers(const std::string& name) const {
  std::istringstream items(value(name));
  std::vector<double> list;
  for (std::string item; std::getline(items, item, ',');)
    if (item != "auto") list.push_back(std::strtod(item.c_str(), nullptr));
  return list;
}

void print_options(std::ostream& out, const std::vector<Option>& table) {
  for (const Option& option : table) {
    std::string left = "  --" + option.name + (option.placeholder.empty() ? "" : " " + option.placeholder);
    left.resize(std::max<size_t>(left.size() + 2, 24), ' ');
    out << left << option.meaning;
    if (!option.fallback.empty()) out << " [" << option.fallback << "]";
    out << "\n";
  }
  out << "  --help                print this text\n";
}

std::string nearest(const std::string& word, const std::vector<std::string>& candidates) {
  std::string best;
  size_t best_distance = std::min<size_t>(word.size() / 2, 3) + 1;
  for (const std::string& candidate : candidates) {
    // Computes the Levenshtein distance, one row of its table at a time.
    std::vector<size_t> row(candidate.size() + 1);
    std::iota(row.begin(), row.end(), size_t(0));
    for (size_t i = 1; i <= word.size(); ++i) {
      size_t diagonal = row[0];
      row[0] = i;
      for (size_t j = 1; j <= candidate.size(); ++j) {
        const size_t replaced = diagonal + (word[i - 1] != candidate[j - 1]);
        diagonal = row[j];
        row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
      }
    }
    if (row.back() < best_distance) best_distance = row.back(), best = candidate;
  }
  return best;
}

}  // namespace ddpm
