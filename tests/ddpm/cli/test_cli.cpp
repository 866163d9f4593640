// Checks the program's help, errors and exit codes, and the commands `ddpm schedule` and `ddpm describe`
// (ddpm/cli/commands.cpp, cmd_schedule.cpp, cmd_describe.cpp).
#include <doctest/doctest.h>

#include <cmath>

#include "ddpm/cli/advice.h"
#include "ddpm/diffusers/model.h"
#include "ddpm/formats/npy.h"
#include "ddpm/run/preflight.h"
#include "ddpm/run/presets.h"
#include "nn/memory.h"
#include "tensor/pool.h"
#include "tests/support/address_space_limit.h"
#include "tests/support/command.h"
#include "tests/support/near.h"
#include "tests/support/presentable.h"

namespace ddpm::test {

TEST_CASE("cli: help is printed on the output, with exit code 0") {
  CHECK(contains(succeed("--help"), "ddpm COMMAND"));
  for (const std::string command : {"train", "sample", "predict", "schedule", "describe", "score"}) {
    CHECK(contains(succeed("--help"), "  " + command + " "));
    CHECK(contains(succeed(command + " --help"), "ddpm " + command + ": "));
  }
  const std::string train = succeed("train --help");
  for (const std::string option :
       {"test",      "transpose",  "range",       "from",       "data",         "out",
        "preset",    "channels",   "multipliers", "blocks",     "attention",    "groups",
        "dropout",   "flip",       "T",           "beta-1",     "beta-T",       "steps",
        "minutes",   "stop-after", "batch",       "lr",         "warmup",       "decay",
        "clip-norm", "ema",        "seed",        "save-every", "sample-every", "threads",
        "resume"})
    CHECK_MESSAGE(contains(train, "  --" + option + " "), option);
}

TEST_CASE("cli: a wrong command line is refused with the reason, with exit code 2") {
  refuse("", 2, {"name a command"});
  refuse("trian", 2, {"trian", "did you mean train?"});
  refuse("train --stpes 5", 2, {"--stpes", "--steps"});
  refuse("train --steps nan", 2, {"--steps \"nan\"", "1 to 1000000000"});
  refuse("train --lr nan", 2, {"--lr \"nan\""});
  refuse("train --batch -5", 2, {"--batch \"-5\"", "1 to 65536"});
  refuse("train --steps 1000000000000", 2, {"--steps \"1000000000000\""});
  refuse("train --preset mnits", 2, {"mnits", "tiny, mnist, digits, cifar10, lsun256"});
  refuse("sample", 2, {"--run RUN is missing"});
  refuse("sample --count 0", 2, {"--count \"0\""});
  refuse("predict --t 0", 2, {"--t \"0\""});
  refuse("schedule --T 12abc", 2, {"--T \"12abc\""});
  refuse("describe --preset tiny --run x", 2, {"not both"});
  refuse("describe --batch 0", 2, {"--batch \"0\"", "1 to 65536"});
}

TEST_CASE("cli: other errors have exit code 1") {
  refuse("describe --run /nowhere/at/all", 1, {"/nowhere/at/all", "holds no network"});
  refuse("sample --run /nowhere/at/all --out /nowhere/x.png", 1, {"/nowhere/x.png", "there is no folder"});
  refuse("schedule --beta-1 0.5", 1, {"beta_1"});
}

TEST_CASE("cli: a message is one line of at most 400 bytes, without control characters") {
  for (const std::string& name :
       {std::string("\x1b[2J\x07\xff"), std::string("\u009b2J"), std::string(5000, 'n'),
        "\u20ac" + std::string(5000, '\n'), std::string("\u202e")})
    for (const std::vector<std::string>& arguments :
         std::vector<std::vector<std::string>>{{name},
                                               {"train", name},
                                               {"train", "--" + name},
                                               {"train", "--steps", name},
                                               {"train", "--data", name, "--out", "/nowhere/at/all"},
                                               {"describe", "--run", name},
                                               {"figure", "schedule", "--out", name},
                                               {"score", "--samples", name, "--data", "digits"},
                                               {"sample", "--run", "x", "--out", name + "/" + name}}) {
      std::ostringstream out, err;
      const int code = run_command(arguments, {out, err});
      INFO(err.str());
      CHECK((code == 1 || code == 2));
      CHECK(presentable(err.str()) == "");
    }
}

TEST_CASE("cli: output that cannot be written is an error") {
  std::ostringstream err;
  std::ofstream full("/dev/full");
  if (!full) return;  // not on every system
  CHECK(run_command({"schedule", "--csv"}, {full, err}) == 1);
  CHECK(contains(err.str(), "cannot write to standard output"));
}

TEST_CASE("ddpm schedule: --csv prints the paper's numbers") {
  const std::vector<std::string> table = rows(succeed("schedule --csv"));
  REQUIRE(table.size() == 1001);
  CHECK(table[0] ==
        "t,beta,alpha,alpha_bar,posterior_variance,posterior_coef_x0,posterior_coef_xt,loss_weight");
  const auto at = [&](int t, int column) { return cell(table[size_t(t)], column); };
  for (int t = 1; t <= 1000; ++t) CHECK(at(t, 0) == t);
  CHECK(near(at(1, 3), 0.9999, 0, 1e-14));
  CHECK(near(at(500, 3), 0.0785872429, 0, 1e-9));
  CHECK(near(at(1000, 3), 4.0358297654e-5, 0, 1e-10));
  CHECK(near(at(2, 1), 1.1991992e-4, 0, 1e-7));
  CHECK(near(at(2, 4), 5.4531877e-5, 0, 1e-7));
  CHECK(at(1, 5) == 1);
  CHECK(at(1, 6) == 0);
  CHECK(near(at(1, 7), 0.50005, 0, 1e-6));
  CHECK(near(at(10, 7), 0.073717, 0, 1e-5));
  CHECK(near(at(1000, 7), 0.010204, 0, 1e-4));
}

TEST_CASE("ddpm schedule: prints a summary, for every kind of schedule") {
  const std::string summary = succeed("schedule");
  CHECK(contains(summary, "L_T = 2.911e-05 bits/dim"));
  for (const std::string row :
       {"      t        beta   alpha_bar   signal sqrt(alpha_bar)   noise sqrt(1 - alpha_bar)\n",
        "      1      0.0001      0.9999                  0.999950                    0.010000\n",
        "      2   0.0001199      0.9998                  0.999890                    0.014829\n",
        "    100    0.002072       0.897                  0.947110                    0.320908\n",
        "    900     0.01801   0.0002752                  0.016589                    0.999862\n",
        "   1000        0.02   4.036e-05                  0.006353                    0.999980\n"})
    CHECK_MESSAGE(contains(summary, row), row);
  CHECK(contains(succeed("schedule --T 50"), "warning"));
  CHECK_FALSE(contains(succeed("schedule --kind squaredcos_cap_v2"), "nan"));
  succeed("schedule --kind scaled_linear --T 1");
}

TEST_CASE("ddpm describe: prints the networks of the presets") {
  const std::string tiny = succeed("describe");
  CHECK(contains(tiny, "\nparameters=1623169\n"));
  CHECK(contains(tiny, "\nmultiply_adds=312290432\n"));
  for (const std::string row : {"layer                     output    skip     parameters  multiply-adds\n",
                                "time embedding            128                    20,736         20,480\n",
                                "down 0: downsample        14x14x32  push s3       9,248      1,806,336\n",
                                "up 0: res(96,32)          28x28x32  pop s2 ",
                                "norm_out, conv_out(32,1)  28x28x1                   353        225,792\n"})
    CHECK_MESSAGE(contains(tiny, row), row);
  CHECK(contains(succeed("describe --preset cifar10"), "\nparameters=35746307\n"));
  CHECK(contains(succeed("describe --run tests/golden/nested"), "multiply_adds="));
  CHECK_FALSE(contains(succeed("describe --run tests/golden/nested"), "not the paper's"));
  CHECK(contains(
      succeed("describe --run tests/golden/library-half"),
      "\nnot the paper's: heads of 8 channels, downsampling padded on all sides, epsilon 1e-05 in group "
      "norms, cosines before sines of the time, frequency shift 0\n"));
}

TEST_CASE("ddpm describe: prints the estimate of memory in MB and in bytes") {
  const Unet tiny(find_preset("tiny").network);
  const auto megabytes = [](double bytes) { return grouped(double(std::llround(bytes / 1e6))); };
  for (const int batch : {1, 64}) {
    const MemoryEstimate memory = estimate_memory(tiny, batch);
    CHECK(contains(succeed(text("describe --batch ", batch)),
                   text("tensor memory at batch ", batch, ", in MB: training ", megabytes(memory.training),
                        " (weights ", megabytes(memory.weights),
                        "; the average, both Adam moments and the gradients as much each; activations ",
                        megabytes(memory.activations), "), sampling ", megabytes(memory.sampling),
                        "\ntraining_bytes=", int64_t(memory.training),
                        "\nsampling_bytes=", int64_t(memory.sampling), "\n")));
  }
}

TEST_CASE("ddpm describe: takes no memory for weights, however many there are") {
  const ScratchFolder folder;
  UnetConfig large{4096, 3, 4096, {1, 2, 4, 8, 16, 32, 64, 64}, 16, std::vector<bool>(8, true), 32, 0};
  write_network(folder / "large", large);
  const PoolUse before = pool_use();
  const std::string described = succeed("describe --batch 65536 --run " + (folder / "large"));
  CHECK(pool_use().peak_bytes == before.peak_bytes);
  CHECK(contains(described, "up 0: attention"));
  CHECK_FALSE(contains(described, " -"));
  CHECK_FALSE(contains(described.substr(described.find("parameters=")), "e+"));
  const double pixels = 4096. * 4096;
  CHECK(contains(described, grouped(4096 * pixels * (2 * pixels + 4 * 4096))));
}

#ifndef POISON  // debug builds write to new memory

TEST_CASE("cli: too little memory is one sentence, which names no option that the command lacks") {
  const ScratchFolder folder;
  UnetConfig large{32, 3, 4096, {1, 64}, 16, {true, true}, 32, 0};
  write_network(folder / "large", large);
  write_scheduler(folder / "large", {});
  const std::vector<float> x(3 * 32 * 32);
  write_npy(folder / "x.npy", {1, 3, 32, 32}, x);
  const std::string run = " --run " + (folder / "large");
  const AddressSpaceLimit limit(2'000'000'000);
  for (const std::string& command :
       {"predict --t 1 --input " + (folder / "x.npy") + " --output " + (folder / "e.npy"),
        "figure reverse --out " + (folder / "r.svg"), "sample --out " + (folder / "s.png")}) {
    refuse(command + run, 1, {"ddpm: there is not enough memory: a smaller network"});
    CHECK_FALSE(contains(ddpm(command + run).err, "--"));
  }
}

TEST_CASE("cli: training that needs too much memory leaves no folder behind") {
  const ScratchFolder folder;
  const std::string words = "train --data digits --steps 1 --threads 1 --out " + (folder / "run") +
                            " --channels 128 --multipliers 1,2 --blocks 16 --attention none --batch 512";
  const AddressSpaceLimit limit(2'000'000'000);
  refuse(words, 1, {"ddpm: there is not enough memory: a smaller network"});
  CHECK(folder.entries() == 0);
}

#endif

TEST_CASE("cli: the advice of an error names what to change") {
  const std::pair<const char*, std::vector<const char*>> advice[] = {
      {"dark", {"--range A,B"}},
      {"diverged", {"lower --lr", "lengthen --warmup"}},
      {"not finite", {"log.csv", "--clip on"}},
      {"no raw weights", {"--weights ema"}},
      {"no run", {"without --resume"}},
      {"no weights", {"--save-every"}},
      {"range unknown", {"--range A,B", "0,16"}},
      {"run begun", {"with --resume", "delete the folder"}},
      {"run exists", {"with --resume", "a new folder with --out"}},
      {"run taken", {": name a new folder with --out"}},
      {"save failed", {"mend that", "--resume"}},
      {"weights without state", {"sample from it", "a new folder with --out"}},
      {"x_0 lost", {"fewer steps", "--clip off"}}};
  for (const auto& row : advice) {
    const std::string said = advised(Error("it failed", row.first));
    CHECK(said.starts_with("it failed: "));
    for (const char* part : row.second) CHECK_MESSAGE(contains(said, part), said);
  }
  CHECK(advised(Error("it failed")) == "it failed");
}

}  // namespace ddpm::test
