// Measures what this machine can do, its peak of multiply-adds and its memory bandwidth, and times functions
// against the peak.
#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace ddpm::bench {

// Returns the names of the processor and the compiler.
std::string machine_name();

// Returns the cycles per second of one core, from a chain of operations that take one cycle each and depend
// on the one before.
double clock_hz();

// Returns the floating-point operations per second of independent vector multiply-adds on registers, on
// `threads` threads, measured for about `seconds`.
double multiply_add_peak(int threads, double seconds);
int vector_lanes();

// Bytes per second of y += x on arrays far larger than the caches, counted as two reads and a write, and of
// a plain sum, counted as one read.
struct Bandwidth {
  double update, read;
};
Bandwidth memory_bandwidth();

// Returns the peak of this process's resident memory, in bytes.
int64_t peak_resident_bytes();

struct Figure {
  double seconds, share;  // medians; share = operations per second / multiply_add_peak
};
// Runs f once without measuring, then `runs` times. Before each of these it measures the peak, on as many
// threads as the kernels use, because a shared machine changes its clock. flops are the operations of f.
Figure measure(double flops, const std::function<void()>& f, int runs = 7);

inline double seconds_now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// Returns the seconds that f takes.
template <typename F>
double seconds_of(F f) {
  const double begin = seconds_now();
  f();
  return seconds_now() - begin;
}

inline double median(std::vector<double> v) {
  std::sort(v.begin(), v.end());
  return v[v.size() / 2];
}

}  // namespace ddpm::bench
