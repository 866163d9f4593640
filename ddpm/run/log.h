// log.csv and validation.csv: tables that grow with the run. The first column
// is the step; on resume a table is cut back to the checkpoint.
// Checked by: tests/test_log.cpp.
#pragma once

#include <array>
#include <string>
#include <vector>

namespace ddpm {

// The mean loss of all t, and of each quarter of 1..T (NaN where no t fell).
struct LossByTime {
  double mean;
  std::array<double, 4> quartile;
};
// t (B) in 1..T and the images' losses (B), B at least 1.
LossByTime loss_by_time(const std::vector<int>& t, const std::vector<double>& per_image, int T);
// "loss,q1,q2,q3,q4": a NaN is an empty cell.
std::string cells(const LossByTime&);

class CsvLog {
 public:
  // Opens or makes the file. Rows whose step is above last_step are dropped, as is a row that
  // was cut short. Errors: the file cannot be read or written, or has another header.
  CsvLog(std::string path, const std::string& header, int64_t last_step);

  // Adds a row "step,cells", kept in memory until flush().
  void add(int64_t step, const std::string& cells);
  // Appends the rows to the file. Errors: a full disk and the like.
  void flush();

  // The last cell of the last row that was kept, "" if there is none.
  const std::string& last_cell() const { return last_cell_; }

 private:
  std::string path_, pending_, last_cell_;
};

}  // namespace ddpm
