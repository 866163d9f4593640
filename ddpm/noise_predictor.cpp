// The adapter from a U-Net to eps_theta(x_t, t): see noise_predictor.h.
#include "ddpm/noise_predictor.h"

#include <optional>

#include "tensor/random.h"

namespace ddpm {

namespace {

NoisePredictor adapt(const Unet& network, std::optional<Stream> dropout_stream) {
  return [&network, dropout_stream](Tape& tape, const Tensor& x_t, const std::vector<int>& t) {
    // Departure 8: the network counts time from 0: its time is the paper's t, minus 1.
    Tensor time({int(t.size())});
    for (size_t b = 0; b < t.size(); ++b) time.data()[b] = real(t[b] - 1);
    return network(tape, x_t, time, dropout_stream ? &*dropout_stream : nullptr);
  };
}

}  // namespace

Tensor predict(const NoisePredictor& eps_theta, const Tensor& x_t, int t) {
  Tape tape(Tape::off);
  return eps_theta(tape, x_t, std::vector<int>(x_t.dim(0), t));
}

NoisePredictor noise_predictor(const Unet& network) { return adapt(network, std::nullopt); }

TrainingPredictor training_predictor(const Unet& network, uint64_t seed) {
  return [&network, seed](int64_t step) {
    return adapt(network, Stream{seed, purpose_dropout, uint32_t(step), 0});  // each block sets index
  };
}

}  // namespace ddpm
