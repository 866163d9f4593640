// The OpenMP settings that the program finds in its environment, and what it makes of them: how long waiting
// threads spin, and how many threads there are. Checked by: tests/ddpm/machine/test_environment.cpp.
#pragma once

#include <functional>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

namespace ddpm {

// Returns a variable's value, or nullptr: std::getenv, or a test's own.
using GetVariable = std::function<const char*(const char* name)>;

// Sets a variable, or removes it if there is no value.
struct EnvironmentChange {
  std::string name;
  std::optional<std::string> value;
};

// How the environment ought to be changed before the OpenMP library reads it.
struct EnvironmentPlan {
  std::vector<EnvironmentChange> changes;  // none if the environment is as it ought to be
  std::string warning;                     // a line that names the settings that are not followed, or ""
};

// Plans short spinning: threads that wait longer sleep. Threads that spin on take the processor from any
// other process, and from each other's work as soon as there are fewer processors than threads. Plans nothing
// if DDPM_ENVIRONMENT is "keep".
EnvironmentPlan plan_environment(const GetVariable& get);

// Carries the plan out, prints its warning, and warns of threads that are bound to processors. libgomp reads
// its settings before main() begins, so this function executes the program again if there are changes; if
// that fails, the program goes on as it is. Call first in main().
void adjust_environment(char** arguments, std::ostream& warnings);

// Sets the number of threads of all kernels: `wanted` if it is not 0, else OpenMP's (OMP_NUM_THREADS), but
// no more than usable_processors() unless DDPM_ENVIRONMENT is "keep". Warns if more were asked for. Throws
// Error, with the reason "no threads", if the system refuses to make so many.
void choose_threads(int wanted, std::ostream& warnings);

}  // namespace ddpm
