// ddpm predict: writes eps_theta(x, t), the noise that a network predicts for images x.
// Checked by: tests/ddpm/cli/test_sample_command.cpp.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <ostream>

#include "ddpm/cli/commands.h"
#include "ddpm/cli/shared.h"
#include "ddpm/formats/npy.h"
#include "ddpm/formats/quote.h"
#include "ddpm/formats/shape.h"
#include "ddpm/noise_predictor.h"

namespace ddpm {

namespace fs = std::filesystem;

namespace {

constexpr int batch = 16;

void check_input(const Npy& input, const UnetConfig& config, const std::string& path) {
  const std::vector<int64_t>& s = input.shape;
  const int64_t C = config.image_channels, H = config.image_size;
  if (s.size() != 4 || s[0] < 1 || s[1] != C || s[2] != H || s[3] != H)
    fail(path, ": the shape is ", shape_text(s), ", expected (B, ", C, ", ", H, ", ", H, ")");
  for (const float value : input.data)
    if (!std::isfinite(value)) fail(path, ": found the value ", value, ", expected finite numbers");
}

// Calls visit(i, j) for every element of B images with C channels and P pixels: i is the element's
// index in (B,C,P), j its index in (B,P,C).
template <typename Visit>
void for_each_element(int64_t B, int64_t C, int64_t P, Visit visit) {
  for (int64_t b = 0; b < B; ++b)
    for (int64_t c = 0; c < C; ++c)
      for (int64_t p = 0; p < P; ++p) visit(size_t((b * C + c) * P + p), size_t((b * P + p) * C + c));
}

// Replaces the images x in `data` (n,C,H,W) by eps_theta(x, t).
void predict_in_place(const Unet& network, int t, int n, float* data) {
  const int C = network.config().image_channels, H = network.config().image_size;
  Tensor x({n, H, H, C});
  for_each_element(n, C, H * H, [&](size_t from, size_t to) { x.data()[to] = data[from]; });
  const Tensor eps = predict(noise_predictor(network), x, t);
  for_each_element(n, C, H * H, [&](size_t to, size_t from) { data[to] = float(eps.data()[from]); });
}

// Returns what becomes of a file that has the output's name: one that exists now is replaced, one that
// appears later is kept. Throws Error unless the file that exists, and that a link points to, is named .npy.
Existing checked_output(const std::string& input, const std::string& output) {
  expect_writable(output, Existing::replace);
  if (!fs::exists(output)) return Existing::keep;
  const fs::path target = fs::canonical(output);
  if (fs::equivalent(input, output)) fail("--output ", output, " would replace the input; name another file");
  if (fs::path(output).extension() != ".npy" || target.extension() != ".npy")
    fail("--output ", output, " exists already and is not named .npy",
         fs::is_symlink(output) ? " (it is a link to " + target.string() + ")" : "", "; name another file");
  return Existing::replace;
}

void run_predict(Options& options, const Console& console) {
  const std::string input = options.value("input"), output = options.value("output");
  const int t = int(options.integer("t"));
  const Existing existing = checked_output(input, output);
  configure_kernels(options, console);

  const std::string folder = options.value("run");
  const int T = load_scheduler(folder, console).schedule.T;
  if (t > T) throw UsageError(text("--t ", t, ": give a whole number from 1 to ", T, ", this run's T"));
  const auto network = load_network(folder, console);
  Npy array = read_npy(input);
  check_input(array, network->config(), input);
  const int64_t B = array.shape[0], one = int64_t(array.data.size()) / B;
  for (int64_t first = 0; first < B; first += batch)
    predict_in_place(*network, t, int(std::min<int64_t>(batch, B - first)), array.data.data() + first * one);
  for (const float value : array.data)
    if (!std::isfinite(value))
      fail("the network's prediction for ", input, " is not finite; nothing was written");
  write_npy(output, array.shape, array.data, existing);
  console.out << printable("wrote " + output) << "\n";
}

}  // namespace

const Command& predict_command() {
  static const Command command{
      "predict",
      "predict the noise in images: eps_theta(x, t)",
      {run_option(),
       {"input", "X.npy", "", "the images x, float32 of shape (B, C, H, W)", any_text()},
       {"t", "N", "", "the time step t, from 1 to T as in the paper", whole(1, 1'000'000)},
       {"output", "E.npy", "", "the predicted noise, of the same shape; an existing .npy file is replaced",
        any_text()},
       threads_option(),
       convolution_option()},
      run_predict};
  return command;
}

}  // namespace ddpm
