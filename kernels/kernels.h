// The contract of the kernels: every loop over plain arrays that the network
// needs, forward and backward. A backend is a folder that implements this page
// (cpu/ here), chosen when linking; naive/ holds the definitions, as the
// formulas read, in namespace naive, linked into the tests as the oracle.
// Checked by: tests/kernels/ (backend against naive, odd sizes; same bits),
// tests/tensor/test_gradients.cpp (derivatives).
//
// Letters:  B images, H rows, W columns, C channels, P = H·W pixels of one
//   image, G groups, M×K times K×N a matrix product, n any number of elements.
// Arrays are dense, row by row, the last letter running fastest: an image
//   batch is (B, H, W, C), a 3×3 weight is (3, 3, C_in, C_out), a dense
//   weight (in, out).
// "=" overwrites its target. "+=" adds to it, or overwrites it if it is a fresh Accumulator (types.h).
// Every gradient is an Accumulator.
// dy stands for the loss's derivative by y, and so on.
// Pointers must not overlap unless a line says that they may.
// nullptr is allowed only where a line says "optional".
// Results never depend on the number of threads: every sum has one order.
// Sizes are the caller's duty and must be positive. The one error is memory for
// work space: std::bad_alloc, on any thread; the program's main installs a
// new-handler that ends it with a sentence.
//
// There is no include guard: declarations may be repeated, and naive.h
// includes this page a second time under its own namespace.

#include "kernels/types.h"

#ifndef KERNELS_NAMESPACE
#define KERNELS_NAMESPACE ddpm::kernels
#endif

namespace KERNELS_NAMESPACE {

// ---- Threads ---------------------------------------------------------------

// Use n threads from now on (at least 1). The default is one per core.
void set_threads(int n);
int threads();

// ---- 3×3 convolution (Convolution in types.h gives sizes and padding) ------

// How they are computed from now on; the default is automatic.
void set_convolution_method(ConvolutionMethod method);
ConvolutionMethod convolution_method();

// y[b,i,j,o] = bias[o] + shift[b,o] + residual[b,i,j,o]
//            + Σ_{u,v,c} x[b, s·i+u−p, s·j+v−p, c] · w[u,v,c,o]
// with s the stride, p = before(): 1 for stride 1, 0 or 1 for stride 2, zeros outside x.
// x (B,H,W,C_in), w (3,3,C_in,C_out), bias (C_out) optional, shift (B,C_out)
// optional, residual and y (B,H_out,W_out,C_out), residual optional.
void conv3x3(Convolution s, const real* x, const real* w, const real* bias, const real* shift,
             const real* residual, real* y);
// dx += the transpose of the sum above applied to dy.
void conv3x3_input_gradient(Convolution s, const real* dy, const real* w, Accumulator dx);
// dw[u,v,c,o] += Σ_{b,i,j} x[b, s·i+u−p, s·j+v−p, c] · dy[b,i,j,o]
void conv3x3_weight_gradient(Convolution s, const real* x, const real* dy, Accumulator dw);

// ---- Matrix products: 1×1 convolutions and dense layers --------------------

// y[m,n] = bias[n] + residual[m,n] + Σ_k x[m,k] · w[k,n]
// x (M,K), w (K,N), bias (N) optional, residual and y (M,N), residual optional.
void matmul(int M, int N, int K, const real* x, const real* w, const real* bias, const real* residual,
            real* y);
// dx[m,k] += Σ_n dy[m,n] · w[k,n]
void matmul_input_gradient(int M, int N, int K, const real* dy, const real* w, Accumulator dx);
// dw[k,n] += Σ_m x[m,k] · dy[m,n]
void matmul_weight_gradient(int M, int N, int K, const real* x, const real* dy, Accumulator dw);

// ---- Group normalization (Wu and He 2018), with swish on request -----------

// Group g is the C/G neighbouring channels from g·C/G on. Per image and group,
// over its P·C/G elements:
//   x̂ = (x − mean) · rstd,  rstd = 1/√(variance + epsilon),
//   z = x̂ · gamma[c] + beta[c],  y = z·σ(z) for Activation::swish, else z.
// x, y (B,P,C), gamma, beta (C); mean, rstd (B,G) are also written: the
// gradient reads them. C must be a multiple of G.
void group_norm(int B, int P, int C, int G, real epsilon, Activation, const real* x, const real* gamma,
                const real* beta, real* y, real* mean, real* rstd);
// dx, dgamma, dbeta += … ; any of the three is optional.
void group_norm_gradient(int B, int P, int C, int G, Activation, const real* x, const real* gamma,
                         const real* beta, const real* mean, const real* rstd, const real* dy, Accumulator dx,
                         Accumulator dgamma, Accumulator dbeta);

// ---- Attention (Vaswani et al. 2017) ----------------------------------------

// Head h is the D = C/heads neighbouring channels from h·D on. Per image and head:
//   y = softmax(q kᵀ / √D) v, rows softmaxed. For the gradient: row_max_i = max_j q_i·k_j
//   and inv_row_sum_i = 1 / Σ_j exp((q_i·k_j − row_max_i) / √D).
// q, k, v, y (B,P,C); row_max, inv_row_sum (B,heads,P). C must be a multiple of heads.
void attention(int B, int P, int C, int heads, const real* q, const real* k, const real* v, real* y,
               real* row_max, real* inv_row_sum);
// dq, dk, dv += … ; y, row_max and inv_row_sum are attention()'s: the weights are computed again.
void attention_gradient(int B, int P, int C, int heads, const real* q, const real* k, const real* v,
                        const real* y, const real* row_max, const real* inv_row_sum, const real* dy,
                        Accumulator dq, Accumulator dk, Accumulator dv);

// ---- Pointwise and moving kernels -------------------------------------------

// y = x·σ(x), swish (also called SiLU), σ the logistic function.
void swish(int64_t n, const real* x, real* y);
void swish_gradient(int64_t n, const real* x, const real* dy, Accumulator dx);  // dx += …

// y = x · mask / (1 − p). Element i is kept where the stream's uniform number i
// (fill_uniform's) is at least p; the gradient draws the same numbers again.
void dropout(int64_t n, real p, Stream stream, const real* x, real* y);
void dropout_gradient(int64_t n, real p, Stream stream, const real* dy, Accumulator dx);  // dx += …

// y[b, i, j, :] = x[b, i/2, j/2, :]: nearest-neighbour upsampling.
// x (B,H,W,C), y (B,2H,2W,C).
void upsample(int B, int H, int W, int C, const real* x, real* y);
void upsample_gradient(int B, int H, int W, int C, const real* dy, Accumulator dx);  // dx += …

// y[m, :] = [a[m, :], b[m, :]]: a (M,C1), b (M,C2), y (M,C1+C2).
void concat(int64_t M, int C1, int C2, const real* a, const real* b, real* y);
// da, db += …, either optional; da first, where both are one place.
void concat_gradient(int64_t M, int C1, int C2, const real* dy, Accumulator da, Accumulator db);

void fill(int64_t n, real value, real* x);           // x = value
void add(int64_t n, const real* x, Accumulator y);   // y += x
void scale(int64_t n, real factor, real* x);         // x *= factor
void clip(int64_t n, real low, real high, real* x);  // x = min(max(x, low), high)

// out[b, :] = a[b]·x[b, :] + c[b]·y[b, :]: the mixtures of Eq. (4), (7), (11)
// and (15), with one pair of coefficients an image. x, y, out (B,n); out may
// be x or y.
void linear_combination(int B, int64_t n, const real* a, const real* x, const real* c, const real* y,
                        real* out);

// Sinusoidal embedding of time: y[b, i] = sin(t[b]·f_i), y[b, C/2 + i] =
// cos(t[b]·f_i), f_i = 10000^(−i/(C/2 − frequency_shift)), i < C/2; the two
// halves change places if cosine_first. The official code: false and 1.
// C even and at least 4, frequency_shift 0 or 1. t (B), 0-based as the network
// takes it; y (B,C).
void time_embedding(int B, int C, bool cosine_first, int frequency_shift, const real* t, real* y);

// ---- Reductions --------------------------------------------------------------

// y[b, c] += Σ_p x[b, p, c]: x (B,P,C), y (B,C).
void sum_pixels(int B, int P, int C, const real* x, Accumulator y);
// dx[i] += dout[0] / n, the derivative of the mean of n numbers: dout (1), dx (n)
void mean_gradient(int64_t n, const real* dout, Accumulator dx);
// Σ x², summed in double over fixed blocks.
double sum_squares(int64_t n, const real* x);
// out[b] = (1/n) Σ_i (x[b,i] − y[b,i])²: x, y (B,n), out (B) in double.
void mean_squared_error(int B, int64_t n, const real* x, const real* y, double* out);
// dx[b,i] += dout[b] · (2/n) · (x[b,i] − y[b,i]), dout (B)
void mean_squared_error_gradient(int B, int64_t n, const real* dout, const real* x, const real* y,
                                 Accumulator dx);
// out[b] = −log p[b, label[b]], p = softmax of each row of x: x (B,N), label (B)
// in 0..N−1, out (B) in double, nats. For the classifier of ddpm/score.
void softmax_cross_entropy(int B, int N, const real* x, const int* label, double* out);
// dx[b,n] += dout[0] / B · (p[b,n] − [n = label[b]]), the derivative of the mean of out: dout (1)
void softmax_cross_entropy_gradient(int B, int N, const real* dout, const real* x, const int* label,
                                    Accumulator dx);

// ---- Optimizer -----------------------------------------------------------------

// One step of Adam on w (n), with g = grad_scale · grad:
//   m = β1·m + (1 − β1)·g,  v = β2·v + (1 − β2)·g²,
//   w −= learning_rate · (m/(1 − β1^step)) / (√(v/(1 − β2^step)) + epsilon)
// Overwrites m, v and w.
void adam(int64_t n, AdamStep step, const real* grad, real* m, real* v, real* w);
// average = decay · average + (1 − decay) · w, overwritten.
void ema(int64_t n, real decay, const real* w, real* average);

// ---- Random numbers (Salmon et al. 2011, Philox 4×32-10) -----------------------

// The block function: four random words from a counter and a key.
void philox4x32(const uint32_t counter[4], const uint32_t key[2], uint32_t out[4]);
// The stream's words: element i is word i%4 of the block with counter
// (i/4, index, step, purpose) and key (low and high half of the seed).
// x[i] = (word + 0.5) / 2³², uniform on (0, 1); in float the nearest below 1.
void fill_uniform(int64_t n, Stream stream, real* x);
// Standard normal: elements 2i and 2i+1 from words 2i and 2i+1 by Box–Muller,
// r = √(−2 ln u), r·cos(2πv) and r·sin(2πv), computed in double.
void fill_normal(int64_t n, Stream stream, real* x);

}  // namespace KERNELS_NAMESPACE
