// See ddpm/run/validation.h. Checked by: tests/test_trainer.cpp, tests/test_run.cpp.
#include "ddpm/run/validation.h"

#include <algorithm>

#include "ddpm/data/batch.h"
#include "ddpm/gaussian.h"
#include "tensor/random.h"

namespace ddpm {

namespace {

constexpr int64_t images = 256;
constexpr int batch = 32;
constexpr uint64_t seed = 0x76616c6964;  // "valid"

// Images first … first + n − 1 of x (N,…), copied.
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
  std::vector<double> all;
  const int N = int(t_.size());
  for (int first = 0; first < N; first += batch) {
    const int n = std::min(batch, N - first);
    Tape tape(Tape::off);
    std::vector<double> part;
    simple_loss(tape, network, schedule_, slice(x_0_, first, n), {t_.begin() + first, t_.begin() + first + n},
                slice(eps_, first, n), nullptr, &part);
    all.insert(all.end(), part.begin(), part.end());
  }
  return loss_by_time(t_, all, schedule_.T);
}

}  // namespace ddpm
