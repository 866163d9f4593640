// The command `ddpm figure` (ddpm/cli/cmd_figure.cpp): its files, options and errors. The figures:
// tests/ddpm/figures/test_figure.cpp.
#include <doctest/doctest.h>

#include "ddpm/formats/csv.h"
#include "tests/support/command.h"
#include "tests/support/file_size_limit.h"
#include "tests/support/files.h"
#include "tests/support/images.h"
#include "tests/support/xml.h"

namespace ddpm::test {

namespace {

namespace fs = std::filesystem;

// The options of a run of T = 12 that trains in milliseconds.
std::string long_chain() {
  std::string options = small;
  return options.replace(options.find("--T 4"), 5, "--T 12 --beta-T 0.5");
}

}  // namespace

TEST_CASE("ddpm figure: draws every figure, on a run of two steps") {
  const ScratchFolder folder;
  const std::string run = folder / "run", data = put_images(folder);
  succeed("train --data " + data + " --out " + run + long_chain() + "--steps 2");
  const auto path = [&](const std::string& name) { return folder / name; };
  const auto draw = [&](const std::string& name, const std::string& more) {
    const std::string out = succeed("figure " + name + " --out " + path(name + ".svg") + " " + more);
    CHECK(out == "wrote " + path(name + ".svg") + " and " + path(name + ".csv") + "\n");
    CHECK(xml_fault(read_bytes(path(name + ".svg"))) == "");
    return read_csv(path(name + ".csv"), {});
  };
  CHECK(draw("schedule", "--run " + run).rows.size() == 12);
  CHECK(draw("forward", "--data " + data + " --image 7 --T 30").column("t")[10] == 30);
  CHECK(draw("reverse", "--run " + run + " --count 1 --threads 1").column("t")[0] == 12);
  CHECK(draw("training", "--run " + run).rows.size() == 1);

  refuse("figure schedule --out " + path("schedule.svg"), 1, {"schedule.svg exists already", "--force"});
  CHECK(draw("schedule", "--force --T 30").rows.size() == 30);
  fs::remove(path("schedule.svg"));
  refuse("figure schedule --out " + path("schedule.svg"), 1, {"schedule.csv exists already"});
  CHECK_FALSE(fs::exists(path("schedule.svg")));
}

TEST_CASE("ddpm figure: a run's own tables are no output, and a chart without values is refused") {
  const ScratchFolder folder;
  const std::string run = folder / "run";
  succeed("train --data " + put_images(folder) + " --out " + run + small + "--steps 2");
  const auto before = snapshot(run);
  for (const std::string name : {"log", "validation"})
    refuse("figure training --run " + run + " --force --out " + run + "/" + name + ".svg", 1,
           {name + ".csv is the run's own table"});
  CHECK(snapshot(run) == before);
  fs::create_directory(folder / "model");
  folder.put("model/scheduler_config.json",
             "{\"num_train_timesteps\": 12, \"beta_start\": 1e-300, \"beta_end\": 1e-300}");
  refuse("figure schedule --run " + (folder / "model") + " --out " + (folder / "s.svg"), 1,
         {"the chart Variances has no value from 1e-100 to 1e100 to draw"});
}

TEST_CASE("ddpm figure: the digits are the default data") {
  const ScratchFolder folder;
  succeed("figure forward --out " + (folder / "a.svg"));
  CHECK(read_csv(folder / "a.csv", {}).column("t")[10] == 1000);
  CHECK(read_bytes(folder / "a.svg").size() < 100'000);
}

TEST_CASE("ddpm figure: very long chains and equal betas have charts, too") {
  const ScratchFolder folder;
  const std::string out = " --force --out " + (folder / "a.svg");
  succeed("figure schedule --T 70000" + out);
  succeed("figure schedule --T 1 --beta-1 0.5000000000000001 --beta-T 0.5000000000000001" + out);
}

TEST_CASE("ddpm figure: both files or none, and never one file for both") {
  const ScratchFolder folder;
  fs::create_symlink(folder / "b.csv", folder / "b.svg");
  folder.put("b.csv", "mine");
  refuse("figure schedule --force --out " + (folder / "b.svg"), 1, {"are one file"});
  CHECK(read_bytes(folder / "b.csv") == "mine");
  const std::string command = "figure forward --out " + (folder / "c.svg");
  {
    const FileSizeLimit limit(5'000);  // the numbers fit, the picture does not
    refuse(command, 1, {"c.svg"});
  }
  CHECK_FALSE(fs::exists(folder / "c.csv"));
  succeed(command);
  const std::string numbers = read_bytes(folder / "c.csv"), picture = read_bytes(folder / "c.svg");
  {
    const FileSizeLimit limit(5'000);
    refuse(command + " --image 1 --force", 1, {"c.svg"});
  }
  CHECK(read_bytes(folder / "c.csv") == numbers);
  CHECK(read_bytes(folder / "c.svg") == picture);
  succeed(command + " --image 1 --force");
  CHECK(read_bytes(folder / "c.csv") != numbers);
}

TEST_CASE("ddpm figure: a file that appears while it draws is kept, and both new ones are told") {
  const ScratchFolder folder;
  const std::string run = folder / "run";
  succeed("train --data " + put_images(folder) + " --out " + run + long_chain() + "--steps 2");
  const Outcome outcome =
      ddpm("figure reverse --count 1 --threads 1 --run " + run + " --out " + (folder / "r.svg"),
           [&] { folder.put("r.svg", "mine"); });
  CHECK(outcome.code == 1);
  CHECK(contains(outcome.err, "r.svg has appeared meanwhile and is kept: what was to be there is in "));
  CHECK(read_bytes(folder / "r.svg") == "mine");
  CHECK(xml_fault(read_bytes(text(folder / "r.svg", ".tmp-", getpid(), "-0"))) == "");
  CHECK(read_csv(folder / "r.csv", {}).column("t")[0] == 12);
}

TEST_CASE("ddpm figure: help, and wrong arguments in one sentence") {
  const ScratchFolder folder;
  const std::string out = " --out " + (folder / "a.svg") + " ";
  CHECK(contains(succeed("figure --help"), "ddpm figure COMMAND"));
  for (const std::string name : {"schedule", "forward", "reverse", "training"}) {
    CHECK(contains(succeed("figure --help"), "  " + name + " "));
    CHECK(contains(succeed("figure " + name + " --help"), "ddpm figure " + name + ": "));
    CHECK(contains(succeed("figure " + name + " --help"), "its numbers go to F.csv"));
  }
  refuse("figure", 2, {"name a command"});
  refuse("figure revers", 2, {"there is no command \"ddpm figure revers\"", "did you mean reverse?"});
  refuse("figure qqqqqqq", 2, {"see ddpm figure --help"});
  refuse("figure schedule --count 3", 2, {"--count"});
  refuse("figure schedule --run x --T 5" + out, 2, {"--T has no effect on --run"});
  refuse("figure schedule --out " + (folder / "a.png"), 2, {"must end in .svg"});
  refuse("figure schedule --out " + (folder / "none/a.svg"), 1, {"there is no folder"});
  refuse("figure schedule --run /nowhere/at/all" + out, 1, {"/nowhere/at/all"});
  refuse("figure forward --T 5" + out, 1, {"T must be at least 10, not 5"});
  refuse("figure forward --data " + put_images(folder) + " --image 8" + out, 1, {"no image 8", "0 to 7"});
  refuse("figure reverse" + out, 2, {"--run RUN is missing"});
  refuse("figure reverse --run /nowhere/at/all" + out, 1, {"/nowhere/at/all holds no network"});
  refuse("figure training --run /nowhere/at/all" + out, 1, {"/nowhere/at/all/log.csv"});
  CHECK_FALSE(fs::exists(folder / "a.svg"));
}

}  // namespace ddpm::test
