// make bench: what this machine can do, and what our kernels and the training
// step of the preset `tiny` reach of it.
//
// Machines are shared and change their clock, so every figure is a median and
// every share is taken against the peak loop run just before the kernel.
#include <sys/resource.h>

#include <cmath>
#include <cstdio>
#include <functional>

#include "ddpm/data/dataset.h"
#include "ddpm/presets.h"
#include "ddpm/train.h"
#include "kernels/kernels.h"
#include "tensor/pool.h"
#include "tests/bench/machine.h"

namespace {

struct Figure {
  double seconds, share;  // of the peak loop's operations, medians
};

// Runs f seven times, each time after the peak loop on as many threads.
Figure measure(double flops, const std::function<void()>& f) {
  std::vector<double> seconds, shares;
  f();
  for (int run = 0; run < 7; ++run) {
    const double peak = multiply_add_peak(kernels::threads(), 0.02);
    seconds.push_back(seconds_of(f));
    shares.push_back(flops / seconds.back() / peak);
  }
  return {median(seconds), median(shares)};
}

Tensor random(Shape shape, uint32_t index) {
  Tensor t(std::move(shape));
  kernels::fill_normal(t.size(), Stream{0, 0, 0, index}, t.data());
  return t;
}

double machine() {
  const int cores = kernels::threads();
  const double clock = clock_hz(), one = multiply_add_peak(1, 0.5), all = multiply_add_peak(cores, 0.5);
  const double per_cycle = one / clock / (2 * vector_lanes());
  const double a_cycle = 2.0 * vector_lanes() * clock / 1e9;
  const Bandwidth bandwidth = memory_bandwidth();
  std::printf("%s\n", machine_name().c_str());
  std::printf("clock %.2f GHz (a chain of one-cycle operations)\n", clock / 1e9);
  std::printf("peak, 1 thread: %.0f GFLOP/s of multiply-adds on registers = %.2f vectors of %d a cycle; "
              "expected %.0f for a processor with one such unit, %.0f with two\n",
              one / 1e9, per_cycle, vector_lanes(), a_cycle, 2 * a_cycle);
  std::printf("peak, %d threads: %.0f GFLOP/s = %.2f times one thread's\n", cores, all / 1e9, all / one);
  std::printf("memory: %.0f GB/s for y += x, %.0f GB/s for a sum\n\n", bandwidth.update / 1e9,
              bandwidth.read / 1e9);
  return all / one;
}

// One shape by one method: forward, input gradient, weight gradient.
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

void convolutions() {
  std::printf("3x3 convolutions, batch 64: GFLOP/s and share of the peak, counting the direct method's operations\n");
  std::printf("%-24s %16s %16s %16s\n", "", "forward", "input gradient", "weight gradient");
  const int shapes[][4] = {{28, 32, 32, 1}, {28, 64, 32, 1}, {28, 96, 32, 1}, {28, 32, 32, 2},
                           {14, 64, 64, 1}, {14, 128, 64, 1}, {14, 64, 64, 2}, {7, 64, 64, 1},
                           {7, 128, 64, 1}, {28, 16, 16, 1}, {28, 1, 32, 1}, {28, 32, 1, 1}};
  for (const auto& [size, in, out, stride] : shapes) {
    const Convolution s{64, size, size, in, out, stride};
    convolution_row(s, ConvolutionMethod::direct);
    if (stride == 1 && std::min(in, out) >= 16) convolution_row(s, ConvolutionMethod::winograd);
  }
}

void memory_bound() {
  std::printf("\nkernels bound by memory, (64, 28, 28, 32): GB/s of what must be read and written\n");
  const int B = 64, P = 784, C = 32, G = 8;
  const int64_t n = int64_t{B} * P * C;
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
    kernels::group_norm(B, P, C, G, real(1e-6), true, x.data(), g.data(), b.data(), y.data(), mean.data(), rstd.data());
  });
  row("group norm + swish gradient", 4.0 * n, [&] {
    kernels::group_norm_gradient(B, P, C, G, true, x.data(), g.data(), b.data(), mean.data(), rstd.data(),
                                 y.data(), z.data(), dg.data(), db.data());
  });
  row("swish", 2.0 * n, [&] { kernels::swish(n, x.data(), y.data()); });
  row("swish gradient", 4.0 * n, [&] { kernels::swish_gradient(n, x.data(), y.data(), z.data()); });
  row("add", 3.0 * n, [&] { kernels::add(n, x.data(), z.data()); });
  row("fill", 1.0 * n, [&] { kernels::fill(n, 0, z.data()); });
  row("upsample", 5.0 * n, [&] { kernels::upsample(B, 28, 28, C, x.data(), four.data()); });
  row("upsample gradient", 6.0 * n, [&] { kernels::upsample_gradient(B, 28, 28, C, four.data(), z.data()); });
  row("concat", 4.0 * n, [&] { kernels::concat(int64_t{B} * P, C, C, x.data(), y.data(), big.data()); });
  row("concat gradient", 6.0 * n, [&] { kernels::concat_gradient(int64_t{B} * P, C, C, big.data(), x.data(), z.data()); });
  row("sum over pixels", 1.0 * n, [&] { kernels::sum_pixels(B, P, C, x.data(), sums.data()); });
  row("dropout", 2.0 * n, [&] { kernels::dropout(n, real(0.1), stream, x.data(), y.data()); });
  row("normal numbers", 1.0 * n, [&] { kernels::fill_normal(n, stream, y.data()); });
  row("Adam", 7.0 * n, [&] {
    kernels::adam(n, {1e-4, 0.9, 0.999, 1e-8, 10, 1.0}, x.data(), y.data(), four.data(), big.data());
  });
  row("EMA", 3.0 * n, [&] { kernels::ema(n, real(0.999), x.data(), y.data()); });
}

int64_t multiply_adds(const Unet& network) {
  int64_t sum = 0;
  for (const LayerRow& row : network.table()) sum += row.multiply_adds;
  return sum;
}

struct Step {
  Figure train, forward;
};

// The training step and the forward pass of the preset at batch 64.
Step whole_network(const Preset& preset) {
  const int B = 64;
  Unet network(preset.network), average(preset.network);
  network.parameters().initialise(0);
  average.parameters().copy_from(network.parameters());
  const Schedule schedule = make_schedule({});
  TrainConfig config;
  config.batch = B;
  Adam adam(network.parameters(), config.adam);
  const auto digits = open_dataset("digits", Split::train);
  const double flops = 2.0 * static_cast<double>(multiply_adds(network)) * B;
  int64_t step = 0;
  Step result;
  result.train = measure(3 * flops, [&] {
    train_step(config, schedule, *digits, ++step, network, adam, average.parameters());
  });
  const Tensor x = random({B, 28, 28, 1}, 1);
  result.forward = measure(flops, [&] {
    Tape off(Tape::off);
    predict_noise(off, network, x, std::vector<int>(B, 500));
  });
  return result;
}

int64_t peak_resident_bytes() {
  rusage use{};
  getrusage(RUSAGE_SELF, &use);
#ifdef __APPLE__
  return use.ru_maxrss;
#else
  return int64_t{use.ru_maxrss} * 1024;
#endif
}

}  // namespace

int main() {
  const int cores = kernels::threads();
  const Preset& tiny = find_preset("tiny");
  {  // the first allocations of the process: its peak memory is the training step's
    whole_network(tiny);
    std::printf("peak memory of training tiny at batch 64: %.0f MB resident, %.0f MB in tensors\n\n",
                peak_resident_bytes() / 1e6, pool_use().peak_bytes / 1e6);
    pool_trim();
  }
  const double peak_gain = machine();
  convolutions();
  memory_bound();

  std::printf("\nthe preset tiny, batch 64; shares of the peak count the direct method's operations,\n"
              "three forward passes for a training step\n");
  for (const auto& [method, name] : {std::pair{ConvolutionMethod::direct, "direct"},
                                     std::pair{ConvolutionMethod::automatic, "auto"}}) {
    kernels::set_convolution_method(method);
    kernels::set_threads(1);
    const Step one = whole_network(tiny);
    kernels::set_threads(cores);
    const Step all = whole_network(tiny);
    for (const auto& [threads, s] : {std::pair{1, one}, std::pair{cores, all}})
      std::printf("  %-7s %d thread%s  training %6.1f images/s, %3.0f %% of the peak; forward %6.1f images/s, %3.0f %%\n",
                  name, threads, threads == 1 ? " " : "s", 64 / s.train.seconds, 100 * s.train.share,
                  64 / s.forward.seconds, 100 * s.forward.share);
    const double gain = one.train.seconds / all.train.seconds;
    std::printf("  %-7s %d threads train %.2f times as fast as one: %.2f of the peak loop's gain\n", name, cores,
                gain, gain / peak_gain);
  }
}
