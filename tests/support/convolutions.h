// The sizes of a 3x3 convolution's arrays, and its name in a test's messages.
#pragma once

#include <string>

#include "kernels/types.h"

namespace ddpm::test {

// The number of elements of x (B,H,W,C_in), y (B,H_out,W_out,C_out) and w (3,3,C_in,C_out).
inline int64_t x_size(Convolution s) { return int64_t(s.B) * s.H * s.W * s.C_in; }
inline int64_t y_size(Convolution s) { return int64_t(s.B) * s.H_out() * s.W_out() * s.C_out; }
inline int64_t w_size(Convolution s) { return int64_t(9) * s.C_in * s.C_out; }

// Returns the convolution of another number of images.
inline Convolution with_images(Convolution s, int B) { return s.B = B, s; }

inline std::string name(Convolution s) {
  return text("B ", s.B, ", H ", s.H, ", W ", s.W, ", C_in ", s.C_in, ", C_out ", s.C_out, ", stride ",
              s.stride, s.padding == Padding::symmetric ? ", symmetric" : "");
}

}  // namespace ddpm::test
