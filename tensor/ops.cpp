// Implements the differentiable operations: see ops.h. Each one checks the shapes, runs the kernel, and
// records the backward step, which runs the kernel of the gradient.
// A step captures only what it reads, so that the rest can be freed. dx stands for dloss/dx.
#include "tensor/ops.h"

#include "kernels/kernels.h"

namespace ddpm {

namespace {

// The sizes of a batch of images (B, H, W, C), with P = H W pixels an image.
struct Images {
  int B, P, C;
};
Images images(const Tensor& x) {
  ENSURE(x.shape().size() == 4, to_string(x.shape()));
  return {x.dim(0), x.dim(1) * x.dim(2), x.dim(3)};
}

void ensure_shape(const Tensor& x, const Shape& shape, const char* what) {
  ENSURE(x.shape() == shape, what, " is ", to_string(x.shape()), ", not ", to_string(shape));
}

// Computes dbias[c] += sum_{b,p} dy[b,p,c] and dshift[b,c] += sum_p dy[b,p,c], each if it is wanted.
void bias_gradients(int B, int P, int C, const Gradient& dy, const Gradient& dbias, const Gradient& dshift) {
  if (!dbias.wanted() && !dshift.wanted()) return;
  const Tensor sums = Tensor::zeros({B, C});
  kernels::sum_pixels(B, P, C, dy.read(), sums.data());
  if (dbias.wanted()) kernels::sum_pixels(1, B, C, sums.data(), dbias.accumulator());
  if (dshift.wanted()) kernels::add(sums.size(), sums.data(), dshift.accumulator());
}

}  // namespace

Tensor conv3x3(Tape& tape, const Tensor& x, const Tensor& w, const Tensor& bias, int stride,
               const Tensor& shift, const Tensor& residual, Padding padding) {
  ENSURE(x.shape().size() == 4 && w.shape().size() == 4, to_string(x.shape()), to_string(w.shape()));
  const Convolution s{x.dim(0), x.dim(1), x.dim(2), x.dim(3), w.dim(3), stride, padding};
  ENSURE(stride == 1 || (stride == 2 && s.H % 2 == 0 && s.W % 2 == 0), stride, to_string(x.shape()));
  Tensor y({s.B, s.H_out(), s.W_out(), s.C_out});
  ensure_shape(w, {3, 3, s.C_in, s.C_out}, "weight");
  ensure_shape(bias, {s.C_out}, "bias");
  if (shift) ensure_shape(shift, {s.B, s.C_out}, "shift");
  if (residual) ensure_shape(residual, y.shape(), "residual");
  kernels::conv3x3(s, x.data(), w.data(), bias.data(), shift.data(), residual.data(), y.data());

  tape.record({&x, &w, &bias, &shift, &residual}, y,
              [s, x, w, dbias = bias.gradient(), dshift = shift.gradient(),
               dresidual = residual.gradient()](const Gradient& dy) {
                if (x.requires_grad())
                  kernels::conv3x3_input_gradient(s, dy.read(), w.data(), x.gradient().accumulator());
                if (w.requires_grad())
                  kernels::conv3x3_weight_gradient(s, x.data(), dy.read(), w.gradient().accumulator());
                bias_gradients(s.B, s.H_out() * s.W_out(), s.C_out, dy, dbias, dshift);
                dresidual.take_or_add(dy);
              });
  return y;
}

Tensor matmul(Tape& tape, const Tensor& x, const Tensor& w, const Tensor& bias, const Tensor& residual) {
  ENSURE(w.shape().size() == 2 && !x.shape().empty(), to_string(x.shape()), to_string(w.shape()));
  const int K = w.dim(0), N = w.dim(1), M = int(x.size() / K);
  ENSURE(x.shape().back() == K, to_string(x.shape()), to_string(w.shape()));
  Shape shape = x.shape();
  shape.back() = N;
  Tensor y(shape);
  ensure_shape(bias, {N}, "bias");
  if (residual) ensure_shape(residual, shape, "residual");
  kernels::matmul(M, N, K, x.data(), w.data(), bias.data(), residual.data(), y.data());

  tape.record({&x, &w, &bias, &residual}, y,
              [=, dbias = bias.gradient(), dresidual = residual.gradient()](const Gradient& dy) {
                if (x.requires_grad())
                  kernels::matmul_input_gradient(M, N, K, dy.read(), w.data(), x.gradient().accumulator());
                if (w.requires_grad())
                  kernels::matmul_weight_gradient(M, N, K, x.data(), dy.read(), w.gradient().accumulator());
                bias_gradients(1, M, N, dy, dbias, {});
                dresidual.take_or_add(dy);
              });
  return y;
}

Tensor group_norm(Tape& tape, const Tensor& x, const Tensor& gamma, const Tensor& beta, int groups,
                  double epsilon, Activation activation) {
  const auto [B, P, C] = images(x);
  ENSURE(groups >= 1 && C % groups == 0, C, " channels in ", groups, " groups");
  ensure_shape(gamma, {C}, "gamma");
  ensure_shape(beta, {C}, "beta");
  const Gradient &dx = x.gradient(), &dgamma = gamma.gradient(), &dbeta = beta.gradient();
  ENSURE(!dx.is(dgamma) && !dgamma.is(dbeta) && !dbeta.is(dx), "x, gamma and beta must be three tensors");
  Tensor y(x.shape()), mean({B, groups}), rstd({B, groups});
  kernels::group_norm(B, P, C, groups, real(epsilon), activation, x.data(), gamma.data(), beta.data(),
                      y.data(), mean.data(), rstd.data());

  tape.record({&x, &gamma, &beta}, y, [=, B = B, P = P, C = C](const Gradient& dy) {
    kernels::group_norm_gradient(B, P, C, groups, activation, x.data(), gamma.data(), beta.data(),
                                 mean.data(), rstd.data(), dy.read(), x.gradient().accumulator(),
                                 gamma.gradient().accumulator(), beta.gradient().accumulator());
  });
  return y;
}

Tensor attention(Tape& tape, const Tensor& q, const Tensor& k, const Tensor& v, int heads) {
  const auto [B, P, C] = images(q);
  ENSURE(heads >= 1 && C % heads == 0, C, " channels in ", heads, " heads");
  ensure_shape(k, q.shape(), "k");
  ensure_shape(v, q.shape(), "v");
  const Gradient &dq = q.gradient(), &dk = k.gradient(), &dv = v.gradient();
  ENSURE(!dq.is(dk) && !dk.is(dv) && !dv.is(dq), "q, k and v must be three tensors");
  ENSURE(dq.wanted() == dk.wanted() && dk.wanted() == dv.wanted(),
         "q, k and v must all require gradients, or none of them");
  Tensor y(q.shape()), row_max({B, heads, P}), inv_row_sum({B, heads, P});
  kernels::attention(B, P, C, heads, q.data(), k.data(), v.data(), y.data(), row_max.data(),
                     inv_row_sum.data());

  tape.record({&q, &k, &v}, y, [=, B = B, P = P, C = C](const Gradient& dy) {
    kernels::attention_gradient(B, P, C, heads, q.data(), k.data(), v.data(), y.data(), row_max.data(),
                                inv_row_sum.data(), dy.read(), q.gradient().accumulator(),
                                k.gradient().accumulator(), v.gradient().accumulator());
  });
  return y;
}

Tensor swish(Tape& tape, const Tensor& x) {
  Tensor y(x.shape());
  kernels::swish(x.size(), x.data(), y.data());

  tape.record({&x}, y, [x](const Gradient& dy) {
    kernels::swish_gradient(x.size(), x.data(), dy.read(), x.gradient().accumulator());
  });
  return y;
}

Tensor dropout(Tape& tape, const Tensor& x, real p, Stream stream) {
  ENSURE(p >= 0 && p < 1, p);
  if (p == 0) return x;
  Tensor y(x.shape());
  kernels::dropout(x.size(), p, stream, x.data(), y.data());

  tape.record({&x}, y, [n = x.size(), p, stream, dx = x.gradient()](const Gradient& dy) {
    kernels::dropout_gradient(n, p, stream, dy.read(), dx.accumulator());
  });
  return y;
}

Tensor upsample(Tape& tape, const Tensor& x) {
  ENSURE(x.shape().size() == 4, to_string(x.shape()));
  const int B = x.dim(0), H = x.dim(1), W = x.dim(2), C = x.dim(3);
  Tensor y({B, 2 * H, 2 * W, C});
  kernels::upsample(B, H, W, C, x.data(), y.data());

  tape.record({&x}, y, [=, dx = x.gradient()](const Gradient& dy) {
    kernels::upsample_gradient(B, H, W, C, dy.read(), dx.accumulator());
  });
  return y;
}

Tensor concat(Tape& tape, const Tensor& a, const Tensor& b) {
  const auto [B, P, C1] = images(a);
  const int C2 = images(b).C;
  const int64_t M = int64_t(B) * P;
  ensure_shape(b, {a.dim(0), a.dim(1), a.dim(2), C2}, "b");
  Tensor y({a.dim(0), a.dim(1), a.dim(2), C1 + C2});
  kernels::concat(M, C1, C2, a.data(), b.data(), y.data());

  tape.record({&a, &b}, y, [M, C1 = C1, C2, da = a.gradient(), db = b.gradient()](const Gradient& dy) {
    // If a and b are one tensor, the kernel writes to_a first: only to_a may be fresh.
    const Accumulator to_a = da.accumulator(), to_b = db.accumulator();
    kernels::concat_gradient(M, C1, C2, dy.read(), to_a, to_b);
  });
  return y;
}

Tensor time_embedding(const Tensor& t, int channels, bool cosine_first, int frequency_shift) {
  ENSURE(t.shape().size() == 1 && channels % 2 == 0 && channels >= 4, to_string(t.shape()), channels);
  ENSURE(frequency_shift == 0 || frequency_shift == 1, frequency_shift);
  Tensor y({t.dim(0), channels});
  kernels::time_embedding(t.dim(0), channels, cosine_first, frequency_shift, t.data(), y.data());
  return y;
}

Tensor mean_squared_error(Tape& tape, const Tensor& x, const Tensor& y, std::valarray<double>* in_double) {
  ensure_shape(y, x.shape(), "the target");
  const int B = x.dim(0);
  const int64_t n = x.size() / B;
  std::valarray<double> means(B);
  kernels::mean_squared_error(B, n, x.data(), y.data(), &means[0]);
  const Tensor out = Tensor::from({B}, {std::begin(means), std::end(means)});
  if (in_double) *in_double = std::move(means);

  tape.record({&x}, out, [x, y, B, n](const Gradient& dout) {
    kernels::mean_squared_error_gradient(B, n, dout.read(), x.data(), y.data(), x.gradient().accumulator());
  });
  return out;
}

Tensor mean(Tape& tape, const Tensor& x) {
  double sum = 0;
  for (const real value : x.values()) sum += value;
  const Tensor out = Tensor::from({1}, {real(sum / double(x.size()))});

  tape.record({&x}, out, [n = x.size(), dx = x.gradient()](const Gradient& dout) {
    kernels::mean_gradient(n, dout.read(), dx.accumulator());
  });
  return out;
}

Tensor softmax_cross_entropy(Tape& tape, const Tensor& x, const std::vector<int>& labels) {
  ENSURE(x.shape().size() == 2, to_string(x.shape()));
  const int B = int(labels.size()), N = x.dim(1);
  ensure_shape(x, {B, N}, "x");
  for (int label : labels) ENSURE(0 <= label && label < N, label, " of ", N, " classes");
  std::vector<double> losses(B);
  kernels::softmax_cross_entropy(B, N, x.data(), labels.data(), losses.data());
  double sum = 0;
  for (double loss : losses) sum += loss;
  Tensor loss = Tensor::from({1}, {real(sum / B)});

  tape.record({&x}, loss, [x, labels, B, N](const Gradient& dloss) {
    kernels::softmax_cross_entropy_gradient(B, N, dloss.read(), x.data(), labels.data(),
                                            x.gradient().accumulator());
  });
  return loss;
}

}  // namespace ddpm
