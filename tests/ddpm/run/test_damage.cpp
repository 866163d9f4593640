// Checks a run whose files are damaged (ddpm/run/checkpoint.cpp, log.cpp, trainer.cpp): the damage is named,
// nothing changes, and numbers that are not finite never replace a good state.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "ddpm/formats/safetensors.h"
#include "ddpm/run/checkpoint.h"
#include "tests/support/runs.h"
#include "tests/support/tiny.h"

namespace ddpm::test {

namespace fs = std::filesystem;

namespace {

const std::string state = "training/state.safetensors";

void put(const std::string& run, const std::string& name, const std::string& bytes) {
  std::ofstream(run + "/" + name, std::ios::binary) << bytes;
}

// Overwrites a number of a tensor in the run's state.
void set(const std::string& run, const std::string& tensor, size_t index, float value) {
  std::vector<NamedArray> arrays = read_safetensors(run + "/" + state);
  const auto found = std::find_if(arrays.begin(), arrays.end(), [&](auto& a) { return a.name == tensor; });
  REQUIRE(found != arrays.end());
  found->data.at(index) = value;
  write_safetensors(run + "/" + state, arrays);
}

// Refuses to resume the run, with a sentence that contains every part. Checks that no file changes.
void refuse_unchanged(const Runs& runs, const std::string& name, const std::vector<std::string>& parts) {
  const auto before = snapshot(runs.run(name));
  refuse(runs.resume(name), 1, parts);
  CHECK(snapshot(runs.run(name)) == before);
}

// A damaged number of the state, and the parts of the sentence about it.
struct Damage {
  std::string tensor;
  size_t index;
  float value;
  std::vector<std::string> parts;
};

}  // namespace

TEST_CASE("damage: a state that cannot be is refused by name") {
  const Runs runs;
  const std::string run = runs.run("a"), step = "the step is ";
  succeed(runs.train("a", "--steps 4 --stop-after 2"));
  const std::string good = read_bytes(run + "/" + state);
  const std::vector<Damage> all{
      {"adam_v.conv_in.bias",
       0,
       -1,
       {"the tensor adam_v.conv_in.bias holds the value -1, expected none below 0"}},
      {"adam_m.conv_in.bias", 0, 3e38f, {"the tensor adam_m.conv_in.bias holds the value 3e+38, too large"}},
      {"raw.conv_in.bias", 1, INFINITY, {"the tensor raw.conv_in.bias holds the value inf"}},
      {"step", 0, 16777215, {step + "281474959933442, expected at most 4294967294"}},
      {"step", 0, 256, {step + "4294967298, expected at most 4294967294"}},
      {"step", 1, 5, {step + "5, but the run ends at step 4"}},
      {"step", 1, 3, {"log.csv has no row of step 3, the step of " + state}},
      {"step", 1, 0, {"the tensor adam_m.", " expected none ", " 0 at step 0"}},
      {"step", 1, 2.5, {"the tensor step is damaged"}},
      {"step", 1, NAN, {"the tensor step is damaged"}}};
  for (const Damage& damage : all) {
    set(run, damage.tensor, damage.index, damage.value);
    std::vector<std::string> parts = damage.parts;
    parts.push_back(state);
    refuse_unchanged(runs, "a", parts);
    put(run, state, good);
  }
  set(run, "step", 1, 1);  // as if the run had been killed between two saves
  CHECK(contains(succeed(runs.resume("a")), "log.csv goes on to step 2, but the last save is of step 1"));

  succeed(runs.train("b", "--minutes 100 --decay none --stop-after 2"));
  set(runs.run("b"), "step", 1, 9);
  refuse_unchanged(runs, "b", {"log.csv has no row of step 9"});
  fs::remove(runs.run("b") + "/log.csv");
  set(runs.run("b"), "step", 0, 255);
  set(runs.run("b"), "step", 1, 16777214);
  CHECK(contains(succeed(runs.resume("b")), "done after step 4294967294, "));
}

TEST_CASE("damage: a state whose weights explode replaces nothing, and the run is not done") {
  const Runs runs;
  const std::string run = runs.run("a"), weights = "unet/diffusion_pytorch_model.safetensors";
  succeed(runs.train("a", "--steps 3 --stop-after 2"));
  set(run, "raw.conv_in.bias", 0, 3e38f);
  const auto before = snapshot(run);
  const Outcome outcome = ddpm(runs.resume("a"));
  CHECK(outcome.code == 1);
  CHECK(contains(outcome.err, "the loss is not finite at step 3; " + run +
                                  " keeps its last save, of step 2: lower --lr or lengthen --warmup\n"));
  CHECK_FALSE(contains(outcome.out, "done"));
  for (const std::string& file : {state, weights})
    CHECK_MESSAGE(read_bytes(run + "/" + file) == before.at(file), file);
}

TEST_CASE("damage: a number that is infinite or undefined is not saved") {
  const ScratchFolder folder;
  Unet network(smallest_config()), average(smallest_config());
  network.parameters().initialize(1), average.parameters().initialize(1);
  Adam adam(network.parameters(), {});
  const TrainingState whole{network.parameters(), average.parameters(), adam};
  for (const real bad : {INFINITY, -INFINITY, NAN}) {
    network.parameters().all()[0].value.data()[0] = bad;
    CHECK(contains(error_of([&] { save_state(folder / "run", whole); }), " is not finite after step 0"));
    CHECK(folder.entries() == 0);
  }
}

TEST_CASE("damage: options and descriptions that contradict each other are refused") {
  const Runs runs;
  const std::string run = runs.run("a"), options = "training/options.json";
  succeed(runs.train("a", "--steps 4 --stop-after 2"));
  const std::string good = read_bytes(run + "/" + options);
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string changed = good;
    put(run, options, changed.replace(changed.find(from), from.size(), to));
  };
  with("\"groups\": \"2\"", "\"groups\": \"1\"");
  refuse_unchanged(runs, "a", {"unet/config.json describes another network than training/options.json"});
  with("\"beta-T\": \"0.02\"", "\"beta-T\": \"0.03\"");
  refuse_unchanged(runs, "a", {"scheduler_config.json has another schedule than training/options.json"});
  with("\"variance\": \"beta\"", "\"variance\": \"posterior\"");
  refuse_unchanged(runs, "a", {"scheduler_config.json has another variance than training/options.json"});
  put(run, options, good);
  succeed(runs.resume("a"));
}

TEST_CASE("damage: a state that is a dangling link is not a run without a state") {
  const Runs runs;
  const std::string run = runs.run("a"), path = run + "/" + state;
  succeed(runs.train("a", "--steps 4 --stop-after 2"));
  fs::rename(path, runs.run("elsewhere"));
  fs::create_symlink(runs.run("elsewhere"), path);
  fs::rename(runs.run("elsewhere"), runs.run("away"));
  const std::string log = read_bytes(run + "/log.csv");
  refuse(runs.resume("a"), 1, {"cannot read " + path});
  CHECK(read_bytes(run + "/log.csv") == log);
}

TEST_CASE("damage: a hard-linked copy of a run does not change with it") {
  const Runs runs;
  succeed(runs.train("a", "--steps 4 --stop-after 2"));
  for (const auto& file : snapshot(runs.run("a"))) {
    const fs::path copy = runs.run("b") + "/" + file.first;
    fs::create_directories(copy.parent_path());
    fs::create_hard_link(runs.run("a") + "/" + file.first, copy);
  }
  const auto before = snapshot(runs.run("b"));
  succeed(runs.resume("a"));
  CHECK(snapshot(runs.run("b")) == before);
}

TEST_CASE("damage: a row of log.csv or validation.csv is named, before anything is written") {
  const Runs runs;
  const std::string run = runs.run("a");
  succeed(runs.train("a", "--steps 2"));
  const std::string log = read_bytes(run + "/log.csv"), validation = read_bytes(run + "/validation.csv");
  const std::string row = log.substr(0, log.rfind(',') + 1);
  for (const std::string cell : {"nan", "-1e300", "inf", "1e300", "", "1x", "1e8", "0x1p3", " 1", "0"}) {
    put(run, "log.csv", row + cell + "\n");
    refuse_unchanged(runs, "a",
                     {run + "/log.csv, line 3: found \"" + cell + "\" in the last cell, expected "});
  }
  put(run, "log.csv", log + "3" + rows(log)[2].substr(1) + "\n2,cut");
  for (const std::string bad : {"2", "1", "x", ""}) {
    put(run, "validation.csv", validation + bad + rows(validation)[1].substr(1) + "\n");
    refuse_unchanged(runs, "a",
                     {run + "/validation.csv, line 3: expected 11 cells, the first a step above 2"});
  }
  put(run, "validation.csv", "damaged");
  refuse_unchanged(runs, "a", {"validation.csv does not begin with the line step,raw_loss"});
  put(run, "validation.csv", validation);
  succeed(runs.resume("a"));
  CHECK(read_bytes(run + "/log.csv") == log);
}

TEST_CASE("damage: a log that was moved away is begun again") {
  const Runs runs;
  succeed(runs.train("a", "--steps 4 --stop-after 2"));
  fs::remove(runs.run("a") + "/log.csv");
  succeed(runs.resume("a") + "--stop-after 2");
  succeed(runs.resume("a"));
  const std::vector<std::string> log = rows(read_bytes(runs.run("a") + "/log.csv"));
  REQUIRE(log.size() == 3);
  CHECK(log[1].starts_with("3,"));
}

TEST_CASE("damage: data of another size than the run's are refused") {
  const Runs runs;
  succeed("train --data " + runs.data + " --out " + runs.run("a") +
          " --channels 4 --multipliers 1 --blocks 1 --attention none --groups 2 --T 4 --batch 3 --threads 1"
          " --steps 4 --stop-after 2");
  for (const auto& [split, count] : {std::pair<std::string, uint32_t>{"train", 8}, {"t10k", 4}})
    runs.folder.put("images/" + split + "-images-idx3-ubyte",
                    big_endian({0x803, count, 4, 4}) + std::string(count * 16, 'x'));
  refuse_unchanged(runs, "a", {runs.run("a") + " was made for images of 8x8, but the data now hold 4x4"});
}

}  // namespace ddpm::test
