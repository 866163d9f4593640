// Checks a run whose process was killed (ddpm/run/directory.cpp): wherever that happens, the run can be
// continued and ends with the same bytes, and only temporary files of the program are removed.
#include <doctest/doctest.h>

#include "ddpm/run/directory.h"
#include "tests/support/runs.h"

namespace ddpm::test {

namespace fs = std::filesystem;

namespace {

using Files = std::map<std::string, std::string>;  // bytes by name, as snapshot() returns them

const std::string options = "training/options.json", state = "training/state.safetensors";

// Files of the user, although some names resemble those of temporary files.
const std::vector<std::string> of_the_user{"report.tmp-2024.txt",
                                           "mydir/photos.tmp-1.zip",
                                           "photos/lock",
                                           "photos/log.csv.tmp-1-0",
                                           "options.json.tmp-1-0",
                                           "training/notes.tmp-1-0",
                                           "training/lock.tmp-1-0",
                                           "training/long-name.tmp-1-0",
                                           "training/options.json.tmp-1-0.bak",
                                           "training/options.json.tmp-01-0",
                                           "unet/state.safetensors.tmp-1-0",
                                           "samples/step-5.png.tmp-1-0",
                                           "samples/step-000000.png.tmp-1-0",
                                           "samples/step-000002x.png.tmp-1-0"};

void put(const std::string& run, const std::string& name, const std::string& bytes) {
  fs::create_directories(fs::path(run + "/" + name).parent_path());
  std::ofstream(run + "/" + name, std::ios::binary) << bytes;
}

// The files that a run writes, name and bytes, in that order.
using Writes = std::vector<std::pair<std::string, std::string>>;

void add(Writes& writes, const Files& files, const std::vector<std::string>& names) {
  for (const std::string& name : names) writes.emplace_back(name, files.at(name));
}

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n') + 1); }

// Returns the run's files after `count` writes and half of the next one. A log is extended in place; every
// other file is first written to a temporary one.
Files killed_after(size_t count, const Writes& writes) {
  Files files{{"training/lock", ""}};
  for (size_t i = 0; i < count; ++i) files[writes[i].first] = writes[i].second;
  if (count == writes.size()) return files;
  const std::string &name = writes[count].first, &bytes = writes[count].second;
  if (files.count(name) && name.ends_with(".csv"))
    files[name] = bytes.substr(0, (files[name].size() + bytes.size()) / 2);
  else
    files[name + ".tmp-123-0"] = bytes.substr(0, bytes.size() / 2);
  return files;
}

}  // namespace

TEST_CASE("crash: after any write, the run continues and ends as if there had been none") {
  const Runs runs;
  const std::string session = "--save-every 3 --sample-every 3 ", recipe = "--steps 6 " + session;
  succeed(runs.train("whole", recipe));
  succeed(runs.train("half", recipe + "--stop-after 3"));
  const Files half = snapshot(runs.run("half"));
  Files begun;
  CHECK(ddpm(runs.train("begun", recipe), [&] {
          if (begun.empty()) begun = snapshot(runs.run("begun"));  // after the first step
        }).code == 0);
  Files whole = snapshot(runs.run("whole"));
  for (const char* log : {"log.csv", "validation.csv"}) begun[log] = first_line(half.at(log));

  Writes writes;
  const std::string weights = "unet/diffusion_pytorch_model.safetensors";
  add(writes, begun, {options, "model_index.json", "unet/config.json", "scheduler/scheduler_config.json"});
  add(writes, begun, {"log.csv", "validation.csv", state, weights});
  add(writes, half, {"log.csv", "validation.csv", state, weights, "samples/step-000003.png"});
  add(writes, whole, {"log.csv", "validation.csv", state, weights, "samples/step-000006.png"});

  whole["log.csv"] = without_seconds(whole["log.csv"]);
  for (size_t count = 0; count <= writes.size(); ++count) {
    INFO("killed after ", count, " writes");
    const std::string name = text("run-", count);
    for (const auto& file : killed_after(count, writes)) put(runs.run(name), file.first, file.second);
    succeed(count == 0 ? runs.train(name, recipe) : runs.resume(name) + session);
    Files ended = snapshot(runs.run(name));
    ended["log.csv"] = without_seconds(ended["log.csv"]);
    CHECK(ended.size() == whole.size());
    for (const auto& file : whole) CHECK_MESSAGE(ended[file.first] == file.second, file.first);
  }
}

TEST_CASE("crash: a start that fails before the options are complete changes nothing") {
  const Runs runs;
  const std::string run = runs.run("a");
  for (const char* name : {".tmp-77-0", ".tmp-77-1"}) put(run, options + name, "{");
  put(run, "training/lock", "");
  const Files before = snapshot(run);
  refuse("train --out " + run + " --data " + (runs.folder / "nowhere") + small, 1, {"nowhere"});
  refuse(runs.train("a", "--beta-1 0.5 --beta-T 0.1"), 1, {"beta_1"});
  refuse(runs.resume("a"), 1, {"is not a run to resume"});
  {
    const RunLock lock(run);
    refuse(runs.train("a", ""), 1, {"another process is training into"});
  }
  CHECK(snapshot(run) == before);
  succeed(runs.train("a/", "--steps 1"));
  for (const auto& file : snapshot(run)) CHECK_MESSAGE(!contains(file.first, ".tmp-"), file.first);
}

TEST_CASE("crash: a folder with any other file in it is refused, and stays as it is") {
  const Runs runs;
  for (const std::string& name : of_the_user) {
    const std::string run = runs.run("foreign");
    put(run, options + ".tmp-77-0", "{");
    put(run, name, "mine");
    const Files before = snapshot(run);
    refuse(runs.train("foreign", ""), 1, {"is not empty and does not hold a run"});
    CHECK_MESSAGE(snapshot(run) == before, name);
    fs::remove_all(run);
  }
  fs::create_directories(runs.run("link") + "/training");
  fs::create_symlink(runs.data + "/t10k-images-idx3-ubyte", runs.run("link") + "/" + options + ".tmp-1-0");
  refuse(runs.train("link", ""), 1, {"is not empty and does not hold a run"});

  // The run would write into a folder of the user's, through a link.
  fs::create_directories(runs.run("linked"));
  fs::create_directory_symlink(runs.data, runs.run("linked") + "/unet");
  refuse(runs.train("linked", ""), 1, {"is not empty and does not hold a run"});
  // The program's lock is empty: a file of that name with content is the user's.
  put(runs.run("lock"), "training/lock", "mine");
  refuse(runs.train("lock", ""), 1, {"is not empty and does not hold a run"});
  put(runs.run("elsewhere"), "mine/lock", "");
  refuse(runs.train("elsewhere", ""), 1, {"is not empty and does not hold a run"});
}

TEST_CASE("crash: a run or a file that another process has made is noticed under the lock") {
  const Runs runs;
  for (const std::string& name : std::vector<std::string>{options, "notes"}) {
    const std::string run = runs.run(fs::path(name).filename());
    put(run, name, "{}");
    const Files before = snapshot(run);
    const RunLock lock(run);
    CHECK(contains(error_of([&] { create_run(run, lock, {}); }), "another process has just put files into"));
    CHECK(read_bytes(run + "/" + name) == "{}");
  }
}

TEST_CASE("crash: the run's temporary files are removed when it continues, after all checks") {
  const Runs runs;
  const std::string run = runs.run("a");
  succeed(runs.train("a", "--steps 4 --stop-after 2 --sample-every 2"));
  const Files saved = snapshot(run);
  for (const auto& file : saved)
    if (file.first != "training/lock") put(run, file.first + ".tmp-77-3", "half");
  for (const std::string& name : of_the_user) put(run, name, "mine");
  fs::create_directory(run + "/log.csv.tmp-1-0");
  const Files before = snapshot(run);

  refuse(runs.resume("a") + "--lr 0.02", 1, {"--lr \"0.02\""});
  fs::rename(runs.data, runs.data + "-away");
  refuse(runs.resume("a"), 1, {runs.data});
  fs::rename(runs.data + "-away", runs.data);
  for (const std::string& name : std::vector<std::string>{options, state, "log.csv", "validation.csv"}) {
    put(run, name, "damaged");
    refuse(runs.resume("a"), 1, {fs::path(name).filename()});
    put(run, name, saved.at(name));
  }
  CHECK(snapshot(run) == before);

  succeed(runs.resume("a"));
  const Files after = snapshot(run);
  CHECK(after.size() == saved.size() + of_the_user.size());
  for (const std::string& name : of_the_user) CHECK_MESSAGE(after.count(name), name);
  CHECK(fs::is_directory(run + "/log.csv.tmp-1-0"));
}

}  // namespace ddpm::test
