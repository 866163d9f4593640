// See ddpm/formats/csv.h. Checked by: tests/ddpm/formats/test_csv.cpp.
#include "ddpm/formats/csv.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>

#include "ddpm/formats/file.h"
#include "ddpm/formats/quote.h"
#include "kernels/types.h"

namespace ddpm {

namespace {

constexpr int64_t max_csv_bytes = int64_t(1) << 32;

std::vector<std::string_view> split_cells(std::string_view line) {
  std::vector<std::string_view> cells;
  for (size_t begin = 0, comma = 0; comma != line.npos; begin = comma + 1) {
    comma = line.find(',', begin);
    cells.push_back(line.substr(begin, comma - begin));
  }
  return cells;
}

// Returns the number in a cell. Throws Error, which begins with `place`, if it holds none.
double cell_number(std::string_view cell, const std::string& place) {
  if (cell.empty()) return std::numeric_limits<double>::quiet_NaN();
  const std::optional<double> number = cell_value(cell);
  if (!number) fail(place, ": found ", quote(cell), ", expected a number");
  return *number;
}

void append_number(std::string& out, double number) {
  if (std::isnan(number)) return;
  char digits[32];
  out.append(digits, size_t(std::snprintf(digits, sizeof(digits), "%.17g", number)));
}

}  // namespace

// Uses strtod because macOS has no from_chars for double.
std::optional<double> cell_value(std::string_view cell) {
  const std::string digits(cell);  // with the 0 at its end that strtod needs
  if (digits.empty() || digits.find_first_of(" \t\r\v\fxX") != digits.npos || digits[0] == '+') return {};
  char* end = nullptr;
  const double number = std::strtod(digits.c_str(), &end);
  if (end != digits.c_str() + digits.size()) return {};
  return number;
}

std::vector<double> CsvTable::column(const std::string& name) const {
  const auto found = std::find(names.begin(), names.end(), name);
  ENSURE(found != names.end(), "there is no column ", name);
  std::vector<double> numbers;
  for (const std::vector<double>& row : rows) numbers.push_back(row.at(size_t(found - names.begin())));
  return numbers;
}

std::string csv_text(const CsvTable& table) {
  std::string out;
  for (const std::string& name : table.names) out += (out.empty() ? "" : ",") + name;
  out += "\n";
  for (const std::vector<double>& row : table.rows) {
    for (size_t i = 0; i < row.size(); ++i) {
      if (i > 0) out += ",";
      append_number(out, row[i]);
    }
    out += "\n";
  }
  return out;
}

CsvTable read_csv(const std::string& path, const std::vector<std::string>& needed) {
  const std::string file = read_file(path, max_csv_bytes);
  const std::string_view bytes = file;
  CsvTable table;
  int64_t line = 0;
  for (size_t begin = 0, end; (end = bytes.find('\n', begin)) != bytes.npos; begin = end + 1) {
    const std::vector<std::string_view> cells = split_cells(bytes.substr(begin, end - begin));
    if (++line == 1) {
      table.names.assign(cells.begin(), cells.end());
      continue;
    }
    const std::string place = text(path, ", line ", line);
    if (cells.size() != table.names.size())
      fail(place, ": found ", cells.size(), " cells, expected ", table.names.size());
    std::vector<double>& row = table.rows.emplace_back();
    row.reserve(cells.size());
    for (const std::string_view cell : cells) row.push_back(cell_number(cell, place));
  }
  for (const std::string& name : needed)
    if (std::find(table.names.begin(), table.names.end(), name) == table.names.end())
      fail(path, " has no column ", name);
  if (table.rows.empty()) fail(path, " has no rows yet");
  return table;
}

}  // namespace ddpm
