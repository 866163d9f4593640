// Command-line options. A table describes the options; the parser and the help text both use it.
// Options are written `--name value` or `--name=value`. Switches are written `--name`, `--name=on` or
// `--name=off`. Every mistake in the arguments throws UsageError.
// Checked by: tests/ddpm/cli/test_options.cpp, tests/ddpm/cli/test_option_values.cpp.
#pragma once

#include <functional>
#include <iosfwd>
#include <map>
#include <string>
#include <vector>

#include "kernels/types.h"

namespace ddpm {

// An invalid command line. The program prints what() and exits with 2.
struct UsageError : Error {
  using Error::Error;
};

// A function that validates a value and returns its canonical text, such as "0.001" for "1e-3". Throws
// UsageError if the value is invalid. The error message does not name the option.
using Check = std::function<std::string(const std::string& value)>;
Check any_text();                              // accepts any text but ""
Check whole(int64_t lowest, int64_t highest);  // accepts whole numbers from lowest to highest
Check number(double lowest, double highest);   // accepts finite numbers from lowest to highest
enum class Empty { refused, none };            // whether "none" is accepted as an empty list
// Accepts lists of 1 to `longest` whole numbers from lowest to highest, such as 1,2,2.
Check whole_list(int64_t lowest, int64_t highest, size_t longest, Empty = Empty::refused);
// Accepts lists of 1 to `longest` finite numbers from lowest to highest, such as 1,1.5.
Check number_list(double lowest, double highest, size_t longest);
// Accepts two finite numbers A,B with A < B, and the word auto.
Check range_or_auto();
// Accepts exactly the given words.
Check one_of(std::vector<std::string> choices);

// Returns the shortest text that reads back as the same number.
std::string number_text(double value);

struct Option {
  std::string name;         // without the leading dashes
  std::string placeholder;  // stands for the value in help texts, such as "N"; "" for a switch
  std::string fallback;     // the default value as text; "" for no default
  std::string meaning;      // the help text, with the unit
  Check check = any_text();
};

// The parsed arguments of one command. A value comes from the command line, else it is the table's
// default. Using a name that is not in the table is a std::logic_error, except in given().
class Options {
 public:
  // Parses the arguments. Throws UsageError for unknown, repeated or invalid options and for missing
  // values. The table must outlive the object.
  Options(const std::vector<Option>& table, const std::vector<std::string>& arguments);

  // Returns true if the command line sets the option.
  bool given(const std::string& name) const { return given_.count(name) > 0; }
  // Returns true if the option has a value.
  bool has(const std::string& name) const { return !find(name).empty(); }
  // Returns the value as text. Throws UsageError if the option has none.
  std::string value(const std::string& name) const;
  // Returns the value of an option whose check is whole(). Throws UsageError if it has none.
  int64_t integer(const std::string& name) const;
  // Returns the value of an option whose check is number(). Throws UsageError if it has none.
  double number(const std::string& name) const;
  // Returns true if the switch is on.
  bool on(const std::string& name) const;
  // Returns the value of an option whose check is whole_list(), {} for "none". Throws UsageError if it
  // has none.
  std::vector<int64_t> integers(const std::string& name) const;
  // Returns the value of an option whose check is number_list() or range_or_auto(), {} for "auto". Throws
  // UsageError if it has none.
  std::vector<double> numbers(const std::string& name) const;

 private:
  const Option& option(const std::string& name) const;
  std::string find(const std::string& name) const;
  std::string checked(const Option&, const std::string& value) const;

  const std::vector<Option>& table_;
  std::map<std::string, std::string> given_;
};

// Prints one line per option with its name, placeholder, meaning and default, then one for --help.
void print_options(std::ostream&, const std::vector<Option>& table);

// Returns the candidate with the smallest edit distance to the word. Returns "" if every distance
// exceeds 3 or half of the word's length.
std::string nearest(const std::string& word, const std::vector<std::string>& candidates);

}  // namespace ddpm
