// What make diffusers takes from our code besides the commands of ddpm:
//   ours digits FOLDER       writes the built-in digits, halved and framed to 16x16, as IDX files with labels
//   ours chain RUN FOLDER    draws images from RUN and writes the chain's noise with what comes of it, as npy
//                            files in FOLDER: x_T, z (line t - 1 is the z of step t), x_prev after the step
//                            t = T, x_0
// The folders exist; networks are for grey images. Exit status: 1 after an error.
#include <cstdio>
#include <span>
#include <string>
#include <vector>

#include "ddpm/data/dataset.h"
#include "ddpm/diffusers/model.h"
#include "ddpm/formats/file.h"
#include "ddpm/formats/npy.h"
#include "ddpm/gaussian.h"
#include "ddpm/noise_predictor.h"
#include "ddpm/sample.h"
#include "tensor/random.h"

namespace ddpm {

namespace {

constexpr int side = 16, images_of_chain = 4;

// Overwrites `to` (16, 16): each pixel is the mean of four of a digit's 28x28, in a frame of one black pixel.
void halve(const std::vector<uint8_t>& from, uint8_t* to) {
  for (int y = 1; y < side - 1; ++y)
    for (int x = 1; x < side - 1; ++x) {
      const uint8_t* p = &from[size_t(2 * (y - 1) * 28 + 2 * (x - 1))];
      to[y * side + x] = uint8_t((p[0] + p[1] + p[28] + p[29] + 2) / 4);
    }
}

// Returns the head of an IDX file of bytes: a magic number and the sizes, big-endian.
std::string idx_head(const std::vector<int>& sizes) {
  std::string head{0, 0, 8, char(sizes.size())};
  for (const int n : sizes)
    for (const int shift : {24, 16, 8, 0}) head += char(n >> shift);
  return head;
}

void write_digits(const std::string& folder, Split split, int count, const std::string& name) {
  const auto digits = open_digits(split);
  std::string images(size_t(count) * side * side, '\0'), labels;
  std::vector<uint8_t> pixels(size_t(digits->H) * digits->W);
  for (int i = 0; i < count; ++i) {
    digits->image(i, pixels.data());
    halve(pixels, reinterpret_cast<uint8_t*>(&images[size_t(i) * side * side]));
    labels += char(digits->label(i));
  }
  write_file(folder + "/" + name + "-images-idx3-ubyte", idx_head({count, side, side}) + images);
  write_file(folder + "/" + name + "-labels-idx1-ubyte", idx_head({count}) + labels);
}

// Writes (..., H, W, 1) as (..., 1, H, W), whose bytes are the same.
void write_grey(const std::string& path, std::vector<int64_t> shape, std::span<const float> data) {
  std::swap(shape[shape.size() - 3], shape.back());
  write_npy(path, shape, data);
}
void write_grey(const std::string& path, const Tensor& x) {
  write_grey(path, {x.shape().begin(), x.shape().end()}, {x.data(), size_t(x.size())});
}

void write_chain(const std::string& run, const std::string& folder) {
  const UnetConfig config = read_network(run);
  const DiffusionConfig diffusion = read_scheduler(run);
  Unet network(config);
  read_weights(run, network.parameters());
  const Schedule schedule = make_schedule(diffusion.schedule);
  const Shape image{config.image_size, config.image_size, 1};
  const Shape shape{images_of_chain, image[0], image[1], 1};
  constexpr uint64_t seed = 0;

  write_grey(folder + "/x_T.npy", standard_normal(shape, {seed, purpose_prior, 0, 0}));
  std::vector<float> z;
  for (int t = 1; t <= schedule.T; ++t) {
    const Tensor step = standard_normal(shape, {seed, purpose_reverse, uint32_t(t), 0});
    z.insert(z.end(), step.data(), step.data() + step.size());
  }
  write_grey(folder + "/z.npy", {schedule.T, images_of_chain, image[0], image[1], 1}, z);
  const Tensor x_0 = sample(noise_predictor(network), image, schedule, diffusion.reverse, seed, 0,
                            images_of_chain, [&](int t, const Tensor& x_prev, const Tensor&) {
                              if (t == schedule.T) write_grey(folder + "/x_prev.npy", x_prev);
                              return true;
                            });
  write_grey(folder + "/x_0.npy", x_0);
}

}  // namespace

}  // namespace ddpm

int main(int argc, char** argv) {
  using namespace ddpm;
  const std::string command = argc > 1 ? argv[1] : "";
  try {
    if (command == "digits" && argc == 3) {
      write_digits(argv[2], Split::train, 20'000, "train");
      write_digits(argv[2], Split::test, 2'000, "t10k");
    } else if (command == "chain" && argc == 4) {
      write_chain(argv[2], argv[3]);
    } else {
      std::fprintf(stderr, "usage: ours digits FOLDER | ours chain RUN FOLDER\n");
      return 2;
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "ours: %s\n", error.what());
    return 1;
  }
}
