// Checks that stdin, stdout and stderr are open, whatever the program was started with
// (ddpm/machine/streams.h): in a child of this process, and by whole processes of build/ddpm.
#include "ddpm/machine/streams.h"

#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <functional>

#include "tests/support/files.h"
#include "tests/support/scratch.h"

namespace ddpm::test {

namespace {

// Returns the exit status of a child process that calls check() and ends with 0 if it returns true, else 1.
int in_child(const std::function<bool()>& check) {
  const pid_t child = fork();
  if (child == 0) _exit(check() ? 0 : 1);
  int status = -1;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

bool is_open(int descriptor) { return fcntl(descriptor, F_GETFD) >= 0; }

// Returns the exit status of a command of the shell.
int shell(const std::string& command) {
  const int status = std::system(command.c_str());
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

TEST_CASE("streams: those that are closed are opened, and what is opened next is another") {
  for (int closed = 0; closed < 8; ++closed) {
    CAPTURE(closed);
    CHECK(in_child([&] {
            for (int descriptor = 0; descriptor < 3; ++descriptor)
              if (closed >> descriptor & 1) close(descriptor);
            open_standard_streams();
            const bool all = is_open(0) && is_open(1) && is_open(2);
            return all && open("/dev/null", O_RDONLY) > 2;
          }) == 0);
  }
}

TEST_CASE("streams: writing to one that was closed fails, and one that was open stays as it was") {
  CHECK(in_child([] {
          int pipe_ends[2];
          if (pipe(pipe_ends) != 0 || dup2(pipe_ends[1], 2) != 2) return false;
          close(1);
          open_standard_streams();
          return write(1, "x", 1) < 0 && write(2, "x", 1) == 1;
        }) == 0);
}

// The library's folders are tested above; here main() is, which no test program has.
TEST_CASE("streams: a run's files stay its own, whatever is closed") {
  if (!std::filesystem::exists("build/ddpm")) return;
  const ScratchFolder folder;
  const std::string train =
      "build/ddpm train --data digits --preset digits --T 3 --steps 1 --batch 2 --threads 1";
  int runs = 0;
  for (const std::string closed : {">&-", "2>&-", ">&- 2>&-", "<&-", "<&- >&- 2>&-"}) {
    CAPTURE(closed);
    const std::string run = folder / text("run-", runs++), out = folder / "out", err = folder / "err";
    const bool no_stdout = closed.find(">&-") == 0 || closed.find(" >&-") != closed.npos;
    CHECK(shell("(" + train + " --out " + run + " " + closed + ") >" + out + " 2>" + err) ==
          (no_stdout ? 1 : 0));
    for (const auto& file : snapshot(run)) {
      const std::string &name = file.first, &bytes = file.second;
      INFO(name);
      CHECK(bytes.empty() == (name == "training/lock"));
      CHECK_FALSE(contains(bytes, "images/s"));
    }
    CHECK(read_bytes(out).empty() == no_stdout);
    if (closed == ">&-") CHECK(contains(read_bytes(err), "ddpm: cannot write to standard output"));
  }
}

}  // namespace ddpm::test
