// The yardsticks: see machine.h.
#include "tests/bench/machine.h"

#include <omp.h>

#include <fstream>

#include "kernels/cpu/vec.h"

using kernels::vec;

std::string machine_name() {
  std::string line, name = "unknown processor";
  std::ifstream info("/proc/cpuinfo");
  while (std::getline(info, line))
    if (line.rfind("model name", 0) == 0) name = line.substr(line.find(':') + 2);
  return name + ", " + std::to_string(omp_get_num_procs()) + " cores, " +
         std::to_string(8 * kernels::vec_bytes) + "-bit vectors, compiler " + __VERSION__;
}

int vector_lanes() { return kernels::lanes; }

// Keeps the compiler from seeing through x.
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
        uint64_t shifted;  // a shift and an exclusive or: two cycles, four times
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

// turns × 24 vector multiply–adds, 12 of them independent on any target.
static void multiply_adds(int64_t turns) {
  constexpr int chains = 12;
  vec acc[chains], factor = kernels::broadcast(real(0.999)), term = kernels::broadcast(real(0.001));
  for (int i = 0; i < chains; ++i) acc[i] = kernels::broadcast(real(i));
  for (int64_t t = 0; t < turns; ++t) {
    hide(factor);
#pragma GCC unroll 24
    for (int i = 0; i < 2 * chains; ++i) acc[i % chains] = acc[i % chains] * factor + term;
  }
  for (vec& a : acc) hide(a);
}

double multiply_add_peak(int threads, double seconds) {
  const double flops = 2.0 * 24 * kernels::lanes;
  const int64_t turns = static_cast<int64_t>(seconds * 1e11 / flops) + 1;
  const double t = seconds_of([&] {
#pragma omp parallel num_threads(threads)
    multiply_adds(turns);
  });
  return threads * flops * static_cast<double>(turns) / t;
}

Bandwidth memory_bandwidth() {
  constexpr int64_t n = int64_t{32} << 20;
  std::vector<real> x(n, real(1)), y(n, real(1));
  Bandwidth best{0, 0};
  for (int run = 0; run < 5; ++run) {
    const double update = seconds_of([&] {
#pragma omp parallel for simd schedule(static)
      for (int64_t i = 0; i < n; ++i) y[i] += x[i];
    });
    real total = 0;
    const double read = seconds_of([&] {
#pragma omp parallel for simd schedule(static) reduction(+ : total)
      for (int64_t i = 0; i < n; ++i) total += x[i];
    });
    hide(total);
    best.update = std::max(best.update, 3.0 * n * sizeof(real) / update);
    best.read = std::max(best.read, 1.0 * n * sizeof(real) / read);
  }
  return best;
}
