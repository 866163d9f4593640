// Prints which rows of the table of equations fail, for `make mutants`. Each row is checked in a process of
// its own, so that a row that crashes, throws or does not end fails alone.
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <exception>

#include "tests/equations/registry.h"

namespace ddpm::test::equations {

namespace {

constexpr unsigned seconds = 30;  // all rows together take one

void check(const Row& row) {
  std::fflush(stdout);
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    alarm(seconds);
    bool holds = false;
    try {
      holds = row.check().ok();
    } catch (const std::exception&) {
    }
    _exit(holds ? 0 : 1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  if (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM) std::printf("late: %s\n", row.name.c_str());
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) std::printf("fails: %s\n", row.name.c_str());
}

}  // namespace

TEST_CASE("rows: those that fail" * doctest::skip()) {
  for (const Row& row : all()) check(row);
  std::printf("all rows were checked\n");
}

}  // namespace ddpm::test::equations
