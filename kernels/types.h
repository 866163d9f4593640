// The few types that every layer shares: the number type, the error macros,
// and the small structs that kernels take.
// Checked by: every test.
#pragma once

#include <cstdint>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>

namespace ddpm {

// The program computes in float. The gradient and equation tests are built a
// second time with -DREAL_DOUBLE, so that tolerances can be tight.
#ifdef REAL_DOUBLE
using real = double;
#else
using real = float;
#endif

// A user's mistake or a machine's refusal (full disk, missing file): what() is one sentence
// that states the fact. `reason`, if any, names a kind of fact that an option can change: the
// program adds which one (ddpm/cli/advice.cpp), prints the sentence and exits 1.
struct Error : std::runtime_error {
  explicit Error(const std::string& sentence, std::string reason = "")
      : std::runtime_error(sentence), reason(std::move(reason)) {}
  std::string reason;
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
// fail_for("diverged", "the loss is not finite at step ", step): the same with a reason.
template <typename... Parts>
[[noreturn]] void fail_for(const std::string& reason, const Parts&... parts) {
  throw Error(text(parts...), reason);
}

// ENSURE(condition, values...) guards what our own code must get right. It
// throws std::logic_error with the place, the expression and the values.
#define ENSURE(condition, ...)                                                                            \
  do {                                                                                                    \
    if (!(condition))                                                                                     \
      throw std::logic_error(::ddpm::text(__FILE__, ":", __LINE__, ": ", #condition, ": ", __VA_ARGS__)); \
  } while (0)

// Where a 3×3 convolution of stride 2 has its zeros. same: one row below and one column on the right
// (TensorFlow's SAME padding for even sizes). symmetric: one on all four sides, of which those below and on
// the right meet no product for even sizes.
enum class Padding { same, symmetric };

// One 3×3 convolution. H and W belong to the input x (B, H, W, C_in).
// stride 1: one pixel of zeros on all four sides, the output is as large as
// the input. stride 2: `padding` says where zeros are, the output is half as
// large; H and W must be even.
struct Convolution {
  int B, H, W, C_in, C_out, stride;
  Padding padding = Padding::same;
  // Returns p, the rows of zeros above and the columns of zeros on the left.
  int before() const { return stride == 1 || padding == Padding::symmetric ? 1 : 0; }
  int H_out() const { return H / stride; }
  int W_out() const { return W / stride; }
  int64_t multiply_adds() const { return int64_t(9) * B * H_out() * W_out() * C_in * C_out; }
};

// What follows a group norm.
enum class Activation { none, swish };

// How 3×3 convolutions of stride 1 are computed: as the sums read, with fewer
// multiplications (Winograd's method; other roundings), or whichever is faster
// for the shape, by a written rule.
enum class ConvolutionMethod { automatic, direct, winograd };

// Holds the array into which a backward kernel accumulates a gradient. A fresh accumulator is
// uninitialized, which saves filling the array with zeros. The kernel must leave every element written:
// with `=` if the accumulator is fresh, else with `+=`. The backend's accumulate() does so for an
// element; a kernel that computes a sum passes so_far() as the sum's first term, if there is one.
// A false accumulator holds no array: the gradient is not wanted.
class Accumulator {
 public:
  Accumulator(real* data, bool fresh = false) : data_(data), fresh_(fresh) {}
  explicit operator bool() const { return data_ != nullptr; }
  // Returns the accumulator of the elements from `offset` on.
  Accumulator operator+(int64_t offset) const { return {data_ + offset, fresh_}; }
  // Returns the elements accumulated so far, or nullptr if the accumulator is fresh.
  const real* so_far() const { return fresh_ ? nullptr : data_; }
  // Returns the elements to write.
  real* target() const { return data_; }

 private:
  real* data_;
  bool fresh_;
};

// Holds a gradient that a kernel reads. It converts to the kernel's parameter, const real*. Indexing it
// is a compile error, because a backend may keep the elements in a memory that the host cannot read.
class KernelInput {
 public:
  explicit KernelInput(const real* data) : data_(data) {}
  operator const real*() const { return data_; }
  real operator[](int64_t) const = delete;
  real operator*() const = delete;

 private:
  const real* data_;
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

}  // namespace ddpm
