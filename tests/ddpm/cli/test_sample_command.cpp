// Checks the commands `ddpm sample` and `ddpm predict` (ddpm/cli/cmd_sample.cpp, sampler.cpp and
// cmd_predict.cpp): what they write, and what they refuse.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <thread>

#include "ddpm/cli/sampler.h"
#include "ddpm/formats/npy.h"
#include "tests/support/command.h"
#include "tests/support/file_size_limit.h"
#include "tests/support/images.h"

namespace ddpm::test {

namespace {

namespace fs = std::filesystem;

// A run of two steps, and the commands that sample from it.
struct Trained {
  ScratchFolder folder;
  std::string run = folder / "run";

  Trained() {
    succeed("train --data " + put_images(folder) + " --out " + run + small + "--steps 2 --seed 3");
  }
  std::string path(const std::string& name) const { return folder / name; }
  std::string sample(const std::string& name, const std::string& more) const {
    return "sample --run " + run + " --out " + path(name + ".png") + " --npy " + path(name + ".npy") + " " +
           more;
  }
  std::string predict(const std::string& input, int t, const std::string& output) const {
    return text("predict --run ", run, " --input ", path(input), " --t ", t, " --output ", path(output));
  }
};

// Returns the pixels of the first images, 64 each.
std::vector<float> first(const Npy& array, int64_t images) {
  return {array.data.begin(), array.data.begin() + images * 64};
}

}  // namespace

TEST_CASE("ddpm sample: image i depends on the seed and i alone" * doctest::test_suite("same bits")) {
  const Trained trained;
  succeed(trained.sample("five", "--count 5"));
  succeed(trained.sample("three", "--count 3 --batch 2 --threads 2"));
  succeed(trained.sample("other", "--count 3 --seed 1"));
  const Npy five = read_npy(trained.path("five.npy"));
  CHECK(five.shape == std::vector<int64_t>{5, 1, 8, 8});
  CHECK(first(five, 3) == read_npy(trained.path("three.npy")).data);
  CHECK(first(five, 3) != read_npy(trained.path("other.npy")).data);
  CHECK(std::all_of(five.data.begin(), five.data.end(), [](float x) { return x >= -1 && x <= 1; }));
  CHECK(read_bytes(trained.path("five.png")).starts_with("\x89PNG"));
}

TEST_CASE("ddpm sample: its progress line shows the images, and the times elapsed and left") {
  const Trained trained;
  OnFlush buffer;
  std::ostringstream out;
  std::ostream err(&buffer);
  const auto draw = [&](const std::string& batch, int64_t count) {
    const Options options(sample_command().options, {"--run", trained.run, "--batch", batch});
    buffer.str("");
    Drawing(options, {out, err}).draw(0, count, "seed 7: ", {out, err}, [](const Tensor&) {});
  };
  buffer.act = [&] {
    if (!contains(buffer.str(), "t = 1 ")) std::this_thread::sleep_for(std::chrono::milliseconds(600));
  };
  draw("2", 3);
  CHECK(buffer.str().starts_with("seed 7: images 1 to 2 of 3, t = 4  0:00 elapsed  "));
  CHECK(contains(buffer.str(), "\nseed 7: images 3 to 3 of 3, t = 1  0:0"));
  CHECK_FALSE(contains(buffer.str(), "t = 1  0:00 elapsed"));
  CHECK(buffer.str().ends_with(" elapsed  0:00 left\n"));

  // Interrupts after the first of four steps for 64 of a million images.
  buffer.act = [] { std::raise(SIGTERM); };
  const Stopwatch watch;
  CHECK_THROWS_AS(draw("64", 1'000'000), Interrupted);
  const double most = watch.seconds() * 4e6 / 64;
  const std::string line = buffer.str(), before = "seed 7: images 1 to 64 of 1000000, t = 4  0:00 elapsed  ";
  CAPTURE(line);
  REQUIRE(line.starts_with(before));
  const double left = seconds_of(line.substr(before.size()));
  CHECK(left < most);
  CHECK(left > most / 3);
}

TEST_CASE("ddpm sample: weights, variance and clipping have an effect, and default to the run's") {
  const Trained trained;
  const auto draw = [&](const std::string& name, const std::string& more) {
    succeed(trained.sample(name, "--count 2 " + more));
    return read_npy(trained.path(name + ".npy")).data;
  };
  const std::vector<float> usual = draw("usual", "");
  CHECK(draw("a", "--weights ema --variance beta --clip on") == usual);
  CHECK(draw("b", "--weights raw") != usual);
  CHECK(draw("c", "--variance posterior") != usual);
  CHECK(draw("d", "--clip off") != usual);
}

TEST_CASE("ddpm sample: existing files are kept without --force") {
  const Trained trained;
  trained.folder.put("a.png", "mine");
  trained.folder.put("b.npy", "mine");
  refuse(trained.sample("a", "--count 1"), 1, {"a.png exists already", "--force"});
  refuse(trained.sample("b", "--count 1"), 1, {"b.npy exists already"});
  CHECK(read_bytes(trained.path("a.png")) == "mine");
  CHECK_FALSE(fs::exists(trained.path("a.npy")));
  succeed(trained.sample("a", "--count 1 --force"));
  CHECK(read_bytes(trained.path("a.png")) != "mine");
  fs::create_directory(trained.path("folder.png"));
  refuse(trained.sample("folder", "--count 1 --force"), 1, {"it is a folder"});
  refuse("sample --run " + trained.run + " --out " + trained.path("x") + " --npy " + trained.path("x"), 2,
         {"same file"});
  refuse("sample --run " + trained.run +
             " --count 1 --out ./nothing-of-this-exists --npy nothing-of-this-exists",
         2, {"same file"});
  refuse("sample --run " + trained.run + " --count 1000000 --out " + trained.path("x.png"), 1,
         {"lower --count"});
}

TEST_CASE("ddpm sample: a file that appears while it draws is kept, and the images are beside it") {
  const Trained trained;
  const auto appear = [&] {
    for (const std::string name : {"a.png", "a.npy"}) trained.folder.put(name, "mine");
  };
  const Outcome outcome = ddpm(trained.sample("a", "--count 2"), appear);
  CHECK(outcome.code == 1);
  for (const std::string name : {"a.png", "a.npy"}) {
    const std::string path = trained.path(name), left = text(path, ".tmp-", getpid(), "-0");
    CHECK(read_bytes(path) == "mine");
    CHECK(contains(outcome.err,
                   path + " has appeared meanwhile and is kept: what was to be there is in " + left));
    succeed(trained.sample("b", "--count 2 --force"));
    CHECK(read_bytes(left) == read_bytes(trained.path("b" + name.substr(1))));
  }
  CHECK(ddpm(trained.sample("c", "--count 2 --force"), [&] { trained.folder.put("c.png", "mine"); }).code ==
        0);
  CHECK(read_bytes(trained.path("c.png")) == read_bytes(trained.path("b.png")));
}

TEST_CASE("ddpm sample: on a full disk, an old picture stays beside its old array") {
  const Trained trained;
  succeed(trained.sample("a", "--count 1"));
  const std::string png = read_bytes(trained.path("a.png")), npy = read_bytes(trained.path("a.npy"));
  {
    const FileSizeLimit limit(3'000);  // the picture fits, the array does not
    refuse(trained.sample("a", "--count 12 --force"), 1, {"cannot write", "a.npy"});
  }
  CHECK(read_bytes(trained.path("a.png")) == png);
  CHECK(read_bytes(trained.path("a.npy")) == npy);
}

TEST_CASE("ddpm sample: a path that cannot be written is refused before sampling") {
  const Trained trained;
  const Outcome outcome = ddpm("sample --run " + trained.run + " --force --count 2 --out /dev/full");
  CHECK(outcome.code == 1);
  CHECK(contains(outcome.err, "/dev/full"));
  CHECK_FALSE(contains(outcome.err, "images 1 to 2"));
  refuse("sample --run /nowhere/at/all --out " + trained.path("x.png"), 1,
         {"/nowhere/at/all holds no network"});
}

TEST_CASE("ddpm sample: raw weights need a training state") {
  const ScratchFolder folder;
  refuse("sample --run tests/golden/nested --weights raw --out " + (folder / "x.png"), 1,
         {"no training state"});
}

TEST_CASE("ddpm predict: an image's result does not depend on its batch, and bad input is refused" *
          doctest::test_suite("same bits")) {
  const Trained trained;
  std::vector<float> x(20 * 64);
  for (size_t i = 0; i < x.size(); ++i) x[i] = std::sin(float(i));
  write_npy(trained.path("x.npy"), {20, 1, 8, 8}, x);
  write_npy(trained.path("last.npy"), {1, 1, 8, 8}, std::vector<float>(x.end() - 64, x.end()));
  succeed(trained.predict("x.npy", 4, "e.npy"));
  succeed(trained.predict("last.npy", 4, "e1.npy"));
  const std::vector<float> all = read_npy(trained.path("e.npy")).data;
  CHECK(std::vector<float>(all.end() - 64, all.end()) == read_npy(trained.path("e1.npy")).data);
  succeed(trained.predict("x.npy", 1, "e.npy"));
  CHECK(read_npy(trained.path("e.npy")).data != all);

  const std::string before = read_bytes(trained.path("e.npy"));
  refuse(trained.predict("x.npy", 5, "e.npy"), 2, {"--t 5", "1 to 4"});
  refuse(trained.predict("x.npy", 4, "x.npy"), 1, {"would replace the input"});
  refuse(trained.predict("nothing.npy", 4, "e.npy"), 1, {"nothing.npy"});
  trained.folder.put("mine.txt", "mine");
  refuse(trained.predict("x.npy", 4, "mine.txt"), 1, {"mine.txt exists already", "not named .npy"});
  CHECK(read_bytes(trained.path("mine.txt")) == "mine");
  refuse(trained.predict("x.npy", 4, "nowhere/e.npy"), 1, {"there is no folder"});
  write_npy(trained.path("x.npy"), {20, 1, 64}, x);
  refuse(trained.predict("x.npy", 4, "e.npy"), 1, {"(20, 1, 64)", "(B, 1, 8, 8)"});
  write_npy(trained.path("x.npy"), {0, 1, 8, 8}, {});
  refuse(trained.predict("x.npy", 4, "e.npy"), 1, {"(0, 1, 8, 8)"});
  write_npy(trained.path("x.npy"), {20, 1, 8, 8},
            std::vector<float>(x.size(), 3e38f));  // its squares are infinite
  refuse(trained.predict("x.npy", 4, "e.npy"), 1, {"not finite", "nothing was written"});
  x[7] = NAN;
  write_npy(trained.path("x.npy"), {20, 1, 8, 8}, x);
  refuse(trained.predict("x.npy", 4, "e.npy"), 1, {"nan", "finite"});
  trained.folder.put("x.npy", read_bytes(trained.path("e1.npy")).substr(0, 200));
  refuse(trained.predict("x.npy", 4, "e.npy"), 1, {"x.npy"});
  CHECK(read_bytes(trained.path("e.npy")) == before);
}

TEST_CASE("ddpm predict: a link stands for its file, and what appears meanwhile is kept") {
  const Trained trained;
  write_npy(trained.path("x.npy"), {1, 1, 8, 8}, std::vector<float>(64));
  trained.folder.put("mine.txt", "mine");
  fs::create_symlink("mine.txt", trained.path("link.npy"));
  refuse(trained.predict("x.npy", 4, "link.npy"), 1,
         {"link.npy exists already and is not named .npy (it is a link to ", "mine.txt)"});
  CHECK(read_bytes(trained.path("mine.txt")) == "mine");
  fs::create_symlink("old.npy", trained.path("good.npy"));
  refuse(trained.predict("x.npy", 4, "good.npy"), 1, {"a dangling symbolic link"});
  trained.folder.put("old.npy", "old");
  succeed(trained.predict("x.npy", 4, "good.npy"));
  CHECK(fs::is_symlink(trained.path("good.npy")));
  CHECK(read_npy(trained.path("old.npy")).shape == std::vector<int64_t>{1, 1, 8, 8});

  // Its note on the threads is flushed before the prediction.
  write_npy(trained.path("y.npy"), {1, 1, 16, 16}, std::vector<float>(256));
  const std::string words = "predict --run tests/golden/library-half --t 1 --input " + trained.path("y.npy") +
                            " --output " + trained.path("e.npy");
  const Outcome outcome = ddpm(words, [&] { trained.folder.put("e.npy", "mine"); });
  CHECK(outcome.code == 1);
  CHECK(contains(outcome.err, "e.npy has appeared meanwhile and is kept"));
  CHECK(read_bytes(trained.path("e.npy")) == "mine");
  succeed(words);
  CHECK(read_npy(trained.path("e.npy")).shape == std::vector<int64_t>{1, 1, 16, 16});
}

}  // namespace ddpm::test
