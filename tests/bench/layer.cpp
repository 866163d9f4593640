// See layer.h.
#include "tests/bench/layer.h"

#include "kernels/kernels.h"

namespace ddpm::bench {

namespace {

constexpr Stream dropout_stream{0, 0, 1, 0};

}  // namespace

Tensor LayerRun::input(int channels) {
  const int size = row_.input_resolution();
  Tensor x(size ? Shape{batch_, size, size, channels} : Shape{batch_, channels});
  kernels::fill_normal(x.size(), Stream{0, 0, 0, uint32_t(inputs_.size())}, x.data());
  if (!from_data_) x.require_grad();
  inputs_.push_back(x);
  return x;
}

LayerRun::LayerRun(const LayerRow& row, const UnetConfig& network, int batch)
    : row_(row), network_(network), batch_(batch),
      from_data_(row.kind == LayerKind::conv_in || row.kind == LayerKind::time_embedding) {
  const int in = row.in, out = row.channels;
  Parameters& p = parameters_;
  switch (row.kind) {
    case LayerKind::time_embedding: {
      const Tensor t = Tensor::zeros({batch});
      apply_ = [t, layer = TimeEmbedding(p, network)](Tape& tape) { return swish(tape, layer(tape, t)); };
      break;
    }
    case LayerKind::conv_in:
      apply_ = [x = input(in), layer = Conv3x3(p, "conv", in, out)](Tape& tape) { return layer(tape, x); };
      break;
    case LayerKind::residual: {
      Tensor temb({batch, 4 * network.channels});
      kernels::fill(temb.size(), 1, temb.data());
      temb.require_grad();
      const int popped = row.pop ? row.pop->channels : 0;
      const Tensor h = input(in - popped), skip = popped ? input(popped) : Tensor{};
      apply_ = [=, layer = ResidualBlock(p, "block", in, out, network)](Tape& tape) {
        return layer(tape, skip ? concat(tape, h, skip) : h, temb, &dropout_stream);
      };
      break;
    }
    case LayerKind::attention:
      apply_ = [x = input(in), layer = AttentionBlock(p, "block", in, network)](Tape& tape) {
        return layer(tape, x);
      };
      break;
    case LayerKind::downsample:
      apply_ = [x = input(in), layer = Conv3x3(p, "conv", in, out, 2)](Tape& tape) { return layer(tape, x); };
      break;
    case LayerKind::upsample:
      apply_ = [x = input(in), layer = Conv3x3(p, "conv", in, out)](Tape& tape) {
        return layer(tape, upsample(tape, x));
      };
      break;
    case LayerKind::conv_out:
      apply_ = [x = input(in), norm = GroupNorm(p, "norm", in, network.groups),
                conv = Conv3x3(p, "conv", in, out)](Tape& tape) {
        return conv(tape, norm(tape, x, Activation::swish));
      };
      break;
  }
  ENSURE(p.count() == row.parameters, row.name, ": ", p.count(), " parameters, not ", row.parameters);
  p.initialize(0);
}

void LayerRun::forward() {
  tape_ = Tape();
  output_ = apply_(tape_);
}

void LayerRun::backward() {
  tape_.backward(output_);
  for (const Tensor& x : inputs_) x.gradient().clear();
  parameters_.clear_gradients();
}

double LayerRun::multiply_adds(bool backward) const {
  const double forward = row_.multiply_adds * batch_;
  if (!backward) return forward;
  // Of the two dense layers of the time embedding, only the second needs the gradient of its input.
  const double unwanted = row_.kind == LayerKind::conv_in          ? forward
                          : row_.kind == LayerKind::time_embedding ? double(row_.in) * row_.channels * batch_
                                                                   : 0;
  return 2 * forward - unwanted;
}

double LayerRun::bytes(bool backward) const {
  double input = 0;
  for (const Tensor& x : inputs_) input += double(x.size());
  const double output = double(output_.size()), weights = double(row_.parameters);
  const double numbers =
      backward ? (from_data_ ? 1 : 2) * input + output + 2 * weights : input + output + weights;
  return numbers * sizeof(real);
}

}  // namespace ddpm::bench
