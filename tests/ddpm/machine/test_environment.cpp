// Checks what becomes of OpenMP's settings: which are not followed, what is set instead, the warnings, and
// the number of threads. Whole processes: tests/environment.sh.
#include "ddpm/machine/environment.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <map>
#include <optional>
#include <sstream>

#include "ddpm/machine/limits.h"
#include "tests/support/scratch.h"
#include "tests/support/threads.h"

namespace ddpm::test {

namespace {

using Variables = std::map<std::string, std::string>;

EnvironmentPlan plan(OpenMP library, const Variables& variables) {
  return plan_environment(library, [&](const char* name) {
    const auto found = variables.find(name);
    return found == variables.end() ? nullptr : found->second.c_str();
  });
}

// Returns the variables as the plan changes them.
Variables changed(OpenMP library, Variables variables) {
  for (const EnvironmentChange& change : plan(library, variables).changes) {
    variables.erase(change.name);
    if (change.value) variables[change.name] = *change.value;
  }
  return variables;
}

constexpr OpenMP libraries[] = {OpenMP::libgomp, OpenMP::libomp};

// Returns what a library ought to find.
Variables good(OpenMP library) {
  return library == OpenMP::libgomp ? Variables{{"GOMP_SPINCOUNT", "1000"}}
                                    : Variables{{"KMP_BLOCKTIME", "1"}};
}

Variables with(Variables variables, const Variables& more) {
  for (const auto& [name, value] : more) variables[name] = value;
  return variables;
}

// Sets a variable of this process, or removes it (nullptr), while the object lives.
class UseVariable {
 public:
  UseVariable(const char* name, const char* value) : name_(name) {
    if (const char* old = std::getenv(name)) before_ = old;
    set(value);
  }
  ~UseVariable() { set(before_ ? before_->c_str() : nullptr); }
  UseVariable(const UseVariable&) = delete;

 private:
  void set(const char* value) { value ? setenv(name_, value, 1) : unsetenv(name_); }

  const char* name_;
  std::optional<std::string> before_;
};

std::string warning_of(int wanted) {
  std::ostringstream warnings;
  choose_threads(wanted, warnings);
  return warnings.str();
}

}  // namespace

TEST_CASE("environment: short spinning is set where nothing is, without a warning, and then stays") {
  for (const OpenMP library : libraries) {
    CHECK(changed(library, {}) == good(library));
    CHECK(plan(library, {}).refused == "");
    CHECK(plan(library, good(library)).changes.empty());
    CHECK(plan(library, with(good(library), {{"OMP_NUM_THREADS", "3"}, {"KMP_AFFINITY", "none"}}))
              .changes.empty());
    CHECK(plan(library, {{"GOMP_SPINCOUNT", "0"}, {"KMP_BLOCKTIME", "0"}}).changes.empty());
  }
}

TEST_CASE("environment: passive waiting, which sleeps at once, is left as it is") {
  for (const OpenMP library : libraries) {
    CHECK(plan(library, {{"OMP_WAIT_POLICY", "passive"}}).changes.empty());
    CHECK(plan(library, {{"OMP_WAIT_POLICY", " PASSIVE"}}).changes.empty());
  }
  CHECK(plan(OpenMP::libgomp, {{"OMP_WAIT_POLICY", "passive"}, {"GOMP_SPINCOUNT", "30G"}}).refused ==
        "GOMP_SPINCOUNT=30G");
}

TEST_CASE("environment: what makes threads spin on is not followed, and named") {
  const auto check = [](OpenMP library, const std::string& name, const std::string& value) {
    const Variables slow = with(good(library), {{name, value}});
    INFO(name, "=", value);
    CHECK(changed(library, slow) == good(library));
    CHECK(plan(library, slow).refused == name + "=" + value);
  };
  for (const OpenMP library : libraries)
    for (const char* policy : {"active", " ACTIVE "}) check(library, "OMP_WAIT_POLICY", policy);
  for (const char* turns : {"1001", "infinite", "30G", "-1", "", "99999999999999999999"})
    check(OpenMP::libgomp, "GOMP_SPINCOUNT", turns);
  for (const char* milliseconds : {"200", "infinite"}) check(OpenMP::libomp, "KMP_BLOCKTIME", milliseconds);
  for (const char* kind : {"turnaround", "Turnaround", "serial"}) check(OpenMP::libomp, "KMP_LIBRARY", kind);
  CHECK(plan(OpenMP::libgomp, {{"OMP_WAIT_POLICY", "active"}, {"GOMP_SPINCOUNT", "9999"}}).refused ==
        "OMP_WAIT_POLICY=active, GOMP_SPINCOUNT=9999");
}

TEST_CASE("environment: stacks that no thread can have are not followed, others are") {
  for (const OpenMP library : libraries) {
    for (const std::string size : {"900G", " 5 g ", "5000M", "5000000", "5000000k", "9999999999B"}) {
      const Variables large = with(good(library), {{"OMP_STACKSIZE", size}});
      CHECK_MESSAGE(changed(library, large) == good(library), size);
      CHECK(plan(library, large).refused == "OMP_STACKSIZE=" + size);
    }
    for (const std::string size : {"4G", "100M", "4096", "16 k", "1000000000B", "nonsense", ""})
      CHECK_MESSAGE(plan(library, with(good(library), {{"OMP_STACKSIZE", size}})).changes.empty(), size);
  }
  CHECK(plan(OpenMP::libgomp, {{"GOMP_STACKSIZE", "9G"}}).refused == "GOMP_STACKSIZE=9G");
}

TEST_CASE("environment: variables of the other library are left alone") {
  CHECK(plan(OpenMP::libgomp, with(good(OpenMP::libgomp), {{"KMP_BLOCKTIME", "infinite"}})).changes.empty());
  CHECK(plan(OpenMP::libomp, with(good(OpenMP::libomp), {{"GOMP_SPINCOUNT", "infinite"}})).changes.empty());
}

TEST_CASE("environment: DDPM_ENVIRONMENT=keep leaves everything as it is, another value nothing") {
  const Variables slow{{"OMP_WAIT_POLICY", "active"}};
  for (const OpenMP library : libraries) {
    const Variables kept = with(slow, {{"DDPM_ENVIRONMENT", "keep"}});
    CHECK(changed(library, kept) == kept);
    CHECK(plan(library, kept).refused == "");
    const Variables other{{"DDPM_ENVIRONMENT", "yes"}};
    CHECK(changed(library, with(slow, other)) == with(good(library), other));
  }
}

TEST_CASE("environment: no more threads run than there are processors to use, and one line says so") {
  const UseThreads restored(1);
  const UseVariable nobody("OMP_NUM_THREADS", nullptr), normal("DDPM_ENVIRONMENT", nullptr);
  const int processors = usable_processors(), many = processors + 300;
  const std::string warning = text("warning: ", many, " threads were asked for, but this process may use ");
  CHECK(warning_of(1) == "");
  CHECK(kernels::threads() == 1);
  CHECK(contains(warning_of(many), warning));
  CHECK(kernels::threads() == processors);
  kernels::set_threads(many);
  CHECK(warning_of(0) == "");  // nobody asked for so many
  CHECK(kernels::threads() == processors);
  for (const char* value : {"", "400"}) {
    const UseVariable asked("OMP_NUM_THREADS", value);
    kernels::set_threads(many);  // as OpenMP does where it finds such a number
    CHECK(contains(warning_of(0), warning) == (*value != 0));
  }
  const UseVariable keep("DDPM_ENVIRONMENT", "keep");
  CHECK(warning_of(processors + 1) == "");
  CHECK(kernels::threads() == processors + 1);
}

}  // namespace ddpm::test
