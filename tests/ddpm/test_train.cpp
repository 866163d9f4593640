// Algorithm 1: what is drawn, what is repeated bit by bit, and that it learns.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "ddpm/data/batch.h"
#include "ddpm/data/image.h"
#include "ddpm/data/order.h"
#include "ddpm/train.h"
#include "tests/support/arrays.h"
#include "tensor/ops.h"
#include "tests/support/near.h"
#include "tests/support/steps.h"
#include "tests/support/tiny.h"

namespace ddpm::test {

namespace {

// A run: everything that train() needs, in one place.
struct Run {
  TrainConfig config;
  BatchConfig batch;
  Schedule schedule;
  Bars data;
  Unet network, averaged;
  Adam adam;

  Run(const UnetConfig& net, int B, const TrainConfig& train, int T, int images)
      : config(train), batch{.size = B}, schedule(std::vector<double>(T, 0.1)), data(images, net.image_size),
        network(net), averaged(net), adam(network.parameters(), train.adam) {
    network.parameters().initialize(config.seed);
    averaged.parameters().copy_from(network.parameters());
  }
  StepReport step(int64_t number) {
    return one_step(config, schedule, batches(data, batch, config.seed), number, network, adam,
                    averaged.parameters());
  }
};

TrainConfig small_train(uint64_t seed = 5) {
  TrainConfig config;
  config.seed = seed;
  config.ema_decay = 0.9;
  config.adam.learning_rate = 1e-3;
  return config;
}

// Weights and average after three steps.
std::vector<real> after_three_steps(uint64_t seed, int threads) {
  const int before = kernels::threads();
  kernels::set_threads(threads);
  UnetConfig net = small_config();
  net.dropout = 0.1;
  Run run(net, 5, small_train(seed), 10, 7);
  run.network.parameters().initialize(1);  // so that seed is that of the steps alone
  for (int64_t step = 1; step <= 3; ++step) run.step(step);
  kernels::set_threads(before);
  std::vector<real> all = weights(run.network.parameters());
  const std::vector<real> average = weights(run.averaged.parameters());
  all.insert(all.end(), average.begin(), average.end());
  return all;
}

// The first word of a stream, from the definitions.
uint32_t word(Stream s) {
  const uint32_t counter[4] = {0, s.index, s.step, s.purpose};
  const uint32_t key[2] = {uint32_t(s.seed), uint32_t(s.seed >> 32)};
  uint32_t out[4];
  kernels::philox4x32(counter, key, out);
  return out[0];
}

// x_t of image j in this step, by the paper's lines 2 to 5 written out in double.
void noised_image(const Run& run, uint32_t step, uint32_t j, int t, real* x_t, real* eps) {
  const int n = run.data.H * run.data.W, B = run.batch.size;
  const uint64_t seed = run.config.seed;
  std::vector<uint8_t> pixels(n);
  run.data.image(shuffled((int64_t(step) - 1) * B + j, run.data.size(), seed), pixels.data());
  const bool mirror = run.batch.flip && word({seed, purpose_flip, step, j}) >= 0x80000000u;
  kernels::fill_normal(n, {seed, purpose_noise, step, j}, eps);
  const double alpha_bar = std::pow(0.9, t);
  for (int i = 0; i < n; ++i) {
    const int column = i % run.data.W, from = mirror ? i - column + run.data.W - 1 - column : i;
    x_t[i] = real(std::sqrt(alpha_bar) * (pixels[from] / 127.5 - 1) + std::sqrt(1 - alpha_bar) * eps[i]);
  }
}

}  // namespace

TEST_CASE("Algorithm 1, line 3: every t of 1..T is drawn, and none more than another") {
  Run run(smallest_config(), 64, small_train(), 10, 8);
  std::vector<int> count(11);
  for (int64_t step = 1; step <= 50; ++step)
    for (int t : run.step(step).t) {
      REQUIRE(1 <= t);
      REQUIRE(t <= 10);
      ++count[t];
    }
  const double expected = 50 * 64 / 10.0;
  double chi_square = 0;
  for (int t = 1; t <= 10; ++t) chi_square += std::pow(count[t] - expected, 2) / expected;
  CHECK(chi_square < 27.88);  // 9 degrees of freedom, level 0.1 %
  CHECK(chi_square > 1.15);   // as unlikely on the other side: not a fixed round
}

TEST_CASE("a short training run ends alike with Winograd's convolutions and with direct ones") {
  struct End {
    std::vector<real> weights;
    double validation_loss;
  };
  const auto train = [](ConvolutionMethod method, uint64_t seed) {
    const UseMethod used(method);
    Run run(small_config(), 8, small_train(seed), 20, 16);
    for (int64_t step = 1; step <= 40; ++step) run.step(step);
    const std::vector<real> trained = weights(run.network.parameters());
    run.config.seed = 99;  // the same images, t and noise for all
    run.batch.size = 16;
    return End{trained, run.step(1).mean_loss()};
  };
  std::vector<double> losses, differences;
  for (uint64_t seed : {1, 2, 3}) {
    const End direct = train(ConvolutionMethod::direct, seed),
              winograd = train(ConvolutionMethod::winograd, seed);
    CHECK(direct.weights != winograd.weights);  // they round differently
    losses.push_back(direct.validation_loss);
    differences.push_back(std::abs(winograd.validation_loss - direct.validation_loss));
  }
  const auto [least, most] = std::minmax_element(losses.begin(), losses.end());
  for (const double d : differences) CHECK(d < 0.01 * (*most - *least));  // measured: a millionth of it
}

TEST_CASE("Algorithm 1, lines 2 to 5: a step's losses are those of the lines written out") {
  for (bool flip : {false, true}) {
    Run run(small_config(), 6, small_train(), 10, 20);
    run.batch.flip = flip;
    perturb(run.network.parameters());
    Unet before(run.network.config());
    before.parameters().copy_from(run.network.parameters());

    const StepReport report = run.step(3);
    Tensor x_t({6, 8, 8, 1}), eps({6, 8, 8, 1});
    for (uint32_t j = 0; j < 6; ++j) {
      CHECK(report.t[j] == 1 + int(std::floor(word({5, purpose_time, 3, j}) / 4294967296.0 * 10)));
      noised_image(run, 3, j, report.t[j], x_t.data() + 64 * j, eps.data() + 64 * j);
    }
    Tape tape(Tape::off);
    const Tensor answer = noise_predictor(before)(tape, x_t, report.t);
    double total = 0;
    for (int j = 0; j < 6; ++j) {
      double sum = 0;
      for (int i = 64 * j; i < 64 * j + 64; ++i) sum += std::pow(eps.data()[i] - answer.data()[i], 2);
      CHECK(near(report.losses[j], sum / 64, 0, sizeof(real) == 8 ? 1e-11 : 1e-4));
      total += sum / 64;
    }
    CHECK(near(report.mean_loss(), total / 6, 0, sizeof(real) == 8 ? 1e-11 : 1e-4));
    CHECK(report.grad_norm > 0);
  }
}

#ifdef REAL_DOUBLE  // in float, Adam divides small gradients by their own size: rounding would show
TEST_CASE("Algorithm 1, line 5: the update is Adam's on the lines' loss, with this step's number") {
  UnetConfig net = smallest_config();
  net.dropout = 0.1;
  Run run(net, 2, small_train(), 10, 4), twin(net, 2, small_train(), 10, 4);
  perturb(run.network.parameters());
  perturb(twin.network.parameters());
  for (int64_t step = 1; step <= 3; ++step) {
    const StepReport report = run.step(step);
    Tensor x_t({2, 4, 4, 1}), eps({2, 4, 4, 1});
    for (uint32_t j = 0; j < 2; ++j)
      noised_image(twin, uint32_t(step), j, report.t[j], x_t.data() + 16 * j, eps.data() + 16 * j);
    Tape tape;
    const Stream dropout{5, purpose_dropout, uint32_t(step), 0};
    Tensor time({2});
    for (int b = 0; b < 2; ++b) time.data()[b] = report.t[b] - 1;
    const Tensor answer = twin.network(tape, x_t, time, &dropout);
    tape.backward(mean(tape, mean_squared_error(tape, answer, eps)));
    CHECK(near(report.grad_norm, twin.adam.step(step), 0, 1e-10));
    const std::vector<real> got = weights(run.network.parameters());
    const std::vector<real> want = weights(twin.network.parameters());
    // The two x_t differ by rounding, 1e-16; Adam divides by no less than its epsilon, 1e-8.
    CHECK(mismatch(got.data(), want.data(), want.size(), 1e-9) == "");
  }
}
#endif

TEST_CASE("an epoch visits every image once, also when the batch does not divide it") {
  Run even(smallest_config(), 5, small_train(), 10, 20);
  for (int64_t step = 1; step <= 4; ++step) even.step(step);
  CHECK(even.data.visits == std::vector<int>(20, 1));
  Run odd(smallest_config(), 3, small_train(), 10, 7);
  for (int64_t step = 1; step <= 7; ++step) odd.step(step);
  CHECK(odd.data.visits == std::vector<int>(7, 3));
}

TEST_CASE("a run repeats bit by bit, with any number of threads; another seed is another run" *
          doctest::test_suite("same bits")) {
  const std::vector<real> want = after_three_steps(5, 2);
  CHECK(after_three_steps(5, 2) == want);
  CHECK(after_three_steps(5, 1) == want);
  CHECK(after_three_steps(5, 3) == want);
  CHECK(after_three_steps(6, 2) != want);
}

TEST_CASE("the average follows the weights") {
  Run run(smallest_config(), 4, small_train(), 10, 4);
  const std::vector<real> start = weights(run.network.parameters());
  run.step(1);
  const std::vector<real> now = weights(run.network.parameters());
  const std::vector<real> average = weights(run.averaged.parameters());
  CHECK(now != start);
  std::vector<double> want;
  for (size_t i = 0; i < now.size(); ++i) want.push_back(0.9 * start[i] + 0.1 * now[i]);
  CHECK(mismatch(average.data(), want.data(), want.size(), 1e-6) == "");
}

TEST_CASE("a loss or a gradient that is not finite is an Error, and changes nothing") {
  Run run(smallest_config(), 4, small_train(), 10, 4);
  std::string what = "the loss";
  SUBCASE("NaN in a weight") {
    run.network.parameters().all().back().value.data()[0] = std::numeric_limits<real>::quiet_NaN();
  }
  SUBCASE("a finite loss whose gradient overflows") {
    // norm2 hides conv2's huge weights from the answer, not from the gradient.
    for (const Parameter& p : run.network.parameters().all()) {
      if (p.name.ends_with(".norm2.weight")) kernels::fill(p.value.size(), 0, p.value.data());
      if (p.name.ends_with(".conv2.weight"))
        kernels::fill(p.value.size(), std::numeric_limits<real>::max(), p.value.data());
      if (p.name == "conv_out.weight") kernels::fill(p.value.size(), 100, p.value.data());
    }
    what = "the gradient";
  }
  const std::vector<real> before = weights(run.network.parameters());
  const std::vector<real> average = weights(run.averaged.parameters());
  std::string sentence;
  try {
    run.step(12);
  } catch (const Error& error) {
    sentence = error.what();
  }
  CHECK(sentence == what + " is not finite at step 12");
  const std::vector<real> after = weights(run.network.parameters());
  CHECK(std::memcmp(after.data(), before.data(), before.size() * sizeof(real)) == 0);  // NaN included
  CHECK(weights(run.averaged.parameters()) == average);
}

TEST_CASE("steps count from 1 and fit into the random streams' 32 bits") {
  Run run(smallest_config(), 2, small_train(), 10, 4);
  CHECK_THROWS_AS(run.step(0), std::logic_error);
  CHECK_THROWS_AS(run.step(int64_t(1) << 32), std::logic_error);
  CHECK_THROWS_AS(run.step(std::numeric_limits<int64_t>::min() + 1), std::logic_error);
  CHECK_NOTHROW(run.step((int64_t(1) << 32) - 1));
}

#if !defined(REAL_DOUBLE) && !defined(POISON)  // one build is enough
TEST_CASE("a small network learns eight images by heart") {
  TrainConfig config = small_train();
  config.adam.learning_rate = 5e-3;
  Run run(small_config(), 16, config, 10, 8);
  double last = 0;  // the mean loss of the last 20 steps: 0.017 where this was written
  for (int64_t step = 1; step <= 250; ++step) {
    const double loss = run.step(step).mean_loss();
    if (step > 230) last += loss / 20;
  }
  CHECK(last < 0.05);
}
#endif

}  // namespace ddpm::test
