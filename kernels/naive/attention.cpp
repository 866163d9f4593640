// Attention (Vaswani et al. 2017), and its derivative. Per head, every pixel i
// asks (query q_i) all pixels j (key k_j) and averages their values v_j.
// Sums in double. Checked by: tests/kernels/test_attention.cpp (the oracle
// of the fast kernels), tests/tensor/test_gradients.cpp.
#include <algorithm>
#include <cmath>
#include <vector>

#include "kernels/naive/naive.h"

namespace ddpm::naive {
namespace {

double dot(int D, const real* a, const real* b) {
  double sum = 0;
  for (int c = 0; c < D; ++c) sum += double(a[c]) * b[c];
  return sum;
}

// a_j = softmax_j(q_i·k_j / √D), for one query q_i (D) and all keys k_j (D), C apart.
// The largest product is subtracted first, so that exp cannot overflow.
struct AttentionRow {
  std::vector<double> a;
  double row_max, sum = 0;  // a_j = exp((q_i·k_j − row_max) / √D) / sum
  AttentionRow(int P, int C, int D, const real* q_i, const real* k) : a(P) {
    for (int64_t j = 0; j < P; ++j) a[j] = dot(D, q_i, k + j * C);
    row_max = *std::max_element(a.begin(), a.end());
    for (double& a_j : a) sum += a_j = std::exp((a_j - row_max) / std::sqrt(double(D)));
    for (double& a_j : a) a_j /= sum;
  }
};

}  // namespace

void attention(int B, int P, int C, int heads, const real* q, const real* k, const real* v, real* y,
               real* row_max, real* inv_row_sum) {
  const int D = C / heads;
  for (int64_t b = 0; b < B; ++b)
    for (int h = 0; h < heads; ++h) {
      const int64_t first = b * P * C + h * D, rows = (b * heads + h) * P;  // the head's first elements
      for (int64_t i = 0; i < P; ++i) {
        const AttentionRow row(P, C, D, q + first + i * C, k + first);
        row_max[rows + i] = real(row.row_max);
        inv_row_sum[rows + i] = real(1 / row.sum);
        for (int c = 0; c < D; ++c) {
          double sum = 0;
          for (int64_t j = 0; j < P; ++j) sum += row.a[j] * v[first + j * C + c];
          y[first + i * C + c] = real(sum);
        }
      }
    }
}

// The weights are computed again from q and k; y, row_max and inv_row_sum are not read. With
// scores s_ij = q_i·k_j / √D, weights a_ij = softmax_j(s_ij), y_i = Σ_j a_ij v_j:
//   dv_j  = Σ_i a_ij dy_i
//   da_ij = dy_i·v_j
//   ds_ij = a_ij (da_ij − Σ_j' a_ij' da_ij')
//   dq_i  = Σ_j ds_ij k_j / √D,   dk_j = Σ_i ds_ij q_i / √D
void attention_gradient(int B, int P, int C, int heads, const real* q, const real* k, const real* v,
                        const real*, const real*, const real*, const real* dy, Accumulator dq, Accumulator dk,
                        Accumulator dv) {
  const int D = C / heads;
  const int64_t n = int64_t(P) * C;
  for (int64_t b = 0; b < B; ++b, q += n, k += n, v += n, dy += n) {
    std::vector<double> sum_q(n), sum_k(n), sum_v(n);
    for (int64_t first = 0; first < C; first += D)  // channel of a head
      for (int64_t i = 0; i < P; ++i) {
        const std::vector<double> a = AttentionRow(P, C, D, q + i * C + first, k + first).a;
        std::vector<double> da(P);
        double mean = 0;  // Σ_j a_ij da_ij
        for (int64_t j = 0; j < P; ++j)
          mean += a[j] * (da[j] = dot(D, dy + i * C + first, v + j * C + first));
        for (int64_t j = 0; j < P; ++j) {
          const double ds = a[j] * (da[j] - mean) / std::sqrt(double(D));
          for (int64_t c = first; c < first + D; ++c) {
            sum_v[j * C + c] += a[j] * dy[i * C + c];
            sum_q[i * C + c] += ds * k[j * C + c];
            sum_k[j * C + c] += ds * q[i * C + c];
          }
        }
      }
    for (int64_t e = 0; e < n; ++e) {
      accumulate(dq, b * n + e, sum_q[e]);
      accumulate(dk, b * n + e, sum_k[e]);
      accumulate(dv, b * n + e, sum_v[e]);
    }
  }
}

}  // namespace ddpm::naive
