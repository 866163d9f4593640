// Validates option values: numbers and their ranges, lists, words (ddpm/cli/options.h).
// Checked by: tests/ddpm/cli/test_options.cpp.
#include <charconv>
#include <cmath>
#include <cstdlib>

#include "ddpm/cli/options.h"

namespace ddpm {

namespace {

// Parses the whole text as an integer. Returns false for blanks, trailing characters and overflow.
bool parse(const std::string& value, int64_t& number) {
  const char* end = value.data() + value.size();
  const auto [stop, error] = std::from_chars(value.data(), end, number);
  return error == std::errc() && stop == end && !value.empty();
}

// Parses the whole text as a double. Returns false for blanks, a leading +, hexadecimal numbers, trailing
// characters and overflow. Uses strtod because macOS has no from_chars for double.
bool parse(const std::string& value, double& number) {
  if (value.empty() || value.find_first_of(" \t\n\r\v\fxX") != std::string::npos || value[0] == '+')
    return false;
  char* stop = nullptr;
  number = std::strtod(value.c_str(), &stop);
  return stop == value.c_str() + value.size() &&
         !(std::isinf(number) && value.find_first_of("iI") == std::string::npos);
}

std::string list_text(const std::vector<std::string>& words, const std::string& separator) {
  std::string all;
  for (const std::string& word : words) all += (all.empty() ? "" : separator) + word;
  return all;
}

// Returns the canonical texts of the items of a list, {} if the check refuses one.
std::vector<std::string> checked_items(const std::string& value, const Check& check) {
  std::vector<std::string> canonical;
  try {
    size_t begin = 0, comma = 0;
    do {
      comma = value.find(',', begin);
      canonical.push_back(check(value.substr(begin, comma - begin)));
      begin = comma + 1;
    } while (comma != value.npos);
  } catch (const UsageError&) {
    canonical.clear();
  }
  return canonical;
}

}  // namespace

std::string number_text(double value) {
  char buffer[64];
  const auto [end, error] = std::to_chars(buffer, buffer + sizeof(buffer), value);
  ENSURE(error == std::errc(), value);
  return {buffer, end};
}

Check any_text() {
  return [](const std::string& value) {
    if (value.empty()) throw UsageError("a value is missing");
    return value;
  };
}

Check whole(int64_t lowest, int64_t highest) {
  return [=](const std::string& value) {
    int64_t number = 0;
    if (!parse(value, number) || number < lowest || number > highest)
      throw UsageError(text("give a whole number from ", lowest, " to ", highest));
    return std::to_string(number);
  };
}

Check number(double lowest, double highest) {
  return [=](const std::string& value) {
    double number = 0;
    if (!parse(value, number) || !(number >= lowest && number <= highest))
      throw UsageError(text("give a number from ", lowest, " to ", highest));
    return number_text(number + 0.0);  // -0 becomes 0
  };
}

Check whole_list(int64_t lowest, int64_t highest, size_t longest, Empty empty) {
  return [=](const std::string& value) -> std::string {
    const bool none = empty == Empty::none;
    if (none && value == "none") return value;
    const std::vector<std::string> canonical = checked_items(value, whole(lowest, highest));
    if (canonical.empty() || canonical.size() > longest)
      throw UsageError(text("give 1 to ", longest, " whole numbers from ", lowest, " to ", highest,
                            ", separated by commas", none ? ", or the word none" : ""));
    return list_text(canonical, ",");
  };
}

Check number_list(double lowest, double highest, size_t longest) {
  return [=](const std::string& value) {
    const std::vector<std::string> canonical = checked_items(value, number(lowest, highest));
    if (canonical.empty() || canonical.size() > longest)
      throw UsageError(
          text("give 1 to ", longest, " numbers from ", lowest, " to ", highest, ", separated by commas"));
    return list_text(canonical, ",");
  };
}

Check range_or_auto() {
  return [](const std::string& value) -> std::string {
    if (value == "auto") return value;
    const std::vector<std::string> ends = checked_items(value, number(-1e9, 1e9));
    if (ends.size() != 2 || !(std::strtod(ends[0].c_str(), nullptr) < std::strtod(ends[1].c_str(), nullptr)))
      throw UsageError("give two numbers A,B with A < B, such as 0,16, or the word auto");
    return list_text(ends, ",");
  };
}

Check one_of(std::vector<std::string> choices) {
  return [choices = std::move(choices)](const std::string& value) {
    for (const std::string& choice : choices)
      if (choice == value) return value;
    throw UsageError(text("choose one of ", list_text(choices, ", ")));
  };
}

}  // namespace ddpm
