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
#include <system_error>
#include <thread>

#include "ddpm/machine/limits.h"
#include "kernels/kernels.h"

namespace ddpm {

namespace {

const std::string spin_turns = "1000";       // of libgomp's waiting loop, some microseconds
const std::string block_milliseconds = "1";  // how long libomp's threads spin

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

// A variable, which values of it are not followed, and the value that it gets instead. A variable without
// such a value is removed; one with it is also set where it is missing.
struct Variable {
  const char* name;
  bool (*refused)(const std::string& value);
  std::optional<std::string> instead;
};

bool any_value(const std::string&) { return true; }

const std::vector<Variable>& variables() {
  static const std::vector<Variable> all{
      {"OMP_WAIT_POLICY", [](const std::string& v) { return lower_case(v).find("active") != v.npos; }, {}},
      {"GOMP_SPINCOUNT", [](const std::string& v) { return exceeds(v, spin_turns); }, spin_turns},
      {"KMP_BLOCKTIME", [](const std::string& v) { return exceeds(v, block_milliseconds); },
       block_milliseconds},
      {"KMP_LIBRARY", [](const std::string& v) { return lower_case(v) == "turnaround"; }, {}},
      // The kernels need little stack; threads of 100 GB each cannot be made, and tiny ones crash.
      {"OMP_STACKSIZE", any_value, {}},
      {"GOMP_STACKSIZE", any_value, {}},
      {"KMP_STACKSIZE", any_value, {}},
  };
  return all;
}

bool keeps_environment(const GetVariable& get) {
  const char* keep = get("DDPM_ENVIRONMENT");
  return keep && std::string(keep) == "keep";
}

const char* environment_variable(const char* name) { return std::getenv(name); }

// Warns of settings that bind each thread to one processor. They cannot be undone here, as the libraries
// differ in what they bind.
void warn_of_binding(std::ostream& warnings) {
  for (const char* name : {"OMP_PROC_BIND", "OMP_PLACES", "GOMP_CPU_AFFINITY", "KMP_AFFINITY"}) {
    const std::string value = lower_case(std::getenv(name) ? std::getenv(name) : "");
    if (value.empty() || value == "false" || value == "none" || value == "disabled") continue;
    warnings << "warning: " << name << " binds threads to processors: beside a busy process all of them wait "
             << "for the one that shares its processor\n";
    return;
  }
}

// If OpenMP has bound this thread to one of its places, lets it run in all of them again: a program that it
// executes inherits where it may run.
void unbind() {
#ifdef __linux__
  cpu_set_t processors;
  CPU_ZERO(&processors);
  for (int place = 0; place < omp_get_num_places(); ++place) {
    std::vector<int> ids(size_t(omp_get_place_num_procs(place)));
    omp_get_place_proc_ids(place, ids.data());
    for (const int id : ids) CPU_SET(id, &processors);
  }
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

}  // namespace

EnvironmentPlan plan_environment(const GetVariable& get) {
  EnvironmentPlan plan;
  if (keeps_environment(get)) return plan;
  std::string refused;
  for (const Variable& variable : variables()) {
    const char* value = get(variable.name);
    if (value && variable.refused(value))
      refused += text(refused.empty() ? "" : ", ", variable.name, "=", value);
    else if (value || !variable.instead)
      continue;
    plan.changes.push_back({variable.name, variable.instead});
  }
  if (!refused.empty())
    plan.warning = text("warning: ", refused, " would slow this program down and is not followed ",
                        "(DDPM_ENVIRONMENT=keep would follow it)\n");
  return plan;
}

void adjust_environment(char** arguments, std::ostream& warnings) {
  const EnvironmentPlan plan = plan_environment(environment_variable);
  warnings << plan.warning << std::flush;
  for (const EnvironmentChange& change : plan.changes)
    change.value ? setenv(change.name.c_str(), change.value->c_str(), 1) : unsetenv(change.name.c_str());
  if (!plan.changes.empty()) {
    unbind();
    execv("/proc/self/exe", arguments);
  }
  warn_of_binding(warnings);
}

void choose_threads(int wanted, std::ostream& warnings) {
  const bool asked = wanted || std::getenv("OMP_NUM_THREADS");
  if (!wanted) wanted = std::min(kernels::threads(), omp_get_thread_limit());
  const int n = keeps_environment(environment_variable) ? wanted : std::min(wanted, usable_processors());
  if (n < wanted && asked)
    warnings << "warning: " << wanted << " threads were asked for, but this process may use " << n
             << (n == 1 ? " processor: 1 thread runs\n" : text(" processors: ", n, " threads run\n"));
  expect_threads(n);
  kernels::set_threads(n);
}

}  // namespace ddpm
