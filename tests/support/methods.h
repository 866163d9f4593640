// Computes 3x3 convolutions by a given method while the object lives.
#pragma once

#include "kernels/kernels.h"

namespace ddpm::test {

class UseMethod {
 public:
  explicit UseMethod(ConvolutionMethod method) { kernels::set_convolution_method(method); }
  ~UseMethod() { kernels::set_convolution_method(before_); }
  UseMethod(const UseMethod&) = delete;

 private:
  const ConvolutionMethod before_ = kernels::convolution_method();
};

// The methods that a test can select, besides `automatic`, which selects one of them.
constexpr ConvolutionMethod both_methods[] = {ConvolutionMethod::direct, ConvolutionMethod::winograd};

}  // namespace ddpm::test
