// `bench worker`: this project's side of `make bench-pytorch`. Prints its network as one line of JSON. Then
// reads orders from standard input, one per line, and answers each with a number on a line:
//   train N    seconds of a training step, the mean of N
//   forward N  seconds of a forward pass, the mean of N
//   memory     peak of the resident memory, in bytes
// The threads sleep while it waits for an order.
#include <cstdio>
#include <iostream>
#include <sstream>

#include "ddpm/cli/options.h"
#include "ddpm/run/presets.h"
#include "kernels/kernels.h"
#include "tests/bench/bench.h"
#include "tests/bench/network.h"

namespace ddpm::bench {

namespace {

const std::vector<Option> table = {
    {"preset", "P", "tiny", "the network"},
    {"channels", "N", "", "its first level's channels, if not the preset's", whole(4, 4096)},
    {"batch", "N", "64", "images", whole(1, 65536)},
    {"threads", "N", "", "threads to use [one per core]", whole(1, 1024)},
};

template <typename Numbers>
std::string list(const Numbers& numbers) {
  std::string s;
  for (const auto number : numbers) s += text(s.empty() ? "" : ", ", number);
  return "[" + s + "]";
}

void introduce(const NetworkRun& run) {
  const UnetConfig& c = run.network().config();
  std::cout << "{\"image_size\": " << c.image_size << ", \"image_channels\": " << c.image_channels
            << ", \"channels\": " << c.channels << ", \"multipliers\": " << list(c.multipliers)
            << ", \"blocks\": " << c.blocks << ", \"attention\": " << list(c.attention)
            << ", \"groups\": " << c.groups << ", \"dropout\": " << c.dropout
            << ", \"batch\": " << run.batch() << ", \"threads\": " << kernels::threads()
            << ", \"parameters\": " << run.network().parameters().count() << "}" << std::endl;
}

// Returns the seconds of one call of f, the mean of `count`.
template <typename F>
double mean_seconds(int count, F f) {
  return seconds_of([&] {
           for (int i = 0; i < count; ++i) f();
         }) /
         count;
}

double answer(NetworkRun& run, const std::string& line) {
  std::istringstream words(line);
  std::string order;
  int count = 1;
  words >> order >> count;
  if (order == "train") return mean_seconds(count, [&] { run.train(); });
  if (order == "forward") return mean_seconds(count, [&] { run.forward(); });
  if (order == "memory") return double(peak_resident_bytes());
  fail("the worker knows train, forward and memory, not \"", order, "\"");
}

}  // namespace

void work(const std::vector<std::string>& arguments) {
  const Options options(table, arguments);
  if (options.has("threads")) kernels::set_threads(int(options.integer("threads")));
  UnetConfig network = find_preset(options.value("preset")).network;
  if (options.has("channels")) network.channels = int(options.integer("channels"));
  NetworkRun run(network, int(options.integer("batch")));
  introduce(run);
  for (std::string order; std::getline(std::cin, order);) {
    std::printf("%.9g\n", answer(run, order));
    std::fflush(stdout);
  }
}

}  // namespace ddpm::bench
