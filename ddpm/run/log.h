// The tables log.csv and validation.csv of a run. Training appends rows; the first column is the step.
// When the run is resumed, the rows after the last checkpoint are removed.
// Checked by: tests/ddpm/run/test_log.cpp, tests/ddpm/run/test_damage.cpp.
#pragma once

#include <array>
#include <cstdint>
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
  // Reads the table, if there is one, and writes nothing. Keeps the rows with a step up to last_step.
  // Ignores an incomplete last row. Throws Error if the file cannot be read, has a different header, or is
  // larger than 4 GiB; and Error with the line if a row has not as many cells as the header, or does not
  // begin with a step above that of the row before.
  CsvLog(std::string path, const std::string& header, int64_t last_step);

  // Returns the step of the last row that the constructor kept, 0 if it kept none.
  int64_t last_step() const { return last_step_; }
  // Returns the step of the last row that it found, 0 if it found none.
  int64_t found_step() const { return found_step_; }
  // Returns the number in the last cell of the last row that it kept, 0 if there is none. Throws Error with
  // the line unless it is a number of seconds that can follow the row before's (0 before the first): not
  // less, and not more by 1e6, longer than any step takes.
  double last_seconds() const;

  // Adds the row "step,cells". It stays in memory until flush().
  void add(int64_t step, const std::string& cells);
  // Creates the file if there is none. The first call removes the rows that the constructor did not keep.
  // Appends the added rows. Throws Error if writing fails, for example on a full disk. The file then has its
  // old length, and the rows stay in memory for the next flush().
  void flush();
  // Waits until the flushed rows are on the disk, where they survive a power cut. Throws Error if that fails.
  void sync() const;

 private:
  void cut_back();

  std::string path_, header_, pending_;
  std::string last_cell_, cell_before_;  // of the last two rows that were kept
  uint64_t kept_bytes_ = 0;              // 0: there was no file
  int64_t last_step_ = 0, last_line_ = 0, found_step_ = 0;
  bool cut_back_ = false;
};

}  // namespace ddpm
