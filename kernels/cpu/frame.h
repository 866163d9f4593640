// Copies of an image's rows inside a frame of zeros, so that the inner loops
// of convolutions know no edges.
#pragma once

#include <algorithm>
#include <cstdint>

#include "kernels/types.h"

namespace kernels {

// A padded picture: pixel (i, j) is x[(i − offset)/dilation, (j − offset)/dilation]
// where that is a pixel of x (H, W, C), else 0.
struct Frame {
  int H, W, C, offset, dilation;
};

// Overwrites out (rows, width, C) with rows first, first + 1, … of the frame.
inline void copy_frame(const Frame& f, const real* x, int first, int rows, int width, real* out) {
  const int64_t out_row = int64_t{width} * f.C, x_row = int64_t{f.W} * f.C, left = int64_t{f.offset} * f.C;
  for (int i = 0; i < rows; ++i, out += out_row) {
    const int row = first + i - f.offset;
    const bool inside = row >= 0 && row % f.dilation == 0 && row / f.dilation < f.H;
    const real* from = x + row / f.dilation * x_row;
    if (inside && f.dilation == 1) {
      std::fill_n(out, left, real{0});
      std::copy_n(from, x_row, out + left);
      std::fill_n(out + left + x_row, out_row - left - x_row, real{0});
      continue;
    }
    std::fill_n(out, out_row, real{0});
    for (int j = 0; inside && j < f.W; ++j)
      std::copy_n(from + j * f.C, f.C, out + left + int64_t{j} * f.dilation * f.C);
  }
}

}  // namespace kernels
