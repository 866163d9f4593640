// What a careful person looks at before training: are the data in [−1, 1], how
// large is the network, does x_T forget x_0?
// Checked by: tests/test_log.cpp.
#pragma once

#include <string>

#include "ddpm/data/dataset.h"
#include "ddpm/schedule.h"
#include "kernels/types.h"

namespace ddpm {

// Over up to 1,024 images spread over the data, in the network's numbers.
struct DataSummary {
  double lowest, highest, mean, mean_square;
};
DataSummary summarize(const Dataset& data);

// "data …": the number of images, their size, range and mean.
std::string data_line(const Dataset& data, const DataSummary& summary);

// "schedule …": T, β_1, β_T, √ᾱ_T and L_T in bits/dim for data of that mean
// square; a second line warns if L_T is above 1e-3 (Section 4 has
// about 1e-5), and ends with the advice.
std::string schedule_lines(const Schedule& schedule, double mean_square, const std::string& advice);

// 1623169 as "1,623,169".
std::string grouped(int64_t number);

}  // namespace ddpm
