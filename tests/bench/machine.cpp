// See machine.h.
#include "tests/bench/machine.h"

#include <omp.h>
#include <sys/resource.h>

#include <cstdio>

#include "kernels/cpu/vec.h"
#include "kernels/kernels.h"
#include "tests/bench/bench.h"
#include "tests/support/processor.h"

namespace ddpm::bench {

using kernels::vec;

std::string machine_name() {
  return test::processor_name() + ", " + std::to_string(omp_get_num_procs()) + " cores, " +
         std::to_string(8 * kernels::vec_bytes) + "-bit vectors, compiler " + __VERSION__;
}

int vector_lanes() { return kernels::lanes; }

// Makes the compiler assume that x has changed, so that it keeps the operations on x.
template <typename T>
static void hide(T& x) {
#if defined(__x86_64__)
  if constexpr (sizeof(T) > 8)
    asm volatile("" : "+x"(x));
  else
    asm volatile("" : "+r"(x));
#elif defined(__aarch64__)
  if constexpr (sizeof(T) > 8)
    asm volatile("" : "+w"(x));
  else
    asm volatile("" : "+r"(x));
#endif
}

double clock_hz() {
  double best = 0;
  for (int run = 0; run < 5; ++run) {
    constexpr int turns = 1000000;
    uint64_t x = 1;
    const double t = seconds_of([&] {
      for (int i = 0; i < turns; ++i) {
        uint64_t shifted;  // four times a shift and an exclusive or, two cycles
        shifted = x << 1, hide(shifted), x ^= shifted, hide(x);
        shifted = x << 1, hide(shifted), x ^= shifted, hide(x);
        shifted = x << 1, hide(shifted), x ^= shifted, hide(x);
        shifted = x << 1, hide(shifted), x ^= shifted, hide(x);
      }
    });
    best = std::max(best, 8.0 * turns / t);
  }
  return best;
}

// Computes 24 vector multiply-adds per turn, in 12 independent chains.
static void multiply_adds(int64_t turns) {
  constexpr int chains = 12;
  vec acc[chains], factor = kernels::broadcast(real(0.999)), term = kernels::broadcast(real(0.001));
  for (int i = 0; i < chains; ++i) acc[i] = kernels::broadcast(real(i));
  for (int64_t t = 0; t < turns; ++t) {
    hide(factor);
#pragma GCC unroll 24
    for (int i = 0; i < 2 * chains; ++i) acc[i % chains] = kernels::mul_add(acc[i % chains], factor, term);
  }
  for (vec& a : acc) hide(a);
}

double multiply_add_peak(int threads, double seconds) {
  const double flops = 2.0 * 24 * kernels::lanes;
  const int64_t turns = int64_t(seconds * 1e11 / flops) + 1;
  const double t = seconds_of([&] {
#pragma omp parallel num_threads(threads)
    multiply_adds(turns);
  });
  return threads * flops * double(turns) / t;
}

// Returns the sum of x. Eight partial sums are independent, so that no addition waits for the one before.
static real sum(int64_t n, const real* x) {
  constexpr int chains = 8;
  vec sums[chains]{};
  for (int64_t i = 0; i + chains * kernels::lanes <= n; i += chains * kernels::lanes)
    for (int k = 0; k < chains; ++k) sums[k] += kernels::load(x + i + k * kernels::lanes);
  for (int k = 1; k < chains; ++k) sums[0] += sums[k];
  return kernels::sum(sums[0]);
}

Bandwidth memory_bandwidth() {
  constexpr int64_t n = int64_t(32) << 20;
  std::vector<real> x(n, real(1)), y(n, real(1));
  Bandwidth best{0, 0};
  for (int run = 0; run < 5; ++run) {
    const double update = seconds_of([&] {
#pragma omp parallel for simd schedule(static)
      for (int64_t i = 0; i < n; ++i) y[i] += x[i];
    });
    real total = 0;
    const double read = seconds_of([&] {
#pragma omp parallel for schedule(static) reduction(+ : total)
      for (int64_t i = 0; i < n; i += n / 64) total += sum(n / 64, &x[i]);
    });
    hide(total);
    best.update = std::max(best.update, 3.0 * n * sizeof(real) / update);
    best.read = std::max(best.read, 1.0 * n * sizeof(real) / read);
  }
  return best;
}

int64_t peak_resident_bytes() {
  rusage use{};
  getrusage(RUSAGE_SELF, &use);
#ifdef __APPLE__
  return use.ru_maxrss;
#else
  return int64_t(use.ru_maxrss) * 1024;
#endif
}

Figure measure(double flops, const std::function<void()>& f, int runs) {
  std::vector<double> seconds, shares;
  f();
  for (int run = 0; run < runs; ++run) {
    const double peak = multiply_add_peak(kernels::threads(), 0.02);
    seconds.push_back(seconds_of(f));
    shares.push_back(flops / seconds.back() / peak);
  }
  return {median(seconds), median(shares)};
}

void report_machine() {
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
  std::printf("memory: %.0f GB/s for y += x, %.0f GB/s for a sum\n", bandwidth.update / 1e9,
              bandwidth.read / 1e9);
}

}  // namespace ddpm::bench
