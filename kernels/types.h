// The few types that every layer shares: the number type, the error macros,
// and the small structs that kernels take.
// Rules: nothing here allocates or computes. Checked by: every test.
#pragma once

#include <cstdint>
#include <sstream>
#include <stdexcept>
#include <string>

// The program computes in float. The gradient and equation tests are built a
// second time with -DREAL_DOUBLE, so that tolerances can be tight.
#ifdef REAL_DOUBLE
using real = double;
#else
using real = float;
#endif

// A user's mistake or a machine's refusal (full disk, missing file): what()
// is one sentence that says what to do. main prints it and exits 1.
struct Error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// A command line that cannot be understood: main prints it and exits 2.
struct UsageError : Error {
  using Error::Error;
};

// text("t = ", 3) is "t = 3": the values of an error message, joined.
template <typename... Parts>
std::string text(const Parts&... parts) {
  std::ostringstream out;
  (out << ... << parts);
  return out.str();
}

// fail("cannot read ", path) throws an Error with that sentence.
template <typename... Parts>
[[noreturn]] void fail(const Parts&... parts) {
  throw Error(text(parts...));
}

// ENSURE(condition, values...) guards what our own code must get right. It
// throws std::logic_error with the place, the expression and the values.
#define ENSURE(condition, ...)                                                       \
  do {                                                                               \
    if (!(condition))                                                                \
      throw std::logic_error(                                                        \
          text(__FILE__, ":", __LINE__, ": ", #condition, ": ", __VA_ARGS__));       \
  } while (0)

// One 3×3 convolution. H and W belong to the input x (B, H, W, C_in).
// stride 1: one pixel of zeros on all four sides, the output is as large as
// the input. stride 2: one row of zeros below and one column on the right
// (TensorFlow's SAME padding for even sizes), the output is half as large; H
// and W must be even.
struct Convolution {
  int B, H, W, C_in, C_out, stride;
  int H_out() const { return H / stride; }
  int W_out() const { return W / stride; }
};

// How 3×3 convolutions of stride 1 are computed: as the sums read, with fewer
// multiplications (Winograd's method; other roundings), or whichever is faster
// for the shape, by a written rule.
enum class ConvolutionMethod { automatic, direct, winograd };

// Where a tensor's gradient is summed. A place is fresh until something was added:
// its memory holds nothing yet, and the first to add overwrites it, which spares
// filling it with zeros and reading them again.
struct AddTo {
  real* at;
  bool fresh;
  AddTo(real* at, bool fresh = false) : at(at), fresh(fresh) {}
};

// One stream of random numbers, named by what it is for. Equal names give
// equal numbers, on any machine and any number of threads; different names
// give independent ones (Philox, kernels/cpu/random.cpp).
struct Stream {
  uint64_t seed;     // the run's seed
  uint32_t purpose;  // which use: see tensor/random.h
  uint32_t step;     // training step, sampling step t, …
  uint32_t index;    // image, parameter, …
};

// Adam's constants for one update (Kingma and Ba 2015, Algorithm 1).
struct AdamStep {
  double learning_rate, beta1, beta2, epsilon;
  int64_t step;       // 1 for the first update
  double grad_scale;  // multiplies every gradient first (norm clipping)
};
