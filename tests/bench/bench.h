// The parts of `make bench`. Each prints its own tables. `build/bench PART` runs one of them alone
// (bench.cpp).
#pragma once

#include <string>
#include <vector>

namespace ddpm::bench {

void report_memory();        // of training; must run first: prints the process's peak
void report_machine();       // machine.cpp
void report_convolutions();  // kernels.cpp
void report_memory_bound();  // kernels.cpp
void report_network();       // network.cpp
void report_scaling();       // scaling.cpp
void report_roofline();      // roofline.cpp
void report_summary();       // summary.cpp; README's table; runs only if it is named

// Runs `bench worker --preset P --batch N ...`: worker.cpp.
void work(const std::vector<std::string>& arguments);

}  // namespace ddpm::bench
