// ddpm sample: images from a network (Algorithm 2), as a picture and an array.
// Image i depends on (seed, i) alone. Checked by: tests/test_sample_command.cpp.
#include "ddpm/sample.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <ostream>

#include "ddpm/cli/commands.h"
#include "ddpm/cli/shared.h"
#include "ddpm/formats/npy.h"
#include "ddpm/image.h"
#include "ddpm/run/interrupt.h"
#include "kernels/kernels.h"

namespace {

constexpr int64_t picture_bytes = int64_t{1} << 27;  // of one PNG, at most
constexpr int zoom = 2;

// How many images of this network one picture takes.
int64_t most_pictured(const UnetConfig& config) {
  const int64_t side = int64_t{config.image_size} * zoom + 1;
  return std::max<int64_t>(1, picture_bytes / (side * side * config.image_channels));
}

// The images as the two kinds of file hold them.
struct Images {
  std::vector<real> pictured;  // (N,H,W,C), as many as fit one picture
  std::vector<float> array;    // (N,C,H,W), if an array is wanted
};

// Appends the samples x (B,H,W,C), brought into [−1, 1].
void append(const Tensor& x, int64_t most, bool want_array, Images& images) {
  const int B = x.dim(0), H = x.dim(1), W = x.dim(2), C = x.dim(3);
  const int64_t one = int64_t{H} * W * C;
  std::vector<real> values = x.values();
  for (real& value : values) {
    if (!std::isfinite(value)) fail("the network gave a sample that is not finite; was its training stable?");
    value = std::clamp<real>(value, -1, 1);
  }
  if (want_array)
    for (int64_t b = 0; b < B; ++b)
      for (int c = 0; c < C; ++c)
        for (int64_t p = 0; p < int64_t{H} * W; ++p)
          images.array.push_back(static_cast<float>(values[static_cast<size_t>(b * one + p * C + c)]));
  const auto room = std::max<int64_t>(0, most * one - static_cast<int64_t>(images.pictured.size()));
  const auto taken = std::min<int64_t>(room, static_cast<int64_t>(values.size()));
  images.pictured.insert(images.pictured.end(), values.begin(), values.begin() + taken);
}

ReverseConfig reverse_config(const Options& options, ReverseConfig config) {
  if (options.has("variance"))
    config.variance = options.value("variance") == "beta" ? Variance::beta : Variance::posterior;
  if (options.has("clip")) config.clip = options.value("clip") == "on";
  return config;
}

// All `count` images, `batch` at a time, with a progress line.
Images draw(const Options& options, const Unet& network, const Scheduler& scheduler, const Console& console) {
  const Schedule schedule = make_schedule(scheduler.schedule);
  const ReverseConfig reverse = reverse_config(options, scheduler.reverse);
  const int64_t count = options.integer("count"), batch = options.integer("batch");
  const auto seed = static_cast<uint64_t>(options.integer("seed"));
  const int64_t most = most_pictured(network.config());
  const InterruptGuard guard;
  Progress progress(console);
  const Stopwatch watch;
  Images images;
  for (int64_t first = 0; first < count; first += batch) {
    const int B = static_cast<int>(std::min(batch, count - first));
    const auto report = [&](int t) {
      const double done = static_cast<double>(first) + B * (schedule.T - t + 1.0) / schedule.T;
      const double share = done / static_cast<double>(count);
      const bool last = t == 1 && first + B == count;
      if (progress.due() || last)
        progress.show(text("images ", first + 1, " to ", first + B, " of ", count, ", t = ", t, "  ",
                           clock_text(watch.seconds()), " elapsed  ",
                           clock_text(watch.seconds() * (1 - share) / share), " left"));
      return !InterruptGuard::requested();
    };
    const Tensor x = sample(network, schedule, reverse, seed, first, B, report);
    if (!x) throw Interrupted("stopped; nothing was written");
    append(x, most, options.has("npy"), images);
  }
  return images;
}

void run(Options& options, const Console& console) {
  const std::string out = options.value("out"), npy = options.has("npy") ? options.value("npy") : "";
  const auto same = [](const std::string& path) { return std::filesystem::weakly_canonical(path); };
  if (!npy.empty() && same(out) == same(npy)) throw UsageError("--out and --npy name the same file");
  const bool replace = options.on("force");
  expect_writable(out, replace);
  if (!npy.empty()) expect_writable(npy, replace);
  configure_kernels(options);

  const Scheduler scheduler = read_scheduler(options.value("run"));
  const auto network = load_network(options.value("run"), options.value("weights"));
  const UnetConfig& config = network->config();
  const int64_t count = options.integer("count"), shown = std::min(count, most_pictured(config));
  if (config.image_channels != 1 && config.image_channels != 3)
    fail("a picture has 1 or 3 channels, this network's images have ", config.image_channels);
  if (shown < count && npy.empty())
    fail("a picture takes ", shown, " of these images, not ", count, ": lower --count, or add --npy");

  const Images images = draw(options, *network, scheduler, console);
  const int H = config.image_size, C = config.image_channels;
  if (!npy.empty()) write_npy(npy, {count, C, H, H}, images.array);
  const int columns = static_cast<int>(std::ceil(std::sqrt(static_cast<double>(shown))));
  write_grid(out, images.pictured.data(), shown, H, H, C, columns, zoom);
  console.out << "wrote " << out << (shown < count ? text(" (the first ", shown, " images)") : "")
              << (npy.empty() ? "" : " and " + npy) << "\n";
}

}  // namespace

const Command& sample_command() {
  static const Command command{
      "sample", "draw images from a trained network (Algorithm 2)",
      {run_option(),
       {"count", "N", "64", "images to draw", whole(1, 1'000'000)},
       {"out", "F.png", "samples.png", "the picture: a grid of the images", any_text()},
       {"npy", "F.npy", "", "also an array, (N, C, H, W) float32 in [-1, 1]", any_text()},
       {"seed", "N", "0", "image i depends on (seed, i) alone", whole(0, INT64_MAX)},
       {"weights", "W", "ema", "ema (the moving average) or raw", one_of({"ema", "raw"})},
       {"variance", "V", "", "sigma_t^2: beta or posterior (Section 3.2) [the run's]", one_of({"beta", "posterior"})},
       {"clip", "C", "", "clip the estimate of x_0 to [-1, 1]: on or off [the run's]", one_of({"on", "off"})},
       {"batch", "N", "64", "images at a time: more needs more memory", whole(1, 65536)},
       threads_option(),
       convolution_option(),
       {"force", "", "", "replace files that exist"}},
      run};
  return command;
}
