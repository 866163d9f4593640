// Checks the estimates of work before it begins: what is counted, the measured speed's plausibility, and the
// lines that are printed. Times themselves are not tested.
#include "ddpm/cli/estimate.h"

#include <doctest/doctest.h>

#include "ddpm/formats/npy.h"
#include "ddpm/run/presets.h"
#include "nn/layer_table.h"
#include "nn/memory.h"
#include "tests/support/command.h"
#include "tests/support/images.h"

namespace ddpm::test {

TEST_CASE("estimate: a step of sampling is the layer table's multiply-adds, a step of training three times") {
  const Unet tiny(find_preset("tiny").network);
  double all = 0;
  for (const LayerRow& row : layer_table(tiny)) all += row.multiply_adds;
  const StepWork sampling = sampling_work(tiny, 5), training = training_work(tiny, 5, 2);
  CHECK(sampling.multiply_adds + sampling.attention_multiply_adds == doctest::Approx(5 * all));
  CHECK(training.multiply_adds == doctest::Approx(3 * sampling.multiply_adds));
  CHECK(training.attention_multiply_adds == doctest::Approx(3 * sampling.attention_multiply_adds));
  // Five blocks of 14x14 pixels and one of 7x7, 64 channels: 2 P^2 C each.
  CHECK(sampling.attention_multiply_adds == 5 * 2 * 64 * (5 * 196. * 196 + 49. * 49));
  CHECK(sampling.bytes == estimate_memory(tiny, 5).sampling);
}

TEST_CASE("estimate: attention's gradient holds a matrix of all pairs of pixels for each thread") {
  UnetConfig config;
  config.image_size = 1024, config.channels = 8, config.attention = {true, false, false};
  const Unet network(config);
  const double pairs = 1024. * 1024 * 1024 * 1024 * sizeof(real);
  const auto beyond_tensors = [](const Unet& net, int batch, int threads) {
    return training_work(net, batch, threads).bytes - estimate_memory(net, batch).training;
  };
  CHECK(beyond_tensors(network, 1, 2) == pairs);
  CHECK(beyond_tensors(network, 4, 2) == 2 * pairs);
  config.head_channels = 2;  // four heads, which different threads take
  CHECK(beyond_tensors(Unet(config), 1, 2) == 2 * pairs);
  CHECK(beyond_tensors(Unet(config), 1, 9) == 4 * pairs);
  CHECK(training_work(network, 1, 1).attention_multiply_adds > 0.99 * 3 * 5 * 2 * 8 * pairs / sizeof(real));
}

TEST_CASE("estimate: the speed is measured for networks of any shape") {
  UnetConfig large;
  large.image_size = 1024, large.attention = {true, true, true};
  UnetConfig least;
  least.image_size = 1, least.channels = 4, least.multipliers = {1}, least.attention = {false};
  least.blocks = 1, least.groups = 2;
  for (const UnetConfig& config : {UnetConfig{}, large, least}) {
    const MachineSpeed speed = measure_speed(Unet(config), 3);
    CHECK(speed.multiply_adds > 1e3);
    CHECK(speed.multiply_adds < 1e14);
    CHECK(speed.attention_multiply_adds > 1e3);
    CHECK(speed.attention_multiply_adds < 1e14);
  }
}

TEST_CASE("estimate: seconds are work over speed, and the line says them with the whole length and memory") {
  const StepEstimate step = estimate_step({300, 100, 5.9e8}, {1000, 250});
  CHECK(step.seconds == doctest::Approx(0.7));
  CHECK(step.attention_share == doctest::Approx(4. / 7));
  CHECK(estimate_line(step, 0) == "estimate  0.7 s a step; 590 MB of memory\n");
  CHECK(estimate_line(step, 1000) == "estimate  0.7 s a step, 11:40 for 1,000 steps; 590 MB of memory\n");
  CHECK(estimate_line({4000, 0.9, 1e6}, 1000) ==
        "estimate  1:06:40 a step, 46 days for 1,000 steps; 1 MB of memory\n");
}

TEST_CASE("estimate: a step of more than a minute, or of more memory than there is, is warned of") {
  CHECK(estimate_warnings({60, 0.5, 1e9}, "a step", 1e9) == "");
  CHECK(estimate_warnings({61, 0.5, 1e9}, "a step", 1e9) ==
        "warning: a step takes about 1:01, 50 % of it for attention\n");
  CHECK(estimate_warnings({1, 0, 2e9}, "a step", 1e9) ==
        "warning: a step needs about 2,000 MB of memory, 1,000 MB are available\n");
  CHECK(estimate_warnings({61, 0.5, 1e9}, "a step", INFINITY) != "");
}

TEST_CASE("estimate: train, sample, figure reverse and score print one") {
  const ScratchFolder folder;
  const std::string run = folder / "run";
  const std::string least =
      " --channels 4 --multipliers 1 --blocks 1 --groups 2 --attention none --T 4 --batch 3";
  CHECK(
      contains(succeed("train --data digits --steps 2 --threads 1 --out " + run + least), " for 2 steps; "));
  CHECK(contains(succeed("train --resume --out " + run), " a step; "));  // no step is left
  const Outcome sampled =
      ddpm("sample --count 5 --batch 2 --threads 1 --run " + run + " --out " + (folder / "samples.png"));
  CHECK(contains(sampled.err, " for 12 steps; "));  // 3 batches of 4 steps
  const std::string data = put_images(folder), eight = folder / "eight", npy = folder / "two.npy";
  std::string options = small;
  succeed("train --data " + data + " --out " + eight + options.replace(options.find("--T 4"), 5, "--T 12") +
          "--steps 2");
  const Outcome figure =
      ddpm("figure reverse --count 1 --threads 1 --run " + eight + " --out " + (folder / "r.svg"));
  CHECK(contains(figure.err, " for 24 steps; "));  // two chains of 12 steps
  write_npy(npy, {2, 1, 8, 8}, std::vector<float>(128));
  const std::string score = "score --threads 1 --data " + data;
  CHECK(contains(ddpm(score + " --samples " + npy).err, " to judge 16 images\n"));  // 8, 4 and twice 2
  const std::string scored = ddpm(score + " --count 2 --seeds 2 --run " + eight).err;
  CHECK(contains(scored, " for 24 steps; "));  // a batch of 12 steps for each seed
  CHECK(contains(scored, " to judge 20 images\n"));
}

}  // namespace ddpm::test
