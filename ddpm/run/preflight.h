// Sanity report before training: the range of the data, and L_T, which measures how much of x_0 is left
// in x_T. Checked by: tests/ddpm/run/test_preflight.cpp.
#pragma once

#include <string>

#include "ddpm/data/dataset.h"
#include "ddpm/schedule.h"
#include "kernels/types.h"

namespace ddpm {

// Statistics of pixel values, scaled to [-1, 1].
struct DataSummary {
  double lowest, highest, mean, mean_square;
};
// Summarizes up to 1,024 images that are spread evenly over the data. The data must not be empty.
DataSummary summarize(const Dataset& data);

// Returns a line that begins with "data": the number of images, their size, range and mean.
std::string data_line(const Dataset& data, const DataSummary& summary);

// Returns a line that begins with "schedule": T, beta_1, beta_T, sqrt(alpha_bar_T), and L_T of Eq. (5) in
// bits/dim for data with this mean square. If L_T is above 1e-3, adds a warning line that ends with
// `advice`. (In Section 4 of the paper, L_T is about 1e-5.)
std::string schedule_lines(const Schedule& schedule, double mean_square, const std::string& advice);

// Returns schedule_lines for data of mean square 1, the largest in [-1, 1], if alpha_bar_T differs from the
// paper's by a factor above ten; else "". For networks that were trained elsewhere, on other data.
std::string unusual_schedule_lines(const Schedule& schedule, const std::string& advice);

// Formats a whole number: 1623169 as "1623169", and with commas as "1,623,169".
std::string digits(double number);
std::string grouped(double number);

}  // namespace ddpm
