// make bench: what this machine can do, and what our kernels and the training
// step of the preset `tiny` reach of it. `bench PART…` prints some parts alone (the
// roofline goes into build/roofline.md as well);
// `bench worker` takes orders from tests/bench/pytorch.py (worker.cpp).
//
// Machines are shared and change their clock, so every figure is a median and
// every share is taken against the peak loop run just before the kernel.
#include "tests/bench/bench.h"

#include <algorithm>
#include <cstdio>

#include "kernels/types.h"

namespace ddpm::bench {

namespace {

// A command line that cannot be understood.
struct UsageError : Error {
  using Error::Error;
};

struct Part {
  const char* name;
  void (*print)();
};

std::string folder;  // where the program is: "build/"

const std::vector<Part>& parts() {
  static const std::vector<Part> all = {
      {"memory", report_memory},
      {"machine", report_machine},
      {"convolutions", report_convolutions},
      {"memory-bound", report_memory_bound},
      {"network", report_network},
      {"scaling", report_scaling},
      {"roofline", [] { report_roofline(folder + "roofline.md"); }},
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
  const std::string program = arguments[0];
  ddpm::bench::folder = program.substr(0, program.rfind('/') + 1);
  try {
    ddpm::bench::run({arguments + 1, arguments + count});
    return 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench: %s\n", error.what());
    return dynamic_cast<const ddpm::bench::UsageError*>(&error) ? 2 : 1;
  }
}
