// A small trainable noise predictor for worlds of one dimension.
#pragma once

#include "ddpm/noise_predictor.h"
#include "nn/layers.h"

namespace ddpm::test {

// eps_theta(x, t) for x (B, 1): x and the time embedding of t through two hidden layers.
struct PointNetwork {
  static constexpr int width = 48, embedding = 16;
  Parameters parameters;
  Dense of_x{parameters, "of_x", 1, width}, of_t{parameters, "of_t", embedding, width};
  Dense hidden{parameters, "hidden", width, width}, out{parameters, "out", width, 1, Init::almost_zero};

  PointNetwork() { parameters.initialize(1); }

  Tensor operator()(Tape& tape, const Tensor& x, const std::vector<int>& t) const {
    Tensor time({x.dim(0)});
    for (int b = 0; b < x.dim(0); ++b) time.data()[b] = real(t[b]);
    const Tensor temb = of_t(tape, time_embedding(time, embedding));
    const Tensor h = hidden(tape, swish(tape, of_x(tape, x, temb)));
    return out(tape, swish(tape, h));
  }
  NoisePredictor predictor() const {
    return [this](Tape& tape, const Tensor& x, const std::vector<int>& t) { return (*this)(tape, x, t); };
  }
};

}  // namespace ddpm::test
