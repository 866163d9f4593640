// See ddpm/run/log.h. Checked by: tests/ddpm/run/test_log.cpp.
#include "ddpm/run/log.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <string_view>
#include <utility>

#include "ddpm/formats/csv.h"
#include "ddpm/formats/file.h"
#include "ddpm/formats/quote.h"
#include "kernels/types.h"

namespace ddpm {

namespace {

constexpr int64_t max_log_bytes = int64_t(1) << 32;
constexpr double most_step_seconds = 1e6;
constexpr const char* remedy = "; move the file away to go on without it";

// Returns the step at the beginning of a row. Returns 0 if there is none.
int64_t step_of(std::string_view row) {
  int64_t step = 0;
  const char* const end = row.data() + row.size();
  const auto [stop, error] = std::from_chars(row.data(), end, step);
  return error == std::errc() && stop != end && *stop == ',' ? step : 0;
}

}  // namespace

LossByTime loss_by_time(const std::vector<int>& t, const PerImage& per_image, int T) {
  ENSURE(!t.empty() && t.size() == per_image.size(), t.size(), " ", per_image.size());
  LossByTime sum{0, {}};
  std::array<int, 4> count{};
  for (size_t i = 0; i < t.size(); ++i) {
    const auto quarter = size_t(int64_t(4) * (t[i] - 1) / T);
    sum.mean += per_image[i] / double(t.size());
    sum.quartile.at(quarter) += per_image[i];
    ++count.at(quarter);
  }
  for (size_t q = 0; q < 4; ++q) sum.quartile[q] /= count[q];  // an empty quarter gives 0/0 = NaN
  return sum;
}

std::string cells(const LossByTime& loss) {
  std::ostringstream out;
  out.precision(7);
  out << loss.mean;
  for (const double quartile : loss.quartile) {
    out << ",";
    if (!std::isnan(quartile)) out << quartile;
  }
  return out.str();
}

CsvLog::CsvLog(std::string path, const std::string& header, int64_t last_step)
    : path_(std::move(path)), header_(header + "\n") {
  if (!std::filesystem::exists(path_)) return;
  const std::string old = read_file(path_, max_log_bytes);
  if (!old.starts_with(header_)) fail(path_, " does not begin with the line ", header, remedy);
  kept_bytes_ = header_.size();
  const auto commas = std::count(header.begin(), header.end(), ',');
  int64_t line = 2, before = 0;
  for (size_t begin = kept_bytes_, end; (end = old.find('\n', begin)) != old.npos; begin = end + 1, ++line) {
    const std::string_view row(old.data() + begin, end - begin);
    const int64_t step = step_of(row);
    if (step <= before || std::count(row.begin(), row.end(), ',') != commas)
      fail(path_, ", line ", line, ": expected ", commas + 1, " cells, the first a step above ", before,
           remedy);
    before = step;
    if (step > last_step) continue;
    kept_bytes_ = end + 1;
    last_step_ = step, last_line_ = line;
    cell_before_ = std::exchange(last_cell_, row.substr(row.rfind(',') + 1));
  }
  found_step_ = before;
}

double CsvLog::last_seconds() const {
  if (last_step_ == 0) return 0;
  const double before = cell_before_.empty() ? 0 : cell_value(cell_before_).value_or(NAN);
  const std::optional<double> seconds = cell_value(last_cell_);
  if (!seconds || !(before >= 0 && *seconds >= before && *seconds <= before + most_step_seconds))
    fail(path_, ", line ", last_line_, ": found ", quote(last_cell_), " in the last cell, expected seconds ",
         "that follow the row before's, ", before, remedy);
  return *seconds;
}

void CsvLog::add(int64_t step, const std::string& cells) { pending_ += text(step, ",", cells, "\n"); }

// Creates the file with its header if there is none, and removes once what the constructor did not keep.
void CsvLog::cut_back() {
  std::error_code error;
  const auto size = std::filesystem::file_size(path_, error);
  if (error)
    write_file(path_, header_);
  else if (!cut_back_ && std::filesystem::hard_link_count(path_) > 1)  // not to change the other name's file
    write_file(path_, read_file(path_, max_log_bytes).substr(0, kept_bytes_));
  else if (!cut_back_ && size > kept_bytes_)
    std::filesystem::resize_file(path_, kept_bytes_);
  cut_back_ = true;
}

void CsvLog::flush() {
  cut_back();
  append_to_file(path_, pending_);
  pending_.clear();
}

void CsvLog::sync() const { flush_to_disk(path_); }

}  // namespace ddpm
