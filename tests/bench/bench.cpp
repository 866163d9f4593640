// make bench: measures this machine's peak, and how much of it the kernels and a training step of the preset
// `tiny` reach. `bench PART...` prints some parts alone. `bench summary` prints the table of README.
// `bench worker` serves tests/bench/pytorch.py (worker.cpp).
//
// Every figure is a median, and every share is of a peak that was measured just before, because machines are
// shared and change their clock.
#include "tests/bench/bench.h"

#include <algorithm>
#include <cstdio>
#include <iostream>

#include "ddpm/machine/environment.h"
#include "kernels/types.h"

namespace ddpm::bench {

namespace {

// A wrong command line.
struct UsageError : Error {
  using Error::Error;
};

struct Part {
  const char* name;
  void (*print)();
};

const std::vector<Part>& parts() {
  static const std::vector<Part> all = {
      {"memory", report_memory},
      {"machine", report_machine},
      {"convolutions", report_convolutions},
      {"memory-bound", report_memory_bound},
      {"network", report_network},
      {"scaling", report_scaling},
      {"roofline", report_roofline},
  };
  return all;
}

const Part& find_part(const std::string& name) {
  std::string names;
  for (const Part& part : parts()) {
    if (part.name == name) return part;
    names += text(names.empty() ? "" : ", ", part.name);
  }
  throw UsageError(text("there is no part \"", name, "\"; choose from ", names, ", or none for all"));
}

void run(const std::vector<std::string>& arguments) {
  if (!arguments.empty() && arguments[0] == "worker") return work({arguments.begin() + 1, arguments.end()});
  if (arguments == std::vector<std::string>{"summary"}) return report_summary();
  std::vector<Part> chosen;
  for (const std::string& name : arguments) chosen.push_back(find_part(name));
  for (const Part& part : chosen.empty() ? parts() : chosen) {
    part.print();
    std::printf("\n");
    std::fflush(stdout);
  }
}

}  // namespace

}  // namespace ddpm::bench

int main(int count, char** arguments) {
  ddpm::adjust_environment(arguments, std::cerr);
  try {
    ddpm::choose_threads(0, std::cerr);
    ddpm::bench::run({arguments + 1, arguments + count});
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench: %s\n", error.what());
    return dynamic_cast<const ddpm::bench::UsageError*>(&error) ? 2 : 1;
  }
}
