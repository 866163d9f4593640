// What this machine can do, measured: the yardsticks of `make bench`, and how
// everything else is held against them.
#pragma once

#include <algorithm>
#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace ddpm::bench {

// The processor's name and the compiler's, for the head of the report.
std::string machine_name();

// Cycles a second of one core now, from a chain of operations each of which
// takes one cycle and waits for the one before it.
double clock_hz();

// Vector multiply–adds on registers alone, many independent ones in flight, on
// `threads` threads for about `seconds`: floating-point operations a second.
double multiply_add_peak(int threads, double seconds);
int vector_lanes();

// Bytes a second of y += x on arrays far larger than the caches (two reads and
// a write are counted) and of a plain sum (one read).
struct Bandwidth {
  double update, read;
};
Bandwidth memory_bandwidth();

// The most memory that this process has had in RAM.
int64_t peak_resident_bytes();

struct Figure {
  double seconds, share;  // medians; the share is of the peak loop's operations
};
// Runs f once unmeasured, then `runs` times, each time after the peak loop on as
// many threads as the kernels use.
Figure measure(double flops, const std::function<void()>& f, int runs = 7);

inline double seconds_now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

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
