// A run from its first step to its last: resuming bit for bit, refusing what
// would lose something, and keeping the last save whatever happens.
#include <doctest/doctest.h>

#include <sys/resource.h>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <thread>

#include "ddpm/formats/safetensors.h"
#include "ddpm/run/directory.h"
#include "ddpm/cli/interrupt.h"
#include "ddpm/run/trainer.h"
#include "tests/support/runs.h"
#include "tests/support/tiny.h"

namespace ddpm::test {

namespace fs = std::filesystem;

namespace {

int lines(const std::string& text) { return int(std::count(text.begin(), text.end(), '\n')); }

}  // namespace

#ifndef REAL_DOUBLE  // the double build's state is rounded to float when it is saved

TEST_CASE("run: 20 steps equal 10 and resume, in every byte, with any threads" *
          doctest::test_suite("same bits")) {
  const Runs runs;
  const std::string recipe = "--steps 20 --dropout 0.1 --flip --decay cosine --seed 5 ";
  succeed(runs.train("whole", recipe));
  succeed(runs.train("parts", recipe + "--stop-after 10"));
  CHECK(lines(read_bytes(runs.run("parts") + "/log.csv")) == 11);
  succeed(runs.resume("parts") + "--threads 2");
  const auto whole = snapshot(runs.run("whole")), parts = snapshot(runs.run("parts"));
  CHECK(whole.size() == parts.size());
  CHECK(whole.count("training/state.safetensors"));
  CHECK(whole.count("unet/diffusion_pytorch_model.safetensors"));
  for (const auto& file : whole) {
    const std::string &name = file.first, &bytes = file.second;
    if (name == "log.csv")
      CHECK(without_seconds(bytes) == without_seconds(parts.at(name)));
    else
      CHECK_MESSAGE(bytes == parts.at(name), name);
  }
}

TEST_CASE("run: a crash between saves loses only what came after the last") {
  const Runs runs;
  succeed(runs.train("whole", "--steps 12"));
  succeed(runs.train("crash", "--steps 12 --stop-after 6"));
  const auto at_six = snapshot(runs.run("crash"));
  succeed(runs.resume("crash") + "--stop-after 9");
  // The log went on to step 9 and unet/ belongs to step 9; the state is that of step 6.
  runs.folder.put("crash/training/state.safetensors", at_six.at("training/state.safetensors"));
  succeed(runs.resume("crash"));
  // As if the last crash had come between the state and the average in unet/.
  const std::string average = "unet/diffusion_pytorch_model.safetensors";
  runs.folder.put("crash/" + average, at_six.at(average));
  succeed(runs.resume("crash"));
  for (const std::string file : {"/training/state.safetensors", "/unet/diffusion_pytorch_model.safetensors"})
    CHECK(read_bytes(runs.run("whole") + file) == read_bytes(runs.run("crash") + file));
  CHECK(without_seconds(read_bytes(runs.run("crash") + "/log.csv")) ==
        without_seconds(read_bytes(runs.run("whole") + "/log.csv")));
}

TEST_CASE("run: resumed before its first save, it starts over") {
  const Runs runs;
  succeed(runs.train("whole", "--steps 4"));
  succeed(runs.train("again", "--steps 4"));
  for (const std::string file : {"/training/state.safetensors", "/unet/diffusion_pytorch_model.safetensors"})
    fs::remove(runs.run("again") + file);
  refuse("sample --run " + runs.run("again") + " --out " + (runs.folder / "x.png"), 1,
         {"there are no weights yet"});
  succeed(runs.resume("again"));
  CHECK(read_bytes(runs.run("whole") + "/training/state.safetensors") ==
        read_bytes(runs.run("again") + "/training/state.safetensors"));
}

TEST_CASE("run: a loss that is not finite ends the run, and keeps the last save") {
  const Runs runs;
  const auto data = open_dataset(runs.data, Split::train);
  RunOptions options;
  options.network = small_config();
  options.batches.size = 2;
  options.train.adam.learning_rate = 1e25;
  options.steps = 40;
  fs::create_directories(runs.run("a") + "/training");
  Trainer trainer(runs.run("a"), options, *data, *data);
  const std::string error = error_of([&] { trainer.train({0, 1, 0}); });
  CHECK_MESSAGE(contains(error, "is not finite at step"), error);
  CHECK_MESSAGE(contains(error, "keeps its last save, of step"), error);
  Unet average(options.network);
  read_weights(runs.run("a"), average.parameters());  // refuses what is not finite
}

#endif

TEST_CASE("run: a run is resumed or refused, never overwritten") {
  const Runs runs;
  succeed(runs.train("a", "--steps 3"));
  const auto before = snapshot(runs.run("a"));
  refuse(runs.train("a", "--steps 3"), 1, {"already holds a run", "--resume"});
  refuse(runs.resume("a") + "--lr 0.02", 1, {"--lr 0.02", "was made with 0.01"});
  refuse(runs.resume("a") + "--steps 4", 1, {"--steps 4", "was made with 3"});
  refuse(runs.resume("a") + "--minutes 4", 1, {"--minutes 4", "was made without it"});
  refuse(runs.resume("a") + "--preset mnist", 1, {"--preset mnist", "was made with tiny"});
  refuse(runs.resume("a") + "--flip", 1, {"--flip on", "was made with off"});
  refuse(runs.resume("a") + "--attention 8,4", 1, {"--attention 8,4", "was made with 4"});
  refuse(runs.resume("a") + "--convolution direct", 1, {"--convolution direct", "was made with auto"});
  CHECK(snapshot(runs.run("a")) == before);
  succeed(runs.resume("a") + "--lr 1e-2 --attention 4 --data " + runs.data +
          " --threads 1 --save-every 7 --sample-every 9");
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

TEST_CASE("run: nothing is left behind by a start that fails") {
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

TEST_CASE("run: damaged options and states are refused, and kept") {
  const Runs runs;
  succeed(runs.train("a", "--steps 2"));
  const std::string options = read_bytes(runs.run("a") + "/training/options.json");
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string text = options;
    runs.folder.put("a/training/options.json", text.replace(text.find(from), from.size(), to));
  };
  with("\"4\"", "\"0\"");
  refuse(runs.resume("a"), 1, {"options.json", "--channels 0"});
  with("\"channels\"", "\"chanels\"");
  refuse(runs.resume("a"), 1, {"options.json", "there is no option --chanels"});
  with("  \"channels\": \"4\",\n", "");
  refuse(runs.resume("a"), 1, {"options.json", "the option channels is missing"});
  with("{", "{\n  \"out\": \"elsewhere\",");
  refuse(runs.resume("a"), 1, {"options.json", "there is no option --out"});
  with("  \"data\"", "  \"DATA\"");
  refuse(runs.resume("a"), 1, {"options.json", "there is no option --DATA"});
  with("  \"steps\": \"2\",\n", "");
  refuse(runs.resume("a"), 1, {"options.json", "the option steps is missing"});
  with("{", "");
  refuse(runs.resume("a"), 1, {"options.json"});
  with("\"channels\": \"4\"", "\"channels\": \"8\"");
  refuse(runs.resume("a"), 1, {"state.safetensors", "has shape"});
  runs.folder.put("a/training/options.json", options);

  const std::string state = read_bytes(runs.run("a") + "/training/state.safetensors");
  runs.folder.put("a/training/state.safetensors", state.substr(0, state.size() / 2));
  refuse(runs.resume("a"), 1, {"state.safetensors"});
  refuse("sample --weights raw --run " + runs.run("a") + " --out " + (runs.folder / "x.png"), 1,
         {"state.safetensors"});
  runs.folder.put("a/training/state.safetensors", state);
  succeed(runs.resume("a"));
}

TEST_CASE("run: two processes cannot train into one run") {
  const Runs runs;
  succeed(runs.train("a", "--steps 2"));
  const RunLock lock(runs.run("a"));
  refuse(runs.resume("a"), 1, {"another process is training"});
}

TEST_CASE("run: a full disk keeps the last save") {
  const Runs runs;
  succeed(runs.train("a", "--steps 6 --stop-after 3"));
  const std::string state = read_bytes(runs.run("a") + "/training/state.safetensors");
  std::signal(SIGXFSZ, SIG_IGN);  // as main does
  rlimit old;
  REQUIRE(getrlimit(RLIMIT_FSIZE, &old) == 0);
  rlimit limit = old;
  limit.rlim_cur = state.size() - 100;
  REQUIRE(setrlimit(RLIMIT_FSIZE, &limit) == 0);
  const Outcome outcome = ddpm(runs.resume("a"));
  setrlimit(RLIMIT_FSIZE, &old);
  INFO(outcome.err);
  CHECK(outcome.code == 1);
  CHECK(contains(outcome.err, "that of step 3 is kept"));
  CHECK(read_bytes(runs.run("a") + "/training/state.safetensors") == state);
  succeed(runs.resume("a"));
}

TEST_CASE("run: Ctrl-C and SIGTERM save and end with 130") {
  const Runs runs;
  for (const int signal : {SIGINT, SIGTERM}) {
    const std::string name = text("run-", signal);
    std::thread later([&] {
      // The first row of the log shows that training, and so the guard, has begun.
      const std::string log = runs.run(name) + "/log.csv";
      std::error_code error;
      while (fs::file_size(log, error) < 100 || error)
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
      std::raise(signal);
    });
    const Outcome outcome = ddpm(runs.train(name, "--steps 100000000"));
    later.join();
    CHECK(outcome.code == 130);
    CHECK(contains(outcome.err, "stopped and saved after step"));
    CHECK(fs::exists(runs.run(name) + "/training/state.safetensors"));
  }
}

TEST_CASE("run: a signal that was ignored from the start stays ignored") {
  const auto before = std::signal(SIGHUP, SIG_IGN);  // as nohup does
  {
    const InterruptGuard guard;
    std::raise(SIGHUP);
    CHECK_FALSE(InterruptGuard::requested());
  }
  const bool ignored = std::signal(SIGHUP, before) == SIG_IGN;
  CHECK(ignored);
}

TEST_CASE("run: weights without a training state are not trained over") {
  const Runs runs;
  succeed(runs.train("a", "--steps 4 --stop-after 2"));
  fs::remove(runs.run("a") + "/training/state.safetensors");
  const auto before = snapshot(runs.run("a"));
  refuse(runs.resume("a"), 1, {"has weights but no training/state.safetensors"});
  CHECK(snapshot(runs.run("a")) == before);
}

TEST_CASE("run: a run that is being trained is named as such") {
  const Runs runs;
  succeed(runs.train("a", "--steps 4 --stop-after 2"));
  const RunLock lock(runs.run("a"));
  refuse(runs.train("a", "--steps 4"), 1, {"another process is training into"});
}

TEST_CASE("run: a run from before there was --variance goes on with beta") {
  const Runs runs;
  succeed(runs.train("a", "--steps 4 --stop-after 2"));
  const std::string path = runs.run("a") + "/training/options.json";
  std::string options = read_bytes(path);
  const size_t begin = options.find("\"variance\""), end = options.find('\n', begin) + 1;
  REQUIRE(begin != options.npos);
  std::ofstream(path) << options.erase(begin, end - begin);
  succeed(runs.resume("a"));
  CHECK(contains(read_bytes(runs.run("a") + "/scheduler/scheduler_config.json"), "\"fixed_large\""));
}

TEST_CASE("run: minutes, sample grids and logs") {
  const Runs runs;
  succeed(runs.train("a", "--minutes 0.001 --sample-every 1 --decay none"));
  CHECK(fs::exists(runs.run("a") + "/samples/step-000001.png"));
  const std::string log = read_bytes(runs.run("a") + "/log.csv");
  CHECK(log.starts_with(
      "step,loss,loss_q1,loss_q2,loss_q3,loss_q4,learning_rate,gradient_norm,images,seconds\n1,"));
  CHECK(contains(succeed(runs.resume("a")), "done after step"));
  const std::string validation = read_bytes(runs.run("a") + "/validation.csv");
  CHECK(lines(validation) == 2);  // the header and the end
}

TEST_CASE("run: the end says how long training took, over all sessions") {
  const Runs runs;
  CHECK(contains(succeed(runs.train("a", "--steps 3 --stop-after 2")), "stopped after step 2, 0:00 of"));
  const std::string path = runs.run("a") + "/log.csv", log = read_bytes(path);
  std::ofstream(path) << log.substr(0, log.rfind(',') + 1) << "5000\n";
  CHECK(contains(succeed(runs.resume("a")),
                 "done after step 3, 1:23:20 of training; draw samples with: ddpm sample"));
}

TEST_CASE("validation: depends on nothing but the constant seed") {
  const ScratchFolder folder;
  const auto data = open_dataset(put_images(folder), Split::test);
  const Schedule schedule = make_schedule({});
  const Validation one(*data, schedule), two(*data, schedule);
  CHECK(one.t() == std::vector<int>{126, 376, 626, 876});  // even strides over 1..T
  Unet network(small_config());
  network.parameters().initialize(3);
  perturb(network.parameters());
  const LossByTime first = one.loss(network);
  kernels::set_threads(2);
  CHECK(cells(first) == cells(two.loss(network)));
  CHECK(std::isfinite(first.mean));
  CHECK(std::isfinite(first.quartile[3]));
}

}  // namespace ddpm::test
