// make mutants: puts the faults of tests/mutants.txt into the code, one at a time, and compares the rows and
// tests that fail with those that the list names. The sources are not changed: a faulty copy of one file is
// compiled and linked with the objects of `make test`.
//   ROW='Eq. (7)'        selects the faults that are counted for the rows whose names begin so
//   ONLY=ddpm/schedule   selects the faults of files whose path contains the text
//   WITHOUT=kernels/cpu  selects the faults of files whose path does not contain the text
//   FAULT='text'         selects the faults whose line of the list contains the text
//   SAMPLE=12 SEED=text  draws 12 of the selected faults; the text is the seed
//   MEASURE=yes          prints the list as it ought to be: the rows that fail or, if there are none, the
//                        tests that fail, of those that the list names (of all, if it names none)
// Exit status: 1 if, for some fault, other rows fail than those named, or a named test does not. Ctrl-C ends
// the program.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <thread>
#include <tuple>

#include "kernels/types.h"
#include "tests/mutants/notice.h"
#include "tests/support/source.h"

namespace ddpm::test {

namespace {

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

std::vector<Fault> chosen() {
  const std::string row = environment("ROW"), sample = environment("SAMPLE");
  const std::string only = environment("ONLY"), without = environment("WITHOUT");
  const std::string line = environment("FAULT");
  std::vector<Fault> faults;
  for (const Fault& fault : all_faults()) {
    if (to_text(fault).find(line) == std::string::npos) continue;
    if (row != "" && !row_of(fault).starts_with(row)) continue;
    if (without != "" && fault.file.find(without) != std::string::npos) continue;
    if (fault.file.find(only) != std::string::npos) faults.push_back(fault);
  }
  if (sample != "") faults = drawn(faults, std::stoul(sample), environment("SEED"));
  if (faults.empty()) fail("tests/mutants.txt has no such fault");
  return faults;
}

// Returns the names as in the list, "7 1-2 A1 test_schedule": the fault's first row, then the others in the
// paper's order, then the tests.
std::string names(const Fault& fault, const std::set<std::string>& rows, const std::set<std::string>& tests) {
  std::vector<std::string> list(rows.begin(), rows.end());
  const auto key = [&](const std::string& row) {
    const bool first = !fault.rows.empty() && row == fault.rows[0];
    return std::tuple(!first, row[0] == 'A', row.size(), row);
  };
  std::sort(list.begin(), list.end(), [&](const auto& a, const auto& b) { return key(a) < key(b); });
  std::string result = short_rows(list);
  for (const std::string& test : tests) result += (result.empty() ? "" : " ") + test;
  return result.empty() ? "no test" : result;
}

template <typename T>
std::set<T> set_of(const std::vector<T>& list) {
  return {list.begin(), list.end()};
}

std::set<std::string> all_tests() {
  std::set<std::string> names;
  for (const auto& [name, file] : test_files()) names.insert(name);
  return names;
}

// Examines faults, and prints for each the rows and tests that fail. examine() returns whether they are as
// stated in the list.
class Examiner {
 public:
  Examiner(const Build& build, size_t count) : build_(build), count_(count) {}

  bool examine(const Fault& fault, const std::string& own) {
    const std::set<std::string> rows = set_of(fault.rows), tests = set_of(fault.tests);
    Noticed noticed = who_notices(build_, fault, measure_ ? std::set<std::string>() : tests, own);
    if (measure_ && noticed.rows.empty() && noticed.error == "")
      noticed = who_notices(build_, fault, tests.empty() ? all_tests() : tests, own);
    const bool as_stated = noticed.error == "" && noticed.rows == rows && noticed.tests == tests;
    const std::lock_guard<std::mutex> lock(mutex_);
    ++done_;
    if (measure_ && noticed.error == "")
      print_measured(fault, noticed);
    else
      print(fault, noticed, as_stated);
    std::fflush(stdout);
    return as_stated || (measure_ && noticed.error == "");
  }

  int seconds() const {
    using std::chrono::steady_clock;
    return int(std::chrono::duration<double>(steady_clock::now() - begin_).count());
  }

 private:
  static void print_measured(const Fault& fault, const Noticed& noticed) {
    const std::string got = names(fault, noticed.rows, noticed.tests);
    std::printf("@ %s\n%s :: ", fault.file.c_str(), got.c_str());
    std::printf("%s ==> %s\n", fault.find.c_str(), fault.put.c_str());
  }

  void print(const Fault& fault, const Noticed& noticed, bool as_stated) const {
    const std::string got = names(fault, noticed.rows, noticed.tests);
    const std::string expected = names(fault, set_of(fault.rows), set_of(fault.tests));
    const int left = int(seconds() * (count_ - done_) / done_ + 59) / 60;
    std::printf("%4zu/%zu  ~%d min left  %s\n", done_, count_, left, to_text(fault).c_str());
    if (noticed.error != "")
      std::printf("      %s\n", noticed.error.c_str());
    else if (as_stated)
      std::printf("      noticed, as stated, by %s\n", got.c_str());
    else
      std::printf("      NOT AS STATED: expected %s, got %s\n", expected.c_str(), got.c_str());
    if (noticed.late != "") std::printf("      it does not end: %s\n", noticed.late.c_str());
  }

  const Build& build_;
  const size_t count_;
  const bool measure_ = environment("MEASURE") != "";
  const std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
  std::mutex mutex_;
  size_t done_ = 0;
};

// Examines all faults, one per processor at a time. Returns those that are not noticed as stated.
std::vector<Fault> examine(const std::vector<Fault>& faults, Examiner& examiner, const std::string& scratch) {
  std::mutex mutex;
  size_t next = 0;
  std::vector<Fault> bad;
  const auto work = [&](unsigned worker) {
    for (;;) {
      std::unique_lock<std::mutex> lock(mutex);
      if (next == faults.size()) return;
      const Fault& fault = faults[next++];
      lock.unlock();
      if (examiner.examine(fault, text(scratch, "/", worker))) continue;
      lock.lock();
      bad.push_back(fault);
    }
  };
  const unsigned processors = std::max(1u, std::thread::hardware_concurrency());
  std::vector<std::thread> workers;
  for (unsigned i = 0; i < processors; ++i) workers.emplace_back(work, i);
  for (std::thread& worker : workers) worker.join();
  return bad;
}

int run_all(const std::string& folder) {
  const std::vector<Fault> faults = chosen();
  std::printf("mutants: %zu faults; compiling what they need ...\n", faults.size());
  std::fflush(stdout);
  const Build build(folder, faults);
  const std::string wrong = without_fault(build, faults, folder + "/mutants/none");
  if (wrong != "") fail("without any fault, ", wrong);
  Examiner examiner(build, faults.size());
  const std::vector<Fault> bad = examine(faults, examiner, folder + "/mutants");
  for (const Fault& fault : bad) std::printf("not so: %s\n", to_text(fault).c_str());
  const char* good = environment("MEASURE") != "" ? "measured" : "noticed as stated";
  std::printf("mutants: %zu faults, %zu %s, %zu not; %d s\n", faults.size(), faults.size() - bad.size(), good,
              bad.size(), examiner.seconds());
  return bad.empty() ? 0 : 1;
}

}  // namespace

}  // namespace ddpm::test

int main(int argc, char** argv) try {
  // make -n runs this program, too, because the recipe's line calls make.
  const std::string flags = ddpm::test::environment("MAKEFLAGS");
  if (flags.substr(0, flags.find(' ')).find('n') != std::string::npos) return 0;
  return ddpm::test::run_all(argc > 1 ? argv[1] : "build");
} catch (const ddpm::Error& error) {
  std::fprintf(stderr, "mutants: %s\n", error.what());
  return 1;
}
