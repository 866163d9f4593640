// The tables log.csv and validation.csv of a run. Training appends rows; the first column is the step.
// When the run is resumed, the rows after the last checkpoint are removed.
// Checked by: tests/ddpm/run/test_log.cpp.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "ddpm/gaussian.h"

namespace ddpm {

// The mean loss over all images, and over the images whose t lies in each quarter of 1..T. The mean
// over a quarter without images is NaN.
struct LossByTime {
  double mean;
  std::array<double, 4> quartile;
};
// Averages the images' losses per_image (B) by their times t (B), each in 1..T. B must be at least 1.
LossByTime loss_by_time(const std::vector<int>& t, const PerImage& per_image, int T);
// Returns the CSV cells "loss,q1,q2,q3,q4" with 7 significant digits. A NaN quartile gives an empty cell.
std::string cells(const LossByTime&);

// A CSV table to which rows are appended.
class CsvLog {
 public:
  // Opens the table or creates it. Removes rows with a step above last_step, rows that do not begin
  // with a step, and an incomplete last row. Throws Error if the file cannot be read or written, has a
  // different header, or is larger than 4 GiB.
  CsvLog(std::string path, const std::string& header, int64_t last_step);

  // Adds the row "step,cells". It stays in memory until flush().
  void add(int64_t step, const std::string& cells);
  // Appends the added rows to the file. Throws Error if writing fails, for example on a full disk. In
  // that case, restores the file's old length and keeps the rows in memory for the next flush().
  void flush();

  // Returns the last cell of the last row that the constructor kept, "" if it kept none.
  const std::string& last_cell() const { return last_cell_; }

 private:
  std::string path_, pending_, last_cell_;
};

}  // namespace ddpm
