// Checks `ddpm train` (ddpm/cli/cmd_train.cpp, ddpm/run/directory.cpp): a new run's folder, what it refuses,
// a full disk, and what it prints. Resuming: tests/ddpm/run/test_resume.cpp.
#include <doctest/doctest.h>

#include "ddpm/run/directory.h"
#include "tests/support/file_size_limit.h"
#include "tests/support/runs.h"

namespace ddpm::test {

namespace fs = std::filesystem;

TEST_CASE("run: an existing folder or file is not overwritten") {
  const Runs runs;
  succeed(runs.train("a", "--steps 3"));
  const auto before = snapshot(runs.run("a"));
  refuse(runs.train("a", "--steps 3"), 1, {"already holds a run", "--resume"});
  CHECK(snapshot(runs.run("a")) == before);
  refuse(runs.resume("none"), 1, {"is not a run to resume"});
  CHECK_FALSE(fs::exists(runs.run("none")));
  runs.folder.put("file", "x");
  refuse(runs.train("file", ""), 1, {"is a file"});
  refuse(runs.train("file/below", ""), 1, {"cannot make the folder"});
  refuse("train --out " + runs.data + " --data " + runs.data + small, 1,
         {"is not empty and does not hold a run"});
  fs::create_directory(runs.run("empty"));
  succeed(runs.train("empty", "--steps 1"));
}

TEST_CASE("run: a start that fails leaves nothing behind") {
  const Runs runs;
  refuse("train --out " + runs.run("a") + " --data " + (runs.folder / "nowhere") + small, 1, {"nowhere"});
  refuse(runs.train("a", "--beta-1 0.5 --beta-T 0.1"), 1, {"beta_1"});
  refuse("train --data digits --out " + runs.run("a") + " --channels 12", 1, {"groups"});
  refuse("train --data digits --out " + runs.run("a") + " --preset cifar10", 1, {"28", "divisible by 8"});
  refuse("train --data digits --out " + runs.run("a") + " --attention 16", 2, {"--attention 16", "28,14,7"});
  refuse(runs.train("a", "--steps 5 --minutes 5"), 2, {"--steps or --minutes"});
  refuse(runs.train("a", "--minutes 5 --decay cosine"), 2, {"constant learning rate"});
  refuse("train --data digits" + small, 2, {"--out"});
  refuse("train --out " + runs.run("a") + small, 2, {"--data"});
  CHECK_FALSE(fs::exists(runs.run("a")));
}

TEST_CASE("run: training and test images of different sizes are refused before a folder is made") {
  const Runs runs;
  succeed(runs.train("old", "--steps 4 --stop-after 2"));
  const auto before = snapshot(runs.run("old"));
  runs.folder.put("images/t10k-images-idx3-ubyte",
                  big_endian({0x803, 4, 12, 12}) + std::string(4 * 144, 'x'));
  const std::vector<std::string> parts{"train-images-idx3-ubyte", "8x8x1", "t10k-images-idx3-ubyte",
                                       "12x12x1"};
  refuse(runs.train("new", "--steps 4"), 1, parts);
  CHECK_FALSE(fs::exists(runs.run("new")));
  refuse(runs.resume("old"), 1, parts);
  CHECK(snapshot(runs.run("old")) == before);
}

TEST_CASE("run: a folder that was moved, removed or replaced is not written to") {
  const ScratchFolder folder;
  const std::string run = folder / "run";
  const RunLock lock(run);
  CHECK(error_of([&] { lock.expect_in_place(); }) == "no error");
  fs::rename(run, folder / "moved");
  const std::string says = run + " was moved, removed or replaced while it was trained";
  CHECK(contains(error_of([&] { lock.expect_in_place(); }), says));
  const RunLock other(run);  // of another process
  CHECK(contains(error_of([&] { lock.expect_in_place(); }), says));
  CHECK(error_of([&] { other.expect_in_place(); }) == "no error");
}

TEST_CASE("run: two processes cannot train into one folder") {
  const Runs runs;
  succeed(runs.train("a", "--steps 4 --stop-after 2"));
  const RunLock lock(runs.run("a"));
  refuse(runs.resume("a"), 1, {"another process is training"});
  refuse(runs.train("a", "--steps 4"), 1, {"another process is training into"});
}

TEST_CASE("run: if the disk is full, the last save is kept") {
  const Runs runs;
  succeed(runs.train("a", "--steps 6 --stop-after 3"));
  const std::string state = read_bytes(runs.run("a") + "/training/state.safetensors");
  Outcome outcome;
  {
    const FileSizeLimit limit(state.size() - 100);
    outcome = ddpm(runs.resume("a"));
  }
  INFO(outcome.err);
  CHECK(outcome.code == 1);
  CHECK(contains(outcome.err, "that of step 3 is kept"));
  CHECK(read_bytes(runs.run("a") + "/training/state.safetensors") == state);
  succeed(runs.resume("a"));
}

TEST_CASE("run: --minutes ends training, and writes sample grids and logs") {
  const Runs runs;
  succeed(runs.train("a", "--minutes 0.001 --sample-every 1 --decay none"));
  CHECK(fs::exists(runs.run("a") + "/samples/step-000001.png"));
  const std::string log = read_bytes(runs.run("a") + "/log.csv");
  CHECK(log.starts_with(
      "step,loss,loss_q1,loss_q2,loss_q3,loss_q4,learning_rate,gradient_norm,images,seconds\n1,"));
  CHECK(contains(succeed(runs.resume("a")), "done after step"));
  CHECK(rows(read_bytes(runs.run("a") + "/validation.csv")).size() == 2);  // the header and the last step
}

TEST_CASE("run: the last line has the training time of all sessions") {
  const Runs runs;
  CHECK(contains(succeed(runs.train("a", "--steps 3 --stop-after 2")), "stopped after step 2, 0:00 of"));
  const std::string path = runs.run("a") + "/log.csv", log = read_bytes(path);
  std::ofstream(path) << log.substr(0, log.rfind(',') + 1) << "5000\n";
  CHECK(contains(succeed(runs.resume("a")),
                 "done after step 3, 1:23:20 of training; draw samples with: ddpm sample"));
}

}  // namespace ddpm::test
