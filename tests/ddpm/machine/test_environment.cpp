// Checks what becomes of OpenMP's settings: which are not followed, what is set instead, the warnings, and
// the number of threads. Whole processes: tests/environment.sh.
#include "ddpm/machine/environment.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <map>
#include <sstream>

#include "ddpm/machine/limits.h"
#include "tests/support/scratch.h"
#include "tests/support/threads.h"

namespace ddpm::test {

namespace {

using Variables = std::map<std::string, std::string>;

EnvironmentPlan plan(const Variables& variables) {
  return plan_environment([&](const char* name) {
    const auto found = variables.find(name);
    return found == variables.end() ? nullptr : found->second.c_str();
  });
}

// Returns the variables as the plan changes them.
Variables changed(Variables variables) {
  for (const EnvironmentChange& change : plan(variables).changes) {
    variables.erase(change.name);
    if (change.value) variables[change.name] = *change.value;
  }
  return variables;
}

const Variables good{{"GOMP_SPINCOUNT", "1000"}, {"KMP_BLOCKTIME", "1"}};

Variables with(Variables variables, const Variables& more) {
  for (const auto& [name, value] : more) variables[name] = value;
  return variables;
}

// A variable of this process's environment while the object lives.
struct SetVariable {
  const char* name;
  SetVariable(const char* name, const char* value) : name(name) { setenv(name, value, 1); }
  ~SetVariable() { unsetenv(name); }
};

std::string warning_of(int wanted) {
  std::ostringstream warnings;
  choose_threads(wanted, warnings);
  return warnings.str();
}

}  // namespace

TEST_CASE("environment: short spinning is set where nothing is, without a warning, and then stays") {
  CHECK(changed({}) == good);
  CHECK(plan({}).warning == "");
  CHECK(plan(good).changes.empty());
  CHECK(plan(with(good, {{"OMP_WAIT_POLICY", "passive"}, {"OMP_NUM_THREADS", "3"}})).changes.empty());
  CHECK(plan({{"GOMP_SPINCOUNT", "0"}, {"KMP_BLOCKTIME", "0"}}).changes.empty());
}

TEST_CASE("environment: what makes threads spin on is not followed, with one line that names it") {
  for (const Variables& slow : std::vector<Variables>{{{"OMP_WAIT_POLICY", "active"}},
                                                      {{"OMP_WAIT_POLICY", " ACTIVE "}},
                                                      {{"GOMP_SPINCOUNT", "1001"}},
                                                      {{"GOMP_SPINCOUNT", "infinite"}},
                                                      {{"GOMP_SPINCOUNT", "30G"}},
                                                      {{"GOMP_SPINCOUNT", "-1"}},
                                                      {{"GOMP_SPINCOUNT", ""}},
                                                      {{"GOMP_SPINCOUNT", "99999999999999999999"}},
                                                      {{"KMP_BLOCKTIME", "200"}},
                                                      {{"KMP_BLOCKTIME", "infinite"}},
                                                      {{"KMP_LIBRARY", "turnaround"}},
                                                      {{"OMP_STACKSIZE", "100G"}},
                                                      {{"GOMP_STACKSIZE", "1"}},
                                                      {{"KMP_STACKSIZE", "16k"}}}) {
    const auto& [name, value] = *slow.begin();
    INFO(name, "=", value);
    CHECK(changed(with(good, slow)) == good);
    CHECK(plan(with(good, slow)).warning == "warning: " + name + "=" + value +
                                                " would slow this program down and is not followed " +
                                                "(DDPM_ENVIRONMENT=keep would follow it)\n");
  }
  CHECK(contains(plan({{"OMP_WAIT_POLICY", "active"}, {"GOMP_SPINCOUNT", "9999"}}).warning,
                 "OMP_WAIT_POLICY=active, GOMP_SPINCOUNT=9999 would"));
}

TEST_CASE("environment: DDPM_ENVIRONMENT=keep leaves everything as it is") {
  const Variables slow{{"OMP_WAIT_POLICY", "active"}, {"OMP_STACKSIZE", "1G"}};
  const Variables kept = with(slow, {{"DDPM_ENVIRONMENT", "keep"}});
  CHECK(changed(kept) == kept);
  CHECK(plan(kept).warning == "");
  const Variables other{{"DDPM_ENVIRONMENT", "yes"}};
  CHECK(changed(with(slow, other)) == with(good, other));
}

TEST_CASE("environment: no more threads run than there are processors to use, and one line says so") {
  const UseThreads restored(1);
  const int processors = usable_processors();
  CHECK(warning_of(1) == "");
  CHECK(kernels::threads() == 1);
  CHECK(contains(warning_of(500), "warning: 500 threads were asked for, but this process may use "));
  CHECK(kernels::threads() == processors);
  kernels::set_threads(400);
  CHECK(warning_of(0) == "");  // nobody asked for 400
  CHECK(kernels::threads() == processors);
  const SetVariable asked("OMP_NUM_THREADS", "400");
  kernels::set_threads(400);  // as OpenMP does where it finds this variable
  CHECK(contains(warning_of(0), "warning: 400 threads were asked for"));
  const SetVariable keep("DDPM_ENVIRONMENT", "keep");
  CHECK(warning_of(processors + 1) == "");
  CHECK(kernels::threads() == processors + 1);
}

}  // namespace ddpm::test
