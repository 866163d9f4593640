// Checks `ddpm train --from FOLDER` (ddpm/run/origin.h, ddpm/cli/cmd_train.cpp): a new run begins with the
// network and the weights of a run or of a diffusers model, also if it is killed before its first save.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "ddpm/run/checkpoint.h"
#include "ddpm/run/origin.h"
#include "tests/support/runs.h"
#include "tests/support/small_run.h"
#include "tests/support/tiny.h"

namespace ddpm::test {

namespace {

namespace fs = std::filesystem;

const std::string state_file = "training/state.safetensors";
const std::string average_file = "unet/diffusion_pytorch_model.safetensors";
const std::string process = " --T 4 --batch 3 --warmup 2 --threads 1 ";

// Returns the words of a command that trains a run which begins with another folder.
std::string train_from(const Runs& runs, const std::string& name, const std::string& folder) {
  return "train --data " + runs.data + " --out " + runs.run(name) + " --from " + folder + process;
}

// Returns the weights of a folder, and their average.
std::pair<std::vector<real>, std::vector<real>> origin_of(const std::string& folder) {
  Unet network(read_network(folder)), average(read_network(folder));
  load_origin(folder, network.parameters(), average.parameters());
  return {weights(network.parameters()), weights(average.parameters())};
}

}  // namespace

TEST_CASE("origin: a run gives its raw weights and their average, a diffusers model its weights for both") {
  const Runs runs;
  succeed(runs.train("a", "--steps 3 --ema 0.9"));
  const auto [raw, average] = origin_of(runs.run("a"));
  Unet saved(read_network(runs.run("a")));
  load_raw_weights(runs.run("a"), saved.parameters());
  CHECK(raw == weights(saved.parameters()));
  read_weights(runs.run("a"), saved.parameters());
  CHECK(average == weights(saved.parameters()));
  CHECK(raw != average);
  fs::remove_all(runs.run("a") + "/training");
  const auto [once, twice] = origin_of(runs.run("a"));
  CHECK(once == average);
  CHECK(twice == average);
}

TEST_CASE("origin: a new run has the network and the weights of its origin at step 0, and its own folder") {
  const Runs runs;
  succeed(runs.train("a", "--steps 3 --ema 0.9 --dropout 0.1"));
  const auto before = snapshot(runs.run("a"));
  const std::string printed =
      succeed(train_from(runs, "b", runs.run("a")) + "--steps 5 --stop-after 1 --lr 1e-12");
  CHECK(contains(printed, "stopped after step 1"));
  CHECK(snapshot(runs.run("a")) == before);
  CHECK(read_bytes(runs.run("b") + "/unet/config.json") == before.at("unet/config.json"));
  const auto a = origin_of(runs.run("a")), b = origin_of(runs.run("b"));
  REQUIRE(a.first.size() == b.first.size());
  double moved = 0, between = 0, beside = 0;
  for (size_t i = 0; i < a.first.size(); ++i) {
    moved = std::max(moved, double(std::fabs(a.first[i] - b.first[i])));
    between = std::max(between, double(std::fabs(a.first[i] - a.second[i])));
    beside = std::max(beside, double(std::fabs(a.second[i] - b.second[i])));
  }
  CHECK(moved < 1e-6);              // a step of Adam moves no weight by more than about its rate, 1e-12
  CHECK(beside < 0.006 * between);  // the average takes 0.005 of the weights in a step
  CHECK(rows(read_bytes(runs.run("b") + "/log.csv")).size() == 2);
  CHECK(
      contains(read_bytes(runs.run("b") + "/training/options.json"), "\"from\": \"" + runs.run("a") + "\""));
  CHECK(contains(read_bytes(runs.run("a") + "/training/options.json"), "\"from\": \"none\""));
}

TEST_CASE(
    "origin: the weights are the new run's own before its first step, and it resumes to the same bytes") {
  const Runs runs;
  succeed(runs.train("a", "--steps 3 --ema 0.9"));
  succeed(train_from(runs, "whole", runs.run("a")) + "--steps 4");
  succeed(train_from(runs, "parts", runs.run("a")) + "--steps 4 --stop-after 2 --save-every 0");
  fs::rename(runs.run("a"), runs.run("moved"));
  succeed(runs.resume("parts"));
  for (const std::string& file : {state_file, average_file})
    CHECK(read_bytes(runs.run("whole") + "/" + file) == read_bytes(runs.run("parts") + "/" + file));
}

TEST_CASE("origin: a run that was killed before its first save begins again, or says what is missing") {
  const Runs runs;
  succeed(runs.train("a", "--steps 3 --ema 0.9"));
  succeed(train_from(runs, "whole", runs.run("a")) + "--steps 4");
  const auto whole = snapshot(runs.run("whole"));
  const auto kill = [&](const std::string& name) {
    fs::create_directories(runs.run(name) + "/training");
    runs.folder.put(name + "/training/options.json", whole.at("training/options.json"));
  };
  kill("b");
  succeed(runs.resume("b"));
  for (const std::string& file : {state_file, average_file})
    CHECK(whole.at(file) == read_bytes(runs.run("b") + "/" + file));
  kill("c");
  fs::create_directories(runs.run("c") + "/unet");
  runs.folder.put("c/unet/config.json", whole.at("unet/config.json"));
  fs::rename(runs.run("a"), runs.run("moved"));
  refuse(runs.resume("c"), 1, {"has no save yet, and what it begins with cannot be read", runs.run("a")});
  kill("d");
  refuse(runs.resume("d"), 1, {runs.run("a")});
}

TEST_CASE("origin: its weights are saved before the first step, which may fail") {
  SmallRun origin, run;
  origin.train({.stop_after = 1});
  run.options.from = origin.path;
  run.options.train.adam.learning_rate = 1e60;
  CHECK(contains(error_of([&] { run.train({}); }), "not finite"));
  CHECK(fs::exists(run.path + "/training/state.safetensors"));
}

TEST_CASE("origin: options and data that contradict the network are refused, and leave nothing behind") {
  const Runs runs;
  succeed(runs.train("a", "--steps 1"));
  const std::string begin = train_from(runs, "b", runs.run("a")) + "--steps 1 ";
  refuse(begin + "--channels 8", 2, {"--channels 8: the network of " + runs.run("a") + " has 4; leave"});
  refuse(begin + "--multipliers 1", 2, {"--multipliers 1: the network of", "has 1,2"});
  refuse(begin + "--blocks 2", 2, {"--blocks 2", "has 1;"});
  refuse(begin + "--groups 1", 2, {"--groups 1", "has 2;"});
  refuse(begin + "--attention none", 2, {"--attention none", "has 4;"});
  refuse(begin + "--head-channels 2", 2, {"--head-channels 2", "has 0;"});
  refuse(begin + "--down-padding 1", 2, {"--down-padding 1", "has 0;"});
  refuse(begin + "--norm-epsilon 1e-5", 2, {"--norm-epsilon 1e-05", "has 1e-06;"});
  refuse(begin + "--cosine-first", 2, {"--cosine-first on", "has off;"});
  refuse(begin + "--frequency-shift 0", 2, {"--frequency-shift 0", "has 1;"});
  refuse("train --data digits --out " + runs.run("b") + " --from " + runs.run("a") + process, 1,
         {"the network draws images of 8x8x1, but --data digits holds 28x28x1"});
  refuse(train_from(runs, "b", runs.folder / "nothing"), 1, {"nothing"});
  fs::remove(runs.run("a") + "/" + average_file);
  refuse(begin, 1, {average_file});
  CHECK_FALSE(fs::exists(runs.run("b")));
}

TEST_CASE("origin: equal options, another dropout and any preset's recipe suit every network") {
  const Runs runs;
  succeed(runs.train("a", "--steps 1"));
  succeed(train_from(runs, "b", runs.run("a")) +
          "--steps 1 --channels 4 --attention 4 --dropout 0.2 --preset mnist");
  CHECK(read_network(runs.run("b")).dropout == 0.2);
  CHECK(read_network(runs.run("b")).blocks == 1);
}

TEST_CASE("origin: another schedule than that of the origin is warned of") {
  const Runs runs;
  succeed(runs.train("a", "--steps 1"));
  const auto warned = [&](const std::string& name, const std::string& more) {
    std::string words = train_from(runs, name, runs.run("a")) + "--steps 1 ";
    if (!more.empty()) words.replace(words.find("--T 4"), 5, more);
    const Outcome outcome = ddpm(words);
    CHECK(outcome.code == 0);
    return contains(outcome.err, "was trained with another schedule, T = 4: see --T");
  };
  CHECK_FALSE(warned("b", ""));
  CHECK(warned("c", "--T 5"));
  CHECK(warned("d", "--T 4 --beta-T 0.03"));
  const std::string file = "a/scheduler/scheduler_config.json", linear = "\"linear\"";
  std::string cosine = read_bytes(runs.folder / file);
  runs.folder.put(file, cosine.replace(cosine.find(linear), linear.size(), "\"squaredcos_cap_v2\""));
  const Outcome outcome = ddpm(train_from(runs, "e", runs.run("a")) + "--steps 1");
  CHECK(contains(outcome.err, "another schedule, T = 4, of a kind that this program does not train\n"));
}

TEST_CASE("origin: a network of fractional multipliers resumes") {
  const Runs runs;
  UnetConfig config = small_config();
  config.multipliers = {1, 1.5};
  Unet network(config);
  network.parameters().initialize(3);
  write_network(runs.run("model"), config);
  write_scheduler(runs.run("model"), {});
  write_weights(runs.run("model"), network.parameters());
  const std::string begin = train_from(runs, "b", runs.run("model"));
  succeed(begin + "--steps 2 --stop-after 1");
  CHECK(contains(read_bytes(runs.run("b") + "/training/options.json"), "\"multipliers\": \"1,1.5\""));
  succeed(runs.resume("b"));
  CHECK(read_network(runs.run("b")).multipliers == std::vector<double>{1, 1.5});
}

}  // namespace ddpm::test
