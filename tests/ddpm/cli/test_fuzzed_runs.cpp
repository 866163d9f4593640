// Feeds damaged run folders to every command that reads them: it succeeds or refuses in one sentence, and
// changes no file but its own. Readers alone: tests/fuzz/.
#include <doctest/doctest.h>

#include "tests/support/mutator.h"
#include "tests/support/presentable.h"
#include "tests/support/runs.h"

namespace ddpm::test {

namespace {

namespace fs = std::filesystem;

using Files = std::map<std::string, std::string>;  // bytes by name, as snapshot() returns them

// A trained run, which every command below takes some milliseconds to read.
struct FuzzedRun {
  Runs runs;
  std::string run = runs.run("run"), outputs = runs.folder / "outputs";
  Files intact;

  FuzzedRun() {
    succeed(
        "train --data " + runs.data + " --out " + run +
        " --channels 4 --multipliers 1,2 --blocks 1 --groups 2 --attention 4 --T 10 --beta-T 0.4 --batch 3"
        " --steps 2 --threads 1 --flip");
    succeed("sample --run " + run + " --count 1 --threads 1 --out " + run + "/x.png --npy " + run + "/x.npy");
    intact = snapshot(run);
    intact["training/notes.txt"] = "mine";
  }

  std::vector<std::string> commands() const {
    const std::string of_run = " --threads 1 --run " + run, out = " --out " + outputs;
    return {"train --resume --threads 1 --stop-after 3 --out " + run,
            "sample --count 1" + of_run + out + "/s.png",
            "sample --count 1 --weights raw" + of_run + out + "/r.png",
            "predict --t 2 --input " + run + "/x.npy --output " + outputs + "/e.npy" + of_run,
            "describe --run " + run,
            "figure schedule --run " + run + out + "/schedule.svg",
            "figure reverse --count 1" + of_run + out + "/reverse.svg",
            "figure training --run " + run + out + "/training.svg"};
  }

  // Writes the files, and nothing else is there.
  void put(const Files& files) const {
    for (const std::string& folder : {run, outputs}) fs::remove_all(folder), fs::create_directory(folder);
    for (const auto& [name, bytes] : files) {
      fs::create_directories(fs::path(run + "/" + name).parent_path());
      std::ofstream(run + "/" + name, std::ios::binary) << bytes;
    }
  }
};

// Returns the files after one of them was changed, emptied or removed.
Files damaged(Files files, Mutator& mutator) {
  std::vector<std::string> names;
  for (const auto& file : files) names.push_back(file.first);
  const std::string& name = mutator.choice(names);
  switch (mutator.below(12)) {
    case 0: files.erase(name); break;
    case 1: files[name] = ""; break;
    default: files[name] = mutator.changed(files[name]);
  }
  return files;
}

// Returns the files that training does not write.
Files of_others(Files files) {
  for (const char* own :
       {"log.csv", "validation.csv", "model_index.json", "training/state.safetensors", "training/lock",
        "unet/config.json", "unet/diffusion_pytorch_model.safetensors", "scheduler/scheduler_config.json"})
    files.erase(own);
  return files;
}

}  // namespace

TEST_CASE("fuzzed runs: each command succeeds or refuses in one sentence, and changes only its own files") {
  const FuzzedRun fuzzed;
  const Files data = snapshot(fuzzed.runs.data);
  const std::vector<std::string> commands = fuzzed.commands();
  Mutator mutator(1);
  std::map<int, int> codes;
  for (int i = 0; i < 400; ++i) {
    const Files files = damaged(fuzzed.intact, mutator);
    const std::string& command = commands[size_t(i) % commands.size()];
    fuzzed.put(files);
    const Outcome outcome = ddpm(command);
    const Files after = snapshot(fuzzed.run);
    CAPTURE(i);
    CAPTURE(command);
    CAPTURE(outcome.err);
    CHECK((outcome.code == 0 || outcome.code == 1 || outcome.code == 2));
    CHECK((outcome.code == 0) == !contains(outcome.err, "ddpm: "));
    CHECK(presentable(outcome.err) == "");
    CHECK(presentable(outcome.out) == "");
    if (command.starts_with("train"))
      CHECK(of_others(after) == of_others(files));
    else
      CHECK(after == files);
    ++codes[outcome.code];
  }
  CHECK(snapshot(fuzzed.runs.data) == data);
  CHECK(codes[0] > 50);
  CHECK(codes[1] > 50);
}

}  // namespace ddpm::test
