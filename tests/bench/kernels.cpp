// Measures single kernels: 3x3 convolutions, and kernels that are bound by memory.
#include <cstdio>

#include "kernels/kernels.h"
#include "tensor/tensor.h"
#include "tests/bench/bench.h"
#include "tests/bench/machine.h"

namespace ddpm::bench {

namespace {

Tensor random(Shape shape, uint32_t index) {
  Tensor t(std::move(shape));
  kernels::fill_normal(t.size(), Stream{0, 0, 0, index}, t.data());
  return t;
}

// Prints the figures of one shape by one method: forward, input gradient, weight gradient.
void convolution_row(const Convolution& s, ConvolutionMethod method) {
  const Tensor x = random({s.B, s.H, s.W, s.C_in}, 1), y = random({s.B, s.H_out(), s.W_out(), s.C_out}, 2);
  const Tensor w = random({3, 3, s.C_in, s.C_out}, 3), dw = random({3, 3, s.C_in, s.C_out}, 4);
  const double flops = 2.0 * 9 * s.C_in * s.C_out * s.B * s.H_out() * s.W_out();
  kernels::set_convolution_method(method);
  const Figure figures[] = {
      measure(flops, [&] { kernels::conv3x3(s, x.data(), w.data(), nullptr, nullptr, nullptr, y.data()); }),
      measure(flops, [&] { kernels::conv3x3_input_gradient(s, y.data(), w.data(), x.data()); }),
      measure(flops, [&] { kernels::conv3x3_weight_gradient(s, x.data(), y.data(), dw.data()); })};
  kernels::set_convolution_method(ConvolutionMethod::automatic);
  const std::string name = text(s.H, "x", s.W, " ", s.C_in, "->", s.C_out, s.stride == 2 ? " /2" : "",
                                method == ConvolutionMethod::winograd ? ", winograd" : ", direct");
  std::printf("%-24s", name.c_str());
  for (const Figure& f : figures) std::printf(" %8.0f  %4.0f %%", flops / f.seconds / 1e9, 100 * f.share);
  std::printf("\n");
}

}  // namespace

void report_convolutions() {
  std::printf(
      "3x3 convolutions, batch 64: GFLOP/s and share of the peak, counting the direct method's operations\n");
  std::printf("%-24s %16s %16s %16s\n", "", "forward", "input gradient", "weight gradient");
  const int shapes[][4] = {{28, 32, 32, 1}, {28, 64, 32, 1},  {28, 96, 32, 1}, {28, 32, 32, 2},
                           {14, 64, 64, 1}, {14, 128, 64, 1}, {14, 64, 64, 2}, {7, 64, 64, 1},
                           {7, 128, 64, 1}, {28, 16, 16, 1},  {28, 1, 32, 1},  {28, 32, 1, 1}};
  for (const auto& [size, in, out, stride] : shapes) {
    const Convolution s{64, size, size, in, out, stride};
    convolution_row(s, ConvolutionMethod::direct);
    if (stride == 1 && std::min(in, out) >= 16) convolution_row(s, ConvolutionMethod::winograd);
  }
}

void report_memory_bound() {
  std::printf("kernels bound by memory, (64, 28, 28, 32): GB/s of what must be read and written\n");
  const int B = 64, P = 784, C = 32, G = 8;
  const int64_t n = int64_t(B) * P * C;
  Tensor x = random({B, 28, 28, C}, 1), y = random({B, 28, 28, C}, 2), z = random({B, 28, 28, C}, 3);
  Tensor big = random({B, 28, 28, 2 * C}, 4), four = random({B, 56, 56, C}, 5);
  Tensor g = random({C}, 6), b = random({C}, 7), dg = random({C}, 8), db = random({C}, 9);
  Tensor mean({B, G}), rstd({B, G}), sums = Tensor::zeros({B, C});
  const Stream stream{1, 1, 1, 1};
  auto row = [&](const char* name, double numbers, const std::function<void()>& f) {
    const double t = measure(0, f).seconds;
    std::printf("  %-28s %6.1f\n", name, numbers * sizeof(real) / t / 1e9);
  };
  row("group norm + swish", 2.0 * n, [&] {
    kernels::group_norm(B, P, C, G, real(1e-6), Activation::swish, x.data(), g.data(), b.data(), y.data(),
                        mean.data(), rstd.data());
  });
  row("group norm + swish gradient", 4.0 * n, [&] {
    kernels::group_norm_gradient(B, P, C, G, Activation::swish, x.data(), g.data(), b.data(), mean.data(),
                                 rstd.data(), y.data(), z.data(), dg.data(), db.data());
  });
  row("swish", 2.0 * n, [&] { kernels::swish(n, x.data(), y.data()); });
  row("swish gradient", 4.0 * n, [&] { kernels::swish_gradient(n, x.data(), y.data(), z.data()); });
  row("add", 3.0 * n, [&] { kernels::add(n, x.data(), z.data()); });
  row("fill", 1.0 * n, [&] { kernels::fill(n, 0, z.data()); });
  row("upsample", 5.0 * n, [&] { kernels::upsample(B, 28, 28, C, x.data(), four.data()); });
  row("upsample gradient", 6.0 * n, [&] { kernels::upsample_gradient(B, 28, 28, C, four.data(), z.data()); });
  row("concat", 4.0 * n, [&] { kernels::concat(int64_t(B) * P, C, C, x.data(), y.data(), big.data()); });
  row("concat gradient", 6.0 * n,
      [&] { kernels::concat_gradient(int64_t(B) * P, C, C, big.data(), x.data(), z.data()); });
  row("sum over pixels", 1.0 * n, [&] { kernels::sum_pixels(B, P, C, x.data(), sums.data()); });
  row("dropout", 2.0 * n, [&] { kernels::dropout(n, real(0.1), stream, x.data(), y.data()); });
  row("normal numbers", 1.0 * n, [&] { kernels::fill_normal(n, stream, y.data()); });
  row("Adam", 7.0 * n, [&] {
    kernels::adam(n, {1e-4, 0.9, 0.999, 1e-8, 10, 1.0}, x.data(), y.data(), four.data(), big.data());
  });
  row("EMA", 3.0 * n, [&] { kernels::ema(n, real(0.999), x.data(), y.data()); });
}

}  // namespace ddpm::bench
