// Checks that a kernel overwrites a fresh accumulator (kernels/types.h): with it, each gradient has the same
// bits as with an accumulator that holds zeros.
#include <doctest/doctest.h>

#include <functional>

#include "tests/support/arrays.h"
#include "tests/support/methods.h"

namespace ddpm::test {

// The fresh accumulators hold NaN. If a kernel reads an element of theirs or does not write it, the result
// contains NaN.
TEST_CASE("accumulator: every gradient overwrites a fresh one") {
  struct Row {
    const char* name;
    std::vector<int64_t> sizes;  // of the accumulators
    std::function<void(std::vector<Accumulator>)> run;
  };
  const int B = 3, H = 6, W = 10, C = 20, G = 4, P = H * W, n = B * P * C;
  const Array x = normal(n, 'x'), y = normal(n, 'y'), z = normal(n, 'z'), big = normal(4 * n, 'b'),
              w = normal(9 * C * C, 'w'), gamma = normal(C, 'g'), mean = normal(B * G, 'm'),
              rstd = normal(B * G, 'r');
  Array attended(n), row_max(B * P), inv_row_sum(B * P);
  kernels::attention(B, P, C, 1, x, y, z, attended, row_max, inv_row_sum);
  const int heads = 4;
  Array by_heads(n), heads_max(B * heads * P), heads_inv_sum(B * heads * P);
  kernels::attention(B, P, C, heads, x, y, z, by_heads, heads_max, heads_inv_sum);
  const Stream stream{1, 2, 3, 4};
  // clang-format off
  const Row rows[] = {
      {"conv3x3, direct", {n}, [&](auto to) {
         const UseMethod direct(ConvolutionMethod::direct);
         kernels::conv3x3_input_gradient({B, H, W, C, C, 1}, x, w, to[0]);
       }},
      {"conv3x3, winograd", {n}, [&](auto to) {
         const UseMethod winograd(ConvolutionMethod::winograd);
         kernels::conv3x3_input_gradient({B, H, W, C, C, 1}, x, w, to[0]);
       }},
      {"conv3x3, stride 2", {n}, [&](auto to) {
         kernels::conv3x3_input_gradient({B, H, W, C, C, 2}, x, w, to[0]);
       }},
      {"conv3x3, stride 2, symmetric", {n}, [&](auto to) {
         kernels::conv3x3_input_gradient({B, H, W, C, C, 2, Padding::symmetric}, x, w, to[0]);
       }},
      {"conv3x3, weights, stride 2, symmetric", {9 * C * C}, [&](auto to) {
         kernels::conv3x3_weight_gradient({B, H, W, C, C, 2, Padding::symmetric}, x, y, to[0]);
       }},
      {"matmul", {n}, [&](auto to) { kernels::matmul_input_gradient(B * P, C, C, x, w, to[0]); }},
      {"matmul, definition", {n}, [&](auto to) {
         naive::matmul_input_gradient(B * P, C, C, x, w, to[0]);
       }},
      {"group norm", {n, C, C}, [&](auto to) {
         kernels::group_norm_gradient(B, P, C, G, Activation::swish, x, gamma, gamma, mean, rstd, y, to[0],
                                      to[1], to[2]);
       }},
      {"conv3x3, weights, direct", {9 * C * C}, [&](auto to) {
         const UseMethod direct(ConvolutionMethod::direct);
         kernels::conv3x3_weight_gradient({B, H, W, C, C, 1}, x, y, to[0]);
       }},
      {"conv3x3, weights, winograd", {9 * C * C}, [&](auto to) {
         const UseMethod winograd(ConvolutionMethod::winograd);
         kernels::conv3x3_weight_gradient({B, H, W, C, C, 1}, x, y, to[0]);
       }},
      {"matmul, weights", {C * C}, [&](auto to) {
         kernels::matmul_weight_gradient(B * P, C, C, x, y, to[0]);
       }},
      {"add", {n}, [&](auto to) { kernels::add(n, x, to[0]); }},
      {"sum over pixels", {B * C}, [&](auto to) { kernels::sum_pixels(B, P, C, x, to[0]); }},
      {"sum over many pixels", {C}, [&](auto to) { kernels::sum_pixels(1, 4 * B * P, C, big, to[0]); }},
      {"mean", {n}, [&](auto to) { kernels::mean_gradient(n, x, to[0]); }},
      {"squared error", {n}, [&](auto to) {
         kernels::mean_squared_error_gradient(B, P * C, mean, x, y, to[0]);
       }},
      {"cross-entropy", {B * C}, [&](auto to) {
         const int label[B] = {0, 3, C - 1};
         kernels::softmax_cross_entropy_gradient(B, C, mean, x, label, to[0]);
       }},
      {"attention", {n, n, n}, [&](auto to) {
         kernels::attention_gradient(B, P, C, 1, x, y, z, attended, row_max, inv_row_sum, x, to[0], to[1],
                                     to[2]);
       }},
      {"attention, heads", {n, n, n}, [&](auto to) {
         kernels::attention_gradient(B, P, C, heads, x, y, z, by_heads, heads_max, heads_inv_sum, x, to[0],
                                     to[1], to[2]);
       }},
      {"swish", {n}, [&](auto to) { kernels::swish_gradient(n, x, y, to[0]); }},
      {"dropout", {n}, [&](auto to) { kernels::dropout_gradient(n, real(0.4), stream, x, to[0]); }},
      {"upsample", {n}, [&](auto to) { kernels::upsample_gradient(B, H, W, C, big, to[0]); }},
      {"concat", {n / 2, n / 2}, [&](auto to) {
         kernels::concat_gradient(B * P, C / 2, C / 2, x, to[0], to[1]);
       }},
  };
  // clang-format on
  for (const Row& row : rows) {
    CAPTURE(row.name);
    std::vector<Array> fresh, zero;
    for (int64_t size : row.sizes) fresh.emplace_back(size), zero.emplace_back(size, real(0));
    std::vector<Accumulator> to_fresh, to_zero;
    for (Array& a : fresh) to_fresh.emplace_back(a.data(), true);
    for (Array& a : zero) to_zero.emplace_back(a.data());
    row.run(to_fresh);
    row.run(to_zero);
    for (size_t i = 0; i < fresh.size(); ++i) CHECK(differs(fresh[i], zero[i], 0) == "");
  }
}

}  // namespace ddpm::test
