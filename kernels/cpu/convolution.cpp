// 3×3 convolutions: the choice between Winograd's method (winograd.cpp) and the
// direct one, which is here: no matrix of patches is ever written. One
// image's rows are copied once into a frame of zeros, so that the inner loops
// know no edges; then each row of output pixels is cut into register tiles.
// Contract: kernels.h. The input gradient is the same convolution again, of dy
// with the weights rotated by 180 degrees and transposed.
#include <omp.h>

#include "kernels/cpu/frame.h"
#include "kernels/cpu/parallel.h"
#include "kernels/cpu/product.h"
#include "kernels/cpu/transpose.h"
#include "kernels/cpu/winograd.h"
#include "kernels/kernels.h"

namespace ddpm::kernels {
namespace {

// y[i, j] = bias + shift + residual + Σ_{u,v} frame[s·i + u, s·j + v] · w[u, v],
// for B images; w has rows of padded_cols(C_out).
struct Correlation {
  Frame frame;
  int B, H_out, W_out, C_out, stride;

  void run(const real* x, const real* w, const real* bias, const real* shift, const real* residual,
           real* y) const {
    // A task is an image, or a band of its rows if there are few images.
    const int bands = std::min(H_out, (4 * threads() + B - 1) / B);
    const int64_t multiply_adds = int64_t(9) * B * H_out * W_out * frame.C * C_out;
#pragma omp parallel for collapse(2) schedule(dynamic) if (worth_threads_for_products(multiply_adds))
    for (int b = 0; b < B; ++b)
      for (int band = 0; band < bands; ++band) {
        const int begin = H_out * band / bands, end = H_out * (band + 1) / bands;
        const int64_t x_size = int64_t(frame.H) * frame.W * frame.C;
        const int64_t y_begin = (int64_t(b) * H_out + begin) * W_out * C_out;
        rows(begin, end - begin, x + b * x_size, w, bias, shift ? shift + int64_t(b) * C_out : nullptr,
             residual ? residual + y_begin : nullptr, y + y_begin);
      }
  }

  // Output rows begin … begin + count − 1 of one image.
  void rows(int begin, int count, const real* x, const real* w, const real* bias, const real* shift,
            const real* residual, real* y) const {
    static thread_local Scratch frame_space, first_space;
    const int C = frame.C, cols = padded_cols(C_out), width = (W_out - 1) * stride + 3;
    const int frame_rows = (count - 1) * stride + 3;
    real* framed = frame_space.get(int64_t(frame_rows) * width * C);
    copy_frame(frame, x, begin * stride, frame_rows, width, framed);
    real* first = first_space.zeros(cols);
    for (int c = 0; c < C_out; ++c) first[c] = (bias ? bias[c] : 0) + (shift ? shift[c] : 0);

    // The three taps of a row and their channels lie side by side: 3·C numbers.
    const TileLoop loop{3, 3 * C, int64_t(width) * C, 1, int64_t(stride) * C, int64_t(3) * C * cols, cols};
    for (int c = 0; c < C_out; c += tile_cols)
      for (int i = 0; i < count; ++i) {
        const int64_t at = int64_t(i) * W_out * C_out + c;
        product_rows(loop, W_out, std::min(tile_cols, C_out - c), framed + int64_t(i) * stride * width * C,
                     w + c, first + c, residual ? residual + at : nullptr, y + at, C_out);
      }
  }
};

// rotated[u, v, o, c] = w[2 − u, 2 − v, c, o].
const real* rotate_weights(int C_in, int C_out, const real* w, Scratch& space) {
  real* rotated = space.get(int64_t(9) * C_out * C_in);
#pragma omp parallel for schedule(static) if (worth_threads(int64_t(9) * C_in * C_out))
  for (int tap = 0; tap < 9; ++tap)
    transpose(C_in, C_out, w + int64_t(8 - tap) * C_in * C_out, C_out, rotated + int64_t(tap) * C_out * C_in,
              C_in);
  return rotated;
}

Frame input_frame(const Convolution& s) { return {s.H, s.W, s.C_in, s.before()}; }

// The input gradient for stride 2: dx[2i + a, 2j + b] is a sum over the taps
// u = a, a + 2 … and v = b, b + 2 … of 0..2: two where the place is even, one where
// it is odd. So dx is four pictures of half the size, one for each (a, b), each a
// convolution of dy with its own taps: 9 products for 4 pixels, none with a zero.
// Places count from the zeros before x: a pixel's place is its row or column + before().
struct StridedInputGradient {
  Convolution s;
  int cols = padded_cols(s.C_in);
  static int taps(int parity) { return 2 - parity; }
  static int tap(int parity, int i) { return parity ? 1 : 2 - 2 * i; }  // dy[i − 1] meets tap 2
  int64_t block(int a, int b) const { return (a ? 6 : 0) + (b ? (a ? 2 : 4) : 0); }  // taps before (a, b)

  // [taps of (a, b)][C_out][cols], the four blocks one after the other.
  const real* weights(const real* w, Scratch& space) const {
    const int64_t step = int64_t(s.C_out) * cols;
    real* to = space.get(9 * step);
    for (int a = 0; a < 2; ++a)
      for (int b = 0; b < 2; ++b)
        for (int i = 0; i < taps(a); ++i)
          for (int j = 0; j < taps(b); ++j, to += step)
            transpose(s.C_in, s.C_out, w + int64_t(3 * tap(a, i) + tap(b, j)) * s.C_in * s.C_out, s.C_out, to,
                      cols);
    return to - 9 * step;
  }

  // One image.
  void image(const real* dy, const real* w, Accumulator dx) const {
    static thread_local Scratch frame_space, first_space;
    const int H = s.H_out(), W = s.W_out(), p = s.before(), rows = H + 1 + p, width = W + 1 + p;
    real* framed = frame_space.get(int64_t(rows) * width * s.C_out);
    copy_frame({H, W, s.C_out, 1}, dy, 0, rows, width, framed);
    const real* zeros = first_space.zeros(tile_cols);
    for (int row = 0; row < s.H; ++row)
      for (int column = 0; column < 2; ++column) {  // the first of every second pixel
        const int a = (row + p) % 2, b = (column + p) % 2, inner = taps(b) * s.C_out;
        const TileLoop loop{taps(a), inner, int64_t(width) * s.C_out, 1, s.C_out, int64_t(inner) * cols,
                            cols};
        const real* from = framed + (int64_t((row + p) / 2 + a) * width + (column + p) / 2 + b) * s.C_out;
        for (int c = 0; c < s.C_in; c += tile_cols) {
          const Accumulator to = dx + ((int64_t(row) * s.W + column) * s.C_in + c);
          product_rows(loop, W, std::min(tile_cols, s.C_in - c), from, w + block(a, b) * s.C_out * cols + c,
                       zeros, to.so_far(), to.target(), 2 * s.C_in);
        }
      }
  }

  void run(const real* dy, const real* w, Accumulator dx) const {
    static thread_local Scratch space;
    const real* rotated = weights(w, space);
    const int64_t x_size = int64_t(s.H) * s.W * s.C_in, y_size = int64_t(s.H_out()) * s.W_out() * s.C_out;
#pragma omp parallel for schedule(dynamic) if (worth_threads_for_products(s.multiply_adds()))
    for (int b = 0; b < s.B; ++b) image(dy + b * y_size, rotated, dx + b * x_size);
  }
};

// One image's share of the weight gradient, added into dw.
void add_image_gradient(const Convolution& s, const real* x, const real* dy, Accumulator dw) {
  static thread_local Scratch frame_space, dy_space;
  const int H = s.H_out(), W = s.W_out(), C = s.C_in, cols = padded_cols(s.C_out);
  const int width = (W - 1) * s.stride + 3, frame_rows = (H - 1) * s.stride + 3;
  real* framed = frame_space.get(int64_t(frame_rows) * width * C);
  copy_frame(input_frame(s), x, 0, frame_rows, width, framed);
  dy = pad_cols(int64_t(H) * W, s.C_out, dy, dy_space);
  const TileLoop loop{H, W, int64_t(s.stride) * width * C, int64_t(s.stride) * C, 1, int64_t(W) * cols, cols};
  for (int u = 0; u < 3; ++u)
    add_outer_products(loop, 3 * C, s.C_out, framed + int64_t(u) * width * C, dy,
                       dw + int64_t(u) * 3 * C * s.C_out);
}

// Winograd's method, or directly? `build/bench convolutions` measures both. Forward Winograd's is the
// faster one from 16 channels on, if they fill whole vectors: parts of vectors are transformed number by
// number. The weight gradient adds up 36 numbers a weight for each group of images, which pays if a group
// has many tiles.
constexpr int least_channels = 16, least_tiles_a_group = 24;
ConvolutionMethod method = ConvolutionMethod::automatic;
bool by_winograd(const Convolution& s, bool faster) {
  if (s.stride != 1 || method == ConvolutionMethod::direct) return false;
  return method == ConvolutionMethod::winograd || faster;
}
bool enough_channels(const Convolution& s) {
  return std::min(s.C_in, s.C_out) >= least_channels && s.C_in % lanes == 0 && s.C_out % lanes == 0;
}
bool forward_by_winograd(const Convolution& s) {
  return by_winograd(s, enough_channels(s) && std::min(s.H, s.W) >= 4);
}
bool weight_gradient_by_winograd(const Convolution& s) {
  const int tiles = (s.H + 3) / 4 * ((s.W + 3) / 4);
  return by_winograd(s, enough_channels(s) &&
                            int64_t(s.B) * tiles >= int64_t(least_tiles_a_group) * groups_of(s.B));
}

}  // namespace

void set_convolution_method(ConvolutionMethod m) { method = m; }
ConvolutionMethod convolution_method() { return method; }

void conv3x3(Convolution s, const real* x, const real* w, const real* bias, const real* shift,
             const real* residual, real* y) {
  if (forward_by_winograd(s)) return winograd_forward(s, x, w, bias, shift, residual, y);
  static thread_local Scratch space;
  const real* padded = pad_cols(int64_t(9) * s.C_in, s.C_out, w, space);
  Correlation{input_frame(s), s.B, s.H_out(), s.W_out(), s.C_out, s.stride}.run(x, padded, bias, shift,
                                                                                residual, y);
}

// dx[m] += Σ_u dy[(m + p − u)/s] w[u]: for stride 1 a convolution of dy with the
// rotated weights.
void conv3x3_input_gradient(Convolution s, const real* dy, const real* w, Accumulator dx) {
  if (s.stride == 2) return StridedInputGradient{s}.run(dy, w, dx);
  static thread_local Scratch space;
  const real* rotated = rotate_weights(s.C_in, s.C_out, w, space);
  conv3x3({s.B, s.H, s.W, s.C_out, s.C_in, 1}, dy, rotated, nullptr, nullptr, dx.so_far(), dx.target());
}

void conv3x3_weight_gradient(Convolution s, const real* x, const real* dy, Accumulator dw) {
  if (weight_gradient_by_winograd(s)) return winograd_weight_gradient(s, x, dy, dw);
  static thread_local Scratch space;
  const int groups = groups_of(s.B);
  const int64_t n = int64_t(9) * s.C_in * s.C_out;
  const int64_t x_size = int64_t(s.H) * s.W * s.C_in, y_size = int64_t(s.H_out()) * s.W_out() * s.C_out;
  real* parts = space.get(groups * n);
#pragma omp parallel for schedule(dynamic) if (worth_threads_for_products(s.multiply_adds()))
  for (int g = 0; g < groups; ++g) {
    const int begin = int64_t(s.B) * g / groups, end = int64_t(s.B) * (g + 1) / groups;
    for (int b = begin; b < end; ++b)
      add_image_gradient(s, x + b * x_size, dy + b * y_size, {parts + g * n, b == begin});
  }
  add_groups(groups, n, parts, dw);
}

}  // namespace ddpm::kernels
