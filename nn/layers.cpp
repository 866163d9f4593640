// Layers with weights: see layers.h.
#include "nn/layers.h"

namespace ddpm {

Dense::Dense(Parameters& parameters, const std::string& name, int in, int out, Init init)
    : weight(parameters.add(name + ".weight", {in, out}, Layout::dense, init)),
      bias(parameters.add(name + ".bias", {out}, Layout::vector, Init::zeros)) {}

Tensor Dense::operator()(Tape& tape, const Tensor& x, const Tensor& residual) const {
  return matmul(tape, x, weight, bias, residual);
}

Conv1x1::Conv1x1(Parameters& parameters, const std::string& name, int in, int out, Layout layout, Init init)
    : weight(parameters.add(name + ".weight", {in, out}, layout, init)),
      bias(parameters.add(name + ".bias", {out}, Layout::vector, Init::zeros)) {}

Tensor Conv1x1::operator()(Tape& tape, const Tensor& x, const Tensor& residual) const {
  return matmul(tape, x, weight, bias, residual);
}

Conv3x3::Conv3x3(Parameters& parameters, const std::string& name, int in, int out, int stride, Init init,
                 Padding padding)
    : weight(parameters.add(name + ".weight", {3, 3, in, out}, Layout::conv3x3, init)),
      bias(parameters.add(name + ".bias", {out}, Layout::vector, Init::zeros)), stride(stride),
      padding(padding) {}

Tensor Conv3x3::operator()(Tape& tape, const Tensor& x, const Tensor& shift, const Tensor& residual) const {
  return conv3x3(tape, x, weight, bias, stride, shift, residual, padding);
}

GroupNorm::GroupNorm(Parameters& parameters, const std::string& name, int channels, int groups,
                     double epsilon)
    : weight(parameters.add(name + ".weight", {channels}, Layout::vector, Init::ones)),
      bias(parameters.add(name + ".bias", {channels}, Layout::vector, Init::zeros)), groups(groups),
      epsilon(epsilon) {}

Tensor GroupNorm::operator()(Tape& tape, const Tensor& x, Activation activation) const {
  return group_norm(tape, x, weight, bias, groups, epsilon, activation);
}

}  // namespace ddpm
