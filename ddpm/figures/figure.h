// The figures of the documents. Each is one function in a file of its own.
// To add a figure: write its file, declare its function here, and add its row to the table in
// ddpm/cli/cmd_figure.cpp.
// Checked by: tests/ddpm/figures/test_figure.cpp.
#pragma once

#include <string>
#include <vector>

#include "ddpm/data/dataset.h"
#include "ddpm/noise_predictor.h"
#include "ddpm/reverse.h"
#include "ddpm/run/reporter.h"

namespace ddpm {

// A picture, and the numbers that it shows.
struct Figure {
  std::string svg;  // an SVG file's text
  std::string csv;  // a CSV file's text (ddpm/formats/csv.h)
};

// Width of every figure, in SVG user units. At 400 pixels its text is 8 pixels high.
constexpr double figure_width = 640;

// Returns the times 0, T/10, 2T/10, ..., T, rounded down: the columns of the figures with images. Throws
// Error if T < 10, where times would repeat.
std::vector<int> column_times(int T);

// Throws Error unless C is 1 or 3, the numbers of channels that a PNG image can have.
void require_grey_or_rgb(int C);

// Returns the square root of the mean of x^2 over all numbers of x.
double root_mean_square(const Tensor& x);

// Section 2: curves of beta_t, beta_tilde_t, alpha_bar_t, 1 - alpha_bar_t and of the signal-to-noise
// ratio alpha_bar_t / (1 - alpha_bar_t) over t; and the weight of Eq. (12) with sigma_t^2 = beta_t.
// CSV: a row per t = 1..T. In the picture, 0 is missing on logarithmic scales.
Figure schedule_figure(const Schedule&);

// Eq. (4): x_t of one image at the times of column_times, with one eps for all t.
// CSV: a row per column. Throws Error if `index` is not in 0..data.size() - 1, if C is neither 1 nor 3,
// or if T < 10.
Figure forward_figure(const Schedule&, const Dataset& data, int64_t index, uint64_t seed);

// Algorithm 2: x_t and x_0_hat of `count` samples at the times of column_times, with the clip
// (Departure 2) and without it, from the same noise. `image` is (H, W, C).
// CSV: a row per column, with root mean squares, and the share of |x_0_hat| > 1 without the clip.
// Reports progress. Returns a Figure of empty texts if the reporter stops it. Throws Error as sample()
// does, if C is neither 1 nor 3, or if T < 10.
Figure reverse_figure(const NoisePredictor& eps_theta, const Shape& image, const Schedule&, Variance,
                      int count, uint64_t seed, const Reporter&);

// Eq. (14): the loss over the steps of training, by quarter of 1..T: on the training batches, and on the
// validation set with the raw weights and their average. Reads RUN/log.csv and RUN/validation.csv.
// CSV: a row per validation; the training loss is the mean over the steps since the validation before.
// Throws Error if a file is missing, malformed or without rows.
Figure training_figure(const std::string& run);

}  // namespace ddpm
