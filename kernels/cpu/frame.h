// Copies of an image's rows inside a frame of zeros, so that the inner loops
// of convolutions know no edges.
#pragma once

#include <algorithm>
#include <cstdint>

#include "kernels/types.h"

namespace ddpm::kernels {

// A padded picture: pixel (i, j) is x[i − offset, j − offset] where that is a pixel
// of x (H, W, C), else 0.
struct Frame {
  int H, W, C, offset;
};

// Overwrites out (rows, width, C) with rows first, first + 1, … of the frame;
// width is at least offset + W.
inline void copy_frame(const Frame& f, const real* x, int first, int rows, int width, real* out) {
  const int64_t out_row = int64_t(width) * f.C, x_row = int64_t(f.W) * f.C, left = int64_t(f.offset) * f.C;
  for (int i = 0; i < rows; ++i, out += out_row) {
    const int row = first + i - f.offset;
    if (row < 0 || row >= f.H) {
      std::fill_n(out, out_row, real(0));
      continue;
    }
    std::fill_n(out, left, real(0));
    std::copy_n(x + row * x_row, x_row, out + left);
    std::fill_n(out + left + x_row, out_row - left - x_row, real(0));
  }
}

}  // namespace ddpm::kernels
