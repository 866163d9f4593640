// Reader and writer for CSV files of numbers: a line of column names, then rows of cells, separated by
// commas. Knows no quotes. NaN is an empty cell. Checked by: tests/ddpm/formats/test_csv.cpp.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ddpm {

// Returns the number that the whole cell is, nullopt if it is none: blanks, a leading + and hexadecimal
// numbers are not read. nan and inf are numbers.
std::optional<double> cell_value(std::string_view cell);

struct CsvTable {
  std::vector<std::string> names;         // of the columns
  std::vector<std::vector<double>> rows;  // each as long as `names`

  // Returns the numbers of a column. Throws std::logic_error if no column has this name.
  std::vector<double> column(const std::string& name) const;
};

// Returns the table as CSV text, with 17 significant digits: reading it gives the same numbers.
std::string csv_text(const CsvTable&);

// Reads a file. Ignores a last line without a newline, which a killed process can leave. Throws Error
// with the path if the file cannot be read or is larger than 4 GiB, if one of the columns `needed` is
// missing, if there is no row, or if a row is malformed. Takes at most 128 bytes of memory for each byte of
// the file.
CsvTable read_csv(const std::string& path, const std::vector<std::string>& needed);

}  // namespace ddpm
