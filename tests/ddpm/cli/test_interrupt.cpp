// Checks how signals end training (ddpm/cli/interrupt.h).
#include <doctest/doctest.h>

#include <csignal>
#include <thread>

#include "ddpm/cli/interrupt.h"
#include "tests/support/runs.h"

namespace ddpm::test {

TEST_CASE("interrupt: Ctrl-C and SIGTERM save the run and end it with exit code 130") {
  const Runs runs;
  for (const int signal : {SIGINT, SIGTERM}) {
    const std::string name = text("run-", signal);
    std::thread later([&] {
      // The first row of the log shows that training has begun, and that the guard is in place.
      const std::string log = runs.run(name) + "/log.csv";
      std::error_code error;
      while (std::filesystem::file_size(log, error) < 100 || error)
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
      std::raise(signal);
    });
    const Outcome outcome = ddpm(runs.train(name, "--steps 100000000"));
    later.join();
    CHECK(outcome.code == 130);
    CHECK(contains(outcome.err, "stopped and saved after step"));
    CHECK(std::filesystem::exists(runs.run(name) + "/training/state.safetensors"));
  }
}

TEST_CASE("interrupt: a signal that was ignored before stays ignored") {
  const auto before = std::signal(SIGHUP, SIG_IGN);  // as nohup does
  {
    const InterruptGuard guard;
    std::raise(SIGHUP);
    CHECK_FALSE(InterruptGuard::requested());
  }
  const bool ignored = std::signal(SIGHUP, before) == SIG_IGN;
  CHECK(ignored);
}

}  // namespace ddpm::test
