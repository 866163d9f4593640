// Checks that a run continues where it stopped, with the same bytes as a run that never stopped
// (ddpm/run/checkpoint.cpp, trainer.cpp), and what `--resume` refuses. A killed process:
// tests/ddpm/run/test_crash.cpp.
#include <doctest/doctest.h>

#include "tests/support/runs.h"

namespace ddpm::test {

namespace fs = std::filesystem;

TEST_CASE("resume: 20 steps equal 10 and a resumed 10, in every byte, with any number of threads" *
          doctest::test_suite("same bits")) {
  const Runs runs;
  const std::string recipe = "--steps 20 --dropout 0.1 --flip --decay cosine --seed 5 ";
  succeed(runs.train("whole", recipe));
  succeed(runs.train("parts", recipe + "--stop-after 10"));
  CHECK(rows(read_bytes(runs.run("parts") + "/log.csv")).size() == 11);
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

TEST_CASE("resume: after a crash, training continues from the last save") {
  const Runs runs;
  succeed(runs.train("whole", "--steps 12"));
  succeed(runs.train("crash", "--steps 12 --stop-after 6"));
  const auto at_six = snapshot(runs.run("crash"));
  succeed(runs.resume("crash") + "--stop-after 9");
  // The log and unet/ are those of step 9, the state is that of step 6.
  runs.folder.put("crash/training/state.safetensors", at_six.at("training/state.safetensors"));
  CHECK(contains(
      succeed(runs.resume("crash")),
      "crash, continued after step 6; log.csv goes on to step 9, but the last save is of step 6: the "
      "steps between are trained again\n"));
  // The state is that of the last step, unet/ that of step 6: a crash between the two files of a save.
  const std::string average = "unet/diffusion_pytorch_model.safetensors";
  runs.folder.put("crash/" + average, at_six.at(average));
  succeed(runs.resume("crash"));
  for (const std::string file : {"/training/state.safetensors", "/unet/diffusion_pytorch_model.safetensors"})
    CHECK(read_bytes(runs.run("whole") + file) == read_bytes(runs.run("crash") + file));
  CHECK(without_seconds(read_bytes(runs.run("crash") + "/log.csv")) ==
        without_seconds(read_bytes(runs.run("whole") + "/log.csv")));
}

TEST_CASE("resume: descriptions that are missing are written again by the next save") {
  const Runs runs;
  succeed(runs.train("whole", "--steps 6 --stop-after 4"));
  const auto before = snapshot(runs.run("whole"));
  for (const std::string part : {"unet", "scheduler"}) {
    fs::remove_all(runs.run("whole") + "/" + part);
    succeed(runs.resume("whole") + "--stop-after 5");
    for (const std::string file : {"unet/config.json", "scheduler/scheduler_config.json"})
      CHECK(read_bytes(runs.run("whole") + "/" + file) == before.at(file));
  }
}

TEST_CASE("resume: a run without a save starts again, but not if a table says that it was trained") {
  const Runs runs;
  succeed(runs.train("whole", "--steps 4"));
  succeed(runs.train("again", "--steps 4"));
  for (const std::string file : {"/training/state.safetensors", "/unet/diffusion_pytorch_model.safetensors"})
    fs::remove(runs.run("again") + file);
  refuse("sample --run " + runs.run("again") + " --out " + (runs.folder / "x.png"), 1,
         {"there are no weights: "});
  for (const std::string table : {"log.csv", "validation.csv"}) {
    const auto before = snapshot(runs.run("again"));
    refuse(runs.resume("again"), 1,
           {"again has no training/state.safetensors to go on from, though " + table + " goes on to step 4"});
    CHECK(snapshot(runs.run("again")) == before);
    fs::rename(runs.run("again") + "/" + table, runs.run(table));
  }
  succeed(runs.resume("again"));
  CHECK(read_bytes(runs.run("whole") + "/training/state.safetensors") ==
        read_bytes(runs.run("again") + "/training/state.safetensors"));
}

TEST_CASE("resume: other options than the run's are refused, and nothing changes") {
  const Runs runs;
  succeed(runs.train("a", "--steps 3"));
  const auto before = snapshot(runs.run("a"));
  refuse(runs.resume("a") + "--lr 0.02", 1, {"--lr \"0.02\"", "was made with \"0.01\""});
  refuse(runs.resume("a") + "--steps 4", 1, {"--steps \"4\"", "was made with \"3\""});
  refuse(runs.resume("a") + "--minutes 4", 1, {"--minutes \"4\"", "was made without it"});
  refuse(runs.resume("a") + "--preset mnist", 1, {"--preset \"mnist\"", "was made with \"tiny\""});
  refuse(runs.resume("a") + "--flip", 1, {"--flip \"on\"", "was made with \"off\""});
  refuse(runs.resume("a") + "--attention 8,4", 1, {"--attention \"8,4\"", "was made with \"4\""});
  refuse(runs.resume("a") + "--convolution direct", 1,
         {"--convolution \"direct\"", "was made with \"auto\""});
  CHECK(snapshot(runs.run("a")) == before);
  succeed(runs.resume("a") + "--lr 1e-2 --attention 4 --data " + runs.data +
          " --threads 1 --save-every 7 --sample-every 9");
  CHECK(snapshot(runs.run("a")) == before);
}

TEST_CASE("resume: damaged options and states are refused, and kept") {
  const Runs runs;
  succeed(runs.train("a", "--steps 2"));
  const std::string options = read_bytes(runs.run("a") + "/training/options.json");
  const auto with = [&](const std::string& from, const std::string& to) {
    std::string text = options;
    runs.folder.put("a/training/options.json", text.replace(text.find(from), from.size(), to));
  };
  with("\"4\"", "\"0\"");
  refuse(runs.resume("a"), 1, {"options.json", "--channels \"0\""});
  with("\"channels\"", "\"chanels\"");
  refuse(runs.resume("a"), 1, {"options.json", "there is no option \"--chanels\""});
  with("  \"channels\": \"4\",\n", "");
  refuse(runs.resume("a"), 1, {"options.json", "the option channels is missing"});
  with("{", "{\n  \"out\": \"elsewhere\",");
  refuse(runs.resume("a"), 1, {"options.json", "there is no option \"--out\""});
  with("  \"data\"", "  \"DATA\"");
  refuse(runs.resume("a"), 1, {"options.json", "there is no option \"--DATA\""});
  with("  \"steps\": \"2\",\n", "");
  refuse(runs.resume("a"), 1, {"options.json", "the option steps is missing"});
  with("{", "{\n  \"minutes\": \"1\",");
  refuse(runs.resume("a"), 1, {"options.json", "not both"});
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

TEST_CASE("resume: weights without a training state are refused, and kept") {
  const Runs runs;
  succeed(runs.train("a", "--steps 4 --stop-after 2"));
  fs::remove(runs.run("a") + "/training/state.safetensors");
  const auto before = snapshot(runs.run("a"));
  refuse(runs.resume("a"), 1, {"has weights but no training/state.safetensors"});
  CHECK(snapshot(runs.run("a")) == before);
}

TEST_CASE("resume: a run that was made before the option --variance has sigma_t^2 = beta_t") {
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

}  // namespace ddpm::test
