// ddpm sample: draws images from a network (Algorithm 2) and writes them as a PNG grid and, optionally,
// as an array. Image i depends on (seed, i) alone. Checked by: tests/ddpm/cli/test_sample_command.cpp.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <ostream>

#include "ddpm/cli/commands.h"
#include "ddpm/cli/sampler.h"
#include "ddpm/cli/shared.h"
#include "ddpm/formats/npy.h"
#include "ddpm/formats/quote.h"
#include "ddpm/formats/shape.h"
#include "ddpm/data/image.h"

namespace ddpm {

namespace {

constexpr int64_t picture_bytes = int64_t(1) << 27;  // maximum size of a grid before compression
constexpr int zoom = 2;

// Returns how many of the network's images fit into one grid, at least 1.
int64_t max_pictured(const UnetConfig& config) {
  const int64_t side = int64_t(config.image_size) * zoom + 1;
  return std::max<int64_t>(1, picture_bytes / (side * side * config.image_channels));
}

// The drawn images in the layouts of the two output files.
struct Images {
  std::vector<real> pictured;  // (N,H,W,C): the first images, as many as fit into the grid
  std::vector<float> array;    // (N,C,H,W): all images; empty without --npy
};

// Appends the samples x (B,H,W,C) to `images`. `images.pictured` grows to at most `most` images.
void append(const Tensor& x, int64_t most, bool want_array, Images& images) {
  const int B = x.dim(0), C = x.dim(3);
  const int64_t P = int64_t(x.dim(1)) * x.dim(2), one = P * C;
  if (want_array)
    for (int64_t b = 0; b < B; ++b)
      for (int c = 0; c < C; ++c)
        for (int64_t p = 0; p < P; ++p) images.array.push_back(float(x.data()[b * one + p * C + c]));
  const auto room = std::max<int64_t>(0, most * one - int64_t(images.pictured.size()));
  images.pictured.insert(images.pictured.end(), x.data(), x.data() + std::min<int64_t>(room, x.size()));
}

void run_sample(Options& options, const Console& console) {
  const std::string out = options.value("out"), npy = options.has("npy") ? options.value("npy") : "";
  const auto same = [](const std::string& path) {
    return std::filesystem::weakly_canonical(std::filesystem::absolute(path));
  };
  if (!npy.empty() && same(out) == same(npy)) throw UsageError("--out and --npy name the same file");
  const Existing existing = existing_files(options);
  expect_writable(out, existing);
  if (!npy.empty()) expect_writable(npy, existing);
  configure_kernels(options, console);

  const Drawing drawing(options, console);
  const UnetConfig& config = drawing.network();
  const int64_t count = options.integer("count"), shown = std::min(count, max_pictured(config));
  if (config.image_channels != 1 && config.image_channels != 3)
    fail("this network's images have ", config.image_channels, " channels, a PNG file can have 1 or 3");
  if (shown < count && npy.empty())
    fail("the grid has room for ", shown, " of these images, not ", count, ": lower --count, or add --npy");

  drawing.announce(count, 1, console);
  Images images;
  drawing.draw(uint64_t(options.integer("seed")), count, "", console,
               [&](const Tensor& x) { append(x, max_pictured(config), !npy.empty(), images); });
  const int H = config.image_size, C = config.image_channels;
  const int columns = int(std::ceil(std::sqrt(double(shown))));
  const std::string header = npy_header({count, C, H, H}),
                    picture = encode_grid(images.pictured.data(), shown, H, H, C, columns, zoom);
  std::vector<NewFile> files{{out, {picture}}};
  if (!npy.empty()) files.push_back({npy, {header, bytes_of(images.array)}});
  write_files(files, existing);
  const std::string first = shown < count ? text(" (the first ", shown, " images)") : "";
  console.out << printable("wrote " + out + first + (npy.empty() ? "" : " and " + npy)) << "\n";
}

std::vector<Option> sample_table() {
  std::vector<Option> options = {
      run_option(),
      {"count", "N", "64", "number of images to draw", whole(1, 1'000'000)},
      {"out", "F.png", "samples.png", "PNG file for a grid of the images", any_text()},
      {"npy", "F.npy", "", "file for the images as an array, (N, C, H, W) float32 in [-1, 1]", any_text()},
      {"seed", "N", "0", "random seed; image i depends on (seed, i) alone", whole(0, INT64_MAX)}};
  for (Option& option : drawing_options()) options.push_back(std::move(option));
  options.insert(options.end(),
                 {threads_option(), convolution_option(), {"force", "", "", "replace existing files"}});
  return options;
}

}  // namespace

const Command& sample_command() {
  static const Command command{"sample", "draw images from a trained network (Algorithm 2)", sample_table(),
                               run_sample};
  return command;
}

}  // namespace ddpm
