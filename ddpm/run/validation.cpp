// See ddpm/run/validation.h. Checked by: tests/ddpm/run/test_validation.cpp, tests/ddpm/run/test_trainer.cpp.
#include "ddpm/run/validation.h"

#include <algorithm>

#include "ddpm/data/batch.h"
#include "ddpm/forward.h"
#include "ddpm/losses.h"
#include "tensor/random.h"

namespace ddpm {

namespace {

constexpr int64_t images = 256;
constexpr int batch = 32;
constexpr uint64_t seed = 0x76616c6964;  // "valid"

// Returns a copy of images first, ..., first + n - 1 of x (N, ...).
Tensor slice(const Tensor& x, int first, int n) {
  Shape shape = x.shape();
  const int64_t one = x.size() / shape[0];
  shape[0] = n;
  Tensor part(shape);
  std::copy_n(x.data() + first * one, n * one, part.data());
  return part;
}

}  // namespace

Validation::Validation(const Dataset& data, const Schedule& schedule) : schedule_(schedule) {
  const int N = int(std::min(images, data.size()));
  std::vector<int64_t> indices(N);
  for (int n = 0; n < N; ++n) {
    indices[n] = n;
    t_.push_back(1 + int((2 * n + 1) * int64_t(schedule.T) / (2 * N)));
  }
  x_0_ = load_images(data, indices);
  eps_ = standard_normal(x_0_.shape(), {seed, purpose_validation, 0, 0});
}

LossByTime Validation::loss(const Unet& network) const {
  const int N = int(t_.size());
  PerImage all(N);
  for (int first = 0; first < N; first += batch) {
    const int n = std::min(batch, N - first);
    const std::vector<int> t(t_.begin() + first, t_.begin() + first + n);
    const Tensor x_0 = slice(x_0_, first, n), eps = slice(eps_, first, n);
    Tape tape(Tape::off);
    all[std::slice(size_t(first), size_t(n), 1)] =
        simple_loss(tape, noise_predictor(network), schedule_, x_0, q_sample(schedule_, t, x_0, eps), t, eps)
            .values;
  }
  return loss_by_time(t_, all, schedule_.T);
}

}  // namespace ddpm
