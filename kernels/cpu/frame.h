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
  std::fill_n(out, int64_t{rows} * width * f.C, real{0});
  for (int i = 0; i < rows; ++i) {
    const int row = first + i - f.offset;
    if (row < 0 || row % f.dilation || row / f.dilation >= f.H) continue;
    const real* from = x + int64_t{row / f.dilation} * f.W * f.C;
    real* to = out + (int64_t{i} * width + f.offset) * f.C;
    if (f.dilation == 1) {
      std::copy_n(from, int64_t{f.W} * f.C, to);
    } else {
      for (int j = 0; j < f.W; ++j) std::copy_n(from + j * f.C, f.C, to + j * f.dilation * f.C);
    }
  }
}

}  // namespace kernels
