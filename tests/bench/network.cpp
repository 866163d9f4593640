// See network.h.
#include "tests/bench/network.h"

#include <cstdio>

#include "ddpm/data/batch.h"
#include "ddpm/run/presets.h"
#include "kernels/kernels.h"
#include "nn/layer_table.h"
#include "tensor/pool.h"
#include "tests/bench/bench.h"

namespace ddpm::bench {

namespace {

// Images of any shape, of pseudo-random bytes, which take no time to make.
struct Bytes : Dataset {
  Bytes(int size, int channels) { H = W = size, C = channels, name = "bytes"; }
  int64_t size() const override { return 60000; }
  void image(int64_t index, uint8_t* pixels) const override {
    const int64_t n = int64_t(H) * W * C;
    for (int64_t i = 0; i < n; ++i) pixels[i] = uint8_t(uint32_t(index * n + i) * 2654435761u >> 24);
  }
  int label(int64_t) const override { return 0; }
};

}  // namespace

struct NetworkRun::Training {
  Bytes images;
  DrawImages draw_x_0;
  Unet average;
  Adam adam;
  Schedule schedule = make_schedule({});
  TrainConfig config;
  TrainingState state;

  Training(Unet& network, int batch)
      : images(network.config().image_size, network.config().image_channels),
        draw_x_0(batches(images, {.size = batch}, 0)), average(network.config()),
        adam(network.parameters(), {}), state{network.parameters(), average.parameters(), adam} {
    average.parameters().copy_from(network.parameters());
  }
};

NetworkRun::NetworkRun(const UnetConfig& network, int batch) : batch_(batch), network_(network) {
  network_.parameters().initialize(0);
}

void NetworkRun::train() {
  if (!training_) training_ = std::make_shared<Training>(network_, batch_);
  Training& t = *training_;
  ddpm::train(t.config, t.schedule, t.draw_x_0, training_predictor(network_, 0), t.state,
              {.converged = [] { return true; }});
}

void NetworkRun::forward() {
  const UnetConfig& config = network_.config();
  const Tensor x = Tensor::zeros({batch_, config.image_size, config.image_size, config.image_channels});
  predict(noise_predictor(network_), x, 500);
}

double NetworkRun::flops() const {
  double sum = 0;
  for (const LayerRow& row : layer_table(network_)) sum += row.multiply_adds;
  return 2 * sum * batch_;
}

NetworkFigures measure_network(const UnetConfig& network, int batch, int runs) {
  NetworkRun run(network, batch);
  const Figure train = measure(
      3 * run.flops(), [&] { run.train(); }, runs);
  return {train, measure(
                     run.flops(), [&] { run.forward(); }, runs)};
}

int64_t training_memory() {
  NetworkRun run(find_preset("tiny").network, 64);
  for (int step = 0; step < 3; ++step) run.train();
  return peak_resident_bytes();
}

void report_memory() {
  const int64_t bytes = training_memory();
  std::printf("peak memory of training tiny at batch 64: %.0f MB resident, %.0f MB in tensors\n",
              double(bytes) / 1e6, double(pool_use().peak_bytes) / 1e6);
  pool_trim();
}

void report_network() {
  std::printf("the preset tiny, batch 64; shares of the peak count the direct method's operations,\n"
              "three forward passes for a training step\n");
  const UnetConfig& tiny = find_preset("tiny").network;
  const int cores = kernels::threads();
  const double peak_gain = multiply_add_peak(cores, 0.5) / multiply_add_peak(1, 0.5);
  for (const auto& [method, name] :
       {std::pair{ConvolutionMethod::direct, "direct"}, std::pair{ConvolutionMethod::automatic, "auto"}}) {
    kernels::set_convolution_method(method);
    kernels::set_threads(1);
    const NetworkFigures one = measure_network(tiny, 64);
    kernels::set_threads(cores);
    const NetworkFigures all = measure_network(tiny, 64);
    for (const auto& [threads, s] : {std::pair{1, one}, std::pair{cores, all}})
      std::printf("  %-7s %d thread%s  training %6.1f images/s, %3.0f %% of the peak; "
                  "forward %6.1f images/s, %3.0f %%\n",
                  name, threads, threads == 1 ? " " : "s", 64 / s.train.seconds, 100 * s.train.share,
                  64 / s.forward.seconds, 100 * s.forward.share);
    const double gain = one.train.seconds / all.train.seconds;
    std::printf("  %-7s %d threads train %.2f times as fast as one: %.2f of the peak loop's gain\n", name,
                cores, gain, gain / peak_gain);
  }
}

}  // namespace ddpm::bench
