// See ddpm/run/log.h. Checked by: tests/ddpm/run/test_log.cpp.
#include "ddpm/run/log.h"

#include <charconv>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>

#include "ddpm/formats/file.h"
#include "kernels/types.h"

namespace ddpm {

namespace {

constexpr int64_t max_log_bytes = int64_t(1) << 32;

// Returns the step at the beginning of a row. Returns the largest int64_t if there is none.
int64_t step_of(const std::string& row) {
  int64_t step = 0;
  const auto [stop, error] = std::from_chars(row.data(), row.data() + row.size(), step);
  const bool good = error == std::errc() && stop != row.data() + row.size() && *stop == ',';
  return good ? step : std::numeric_limits<int64_t>::max();
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

CsvLog::CsvLog(std::string path, const std::string& header, int64_t last_step) : path_(std::move(path)) {
  const bool is_new = !std::filesystem::exists(path_);
  const std::string old = is_new ? header + "\n" : read_file(path_, max_log_bytes);
  std::string kept = header + "\n";
  if (!old.starts_with(kept)) fail(path_, " does not begin with the line ", header, "; move it away");
  for (size_t begin = kept.size(), end; (end = old.find('\n', begin)) != old.npos; begin = end + 1) {
    const std::string row = old.substr(begin, end - begin);
    if (step_of(row) > last_step) continue;
    kept += row + "\n";
    last_cell_ = row.substr(row.rfind(',') + 1);
  }
  if (is_new || kept != old) write_file(path_, kept);
}

void CsvLog::add(int64_t step, const std::string& cells) { pending_ += text(step, ",", cells, "\n"); }

void CsvLog::flush() {
  if (pending_.empty()) return;
  std::error_code ignored;
  const auto size = std::filesystem::file_size(path_, ignored);
  std::ofstream file(path_, std::ios::app | std::ios::binary);
  file << pending_ << std::flush;
  if (!file) {
    // Removes rows that were written in part. The next flush writes all rows again.
    if (!ignored) std::filesystem::resize_file(path_, size, ignored);
    fail("cannot write ", path_, ": is the disk full?");
  }
  pending_.clear();
}

}  // namespace ddpm
