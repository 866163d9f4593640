// The OpenMP settings that the program finds in its environment, and what it makes of them: how long waiting
// threads spin, and how many threads there are.
// Checked by: tests/ddpm/machine/test_environment.cpp, tests/environment.sh.
#pragma once

#include <functional>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

namespace ddpm {

// The two OpenMP libraries, GCC's and LLVM's, which read different variables.
enum class OpenMP { libgomp, libomp };

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
  std::string refused;                     // "NAME=value, ...": the settings that are not followed, or ""
};

// Plans stacks of at most 4 GB, which can be made, and short spinning: threads that wait longer sleep.
// Threads that spin on take the processor from any other process, and from each other's work as soon as there
// are fewer processors than threads. Plans nothing if DDPM_ENVIRONMENT is "keep".
EnvironmentPlan plan_environment(OpenMP, const GetVariable& get);

// Carries the plan out, and warns of settings that are not followed and of threads that are bound to
// processors (unless DDPM_ENVIRONMENT is "keep"). libgomp reads its settings before main() begins: with it,
// this function executes the program again if there are changes. If that fails, it says so. Call first in
// main().
void adjust_environment(char** arguments, std::ostream& warnings);

// Sets the number of threads of all kernels: `wanted` if it is not 0, else OpenMP's (OMP_NUM_THREADS), but
// no more than usable_processors() unless DDPM_ENVIRONMENT is "keep". Warns if more were asked for. Throws
// Error, with the reason "no threads", if the system refuses to make so many.
void choose_threads(int wanted, std::ostream& warnings);

}  // namespace ddpm
