// See ddpm/machine/environment.h.
#include "ddpm/machine/environment.h"

#include <omp.h>
#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <latch>
#include <ostream>
#include <sstream>
#include <system_error>
#include <thread>

#include "ddpm/machine/limits.h"
#include "kernels/kernels.h"

// libomp's; libgomp has none.
extern "C" void kmp_set_blocktime(int milliseconds) __attribute__((weak));

namespace ddpm {

namespace {

const std::string spin_turns = "1000";      // of libgomp's waiting loop, some microseconds
const std::string spin_milliseconds = "1";  // how long libomp's threads spin
constexpr double largest_stack = 0x1p22;    // of a thread, in kilobytes

std::string lower_case(std::string word) {
  std::transform(word.begin(), word.end(), word.begin(),
                 [](unsigned char c) { return char(std::tolower(c)); });
  return word;
}

// Whether the value is no plain number, as "infinite" or "30G", or a number above the limit.
bool exceeds(const std::string& value, const std::string& limit) {
  const bool plain = !value.empty() && value.size() < 10 &&
                     std::all_of(value.begin(), value.end(), [](unsigned char c) { return std::isdigit(c); });
  return !plain || std::stol(value) > std::stol(limit);
}

// Whether the value is a size above largest_stack: kilobytes, or with the unit B, K, M or G.
bool exceeds_stack(const std::string& value) {
  std::istringstream in(lower_case(value));
  double size = 0;
  char unit = 'k';
  in >> size >> unit;
  return size * (unit == 'b' ? 0x1p-10 : unit == 'm' ? 0x1p10 : unit == 'g' ? 0x1p20 : 1) > largest_stack;
}

// A variable, which values of it are not followed, and the value that it gets instead. A variable without
// such a value is removed; one with it is also set where it is missing.
struct Variable {
  const char* name;
  bool (*refused)(const std::string& value);
  std::optional<std::string> instead;
};

bool says(const std::string& value, const char* word) { return lower_case(value).find(word) != value.npos; }

const std::vector<Variable>& variables(OpenMP library) {
  static const Variable policy{"OMP_WAIT_POLICY", [](const std::string& v) { return says(v, "active"); }, {}};
  static const Variable stack{"OMP_STACKSIZE", exceeds_stack, {}};
  static const std::vector<Variable> libgomp{
      policy,
      stack,
      {"GOMP_STACKSIZE", exceeds_stack, {}},
      {"GOMP_SPINCOUNT", [](const std::string& v) { return exceeds(v, spin_turns); }, spin_turns}};
  static const std::vector<Variable> libomp{
      policy,
      stack,
      {"KMP_BLOCKTIME", [](const std::string& v) { return exceeds(v, spin_milliseconds); },
       spin_milliseconds},
      {"KMP_LIBRARY", [](const std::string& v) { return !says(v, "throughput"); }, {}}};
  return library == OpenMP::libgomp ? libgomp : libomp;
}

bool keeps_environment(const GetVariable& get) {
  const char* keep = get("DDPM_ENVIRONMENT");
  return keep && std::string(keep) == "keep";
}

const char* environment_variable(const char* name) { return std::getenv(name); }

OpenMP linked_library() { return kmp_set_blocktime ? OpenMP::libomp : OpenMP::libgomp; }

// If OpenMP has bound this thread to one of its places, lets it run in all of them again: a program that it
// executes inherits where it may run.
void unbind() {
#ifdef __linux__
  cpu_set_t processors;
  CPU_ZERO(&processors);
  for (const int id : processors_of_places()) CPU_SET(id, &processors);
  if (CPU_COUNT(&processors) > 0) sched_setaffinity(0, sizeof processors, &processors);
#endif
}

// Throws Error unless n threads can exist at once. Without this trial the OpenMP library would end the
// program in the middle of its work.
void expect_threads(int n) {
  std::latch all_made(1);
  std::vector<std::thread> threads;
  std::string refusal;
  try {
    for (int i = 1; i < n; ++i) threads.emplace_back([&] { all_made.wait(); });
  } catch (const std::system_error& error) {
    refusal = error.code().message();
  }
  all_made.count_down();
  for (std::thread& thread : threads) thread.join();
  if (!refusal.empty()) fail_for("no threads", "cannot make ", n, " threads: ", refusal);
}

// Returns the value as a warning shows it: a few printable characters, or "..." for anything else.
std::string shown(const std::string& value) {
  const bool is_plain = value.size() <= 20 &&
                        std::all_of(value.begin(), value.end(), [](char c) { return ' ' <= c && c <= '~'; });
  return is_plain ? value : "...";
}

}  // namespace

EnvironmentPlan plan_environment(OpenMP library, const GetVariable& get) {
  EnvironmentPlan plan;
  if (keeps_environment(get)) return plan;
  const char* policy = get("OMP_WAIT_POLICY");
  const bool passive = policy && says(policy, "passive");  // sleeps at once: nothing is to be set
  for (const Variable& variable : variables(library)) {
    const char* value = get(variable.name);
    if (value && variable.refused(value))
      plan.refused += text(plan.refused.empty() ? "" : ", ", variable.name, "=", shown(value));
    else if (value || !variable.instead || passive)
      continue;
    plan.changes.push_back({variable.name, variable.instead});
  }
  return plan;
}

void adjust_environment(char** arguments, std::ostream& warnings) {
  const EnvironmentPlan plan = plan_environment(linked_library(), environment_variable);
  if (!plan.refused.empty())
    warnings << "warning: " << plan.refused << " would slow this program down or stop it and is not followed "
             << "(DDPM_ENVIRONMENT=keep would follow it)" << std::endl;
  for (const EnvironmentChange& change : plan.changes)
    change.value ? setenv(change.name.c_str(), change.value->c_str(), 1) : unsetenv(change.name.c_str());
  if (!plan.changes.empty() && linked_library() == OpenMP::libgomp) {
    unbind();
    execv("/proc/self/exe", arguments);
    if (!plan.refused.empty())
      warnings << "warning: it is followed all the same: /proc/self/exe cannot be executed" << std::endl;
  }
  // Which thread is bound where cannot be undone here, as the libraries differ in it.
  if (omp_get_proc_bind() != omp_proc_bind_false && !keeps_environment(environment_variable))
    warnings
        << "warning: the environment binds threads to processors (OMP_PROC_BIND, OMP_PLACES or "
        << "GOMP_CPU_AFFINITY): beside a busy process all of them wait for the one that shares its processor"
        << std::endl;
}

void choose_threads(int wanted, std::ostream& warnings) {
  const char* variable = std::getenv("OMP_NUM_THREADS");
  const bool asked = wanted || (variable && *variable);
  if (!wanted) wanted = kernels::threads();
  const int most = std::min(usable_processors(), omp_get_thread_limit());
  const int n = keeps_environment(environment_variable) ? wanted : std::min(wanted, most);
  if (n < wanted && asked)
    warnings << "warning: " << wanted << " threads were asked for, but this process may use " << n
             << (n == 1 ? " processor: 1 thread runs\n" : text(" processors: ", n, " threads run\n"));
  expect_threads(n);
  kernels::set_threads(n);
}

}  // namespace ddpm
