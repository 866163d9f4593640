// Checks the operations (tensor/ops.h) apart from their gradients: values worked by hand, and refused
// arguments. The kernels that they call: tests/kernels/. The gradients: tests/tensor/test_gradients.cpp.
#include <doctest/doctest.h>

#include <cmath>

#include "tensor/ops.h"
#include "tests/support/near.h"
#include "tests/support/normal.h"

namespace ddpm::test {

namespace {

const Stream stream{1, purpose_test, 0, 0};

}  // namespace

TEST_CASE("ops: mean_squared_error is one number per image, mean averages them") {
  Tape tape(Tape::off);
  const Tensor x = Tensor::from({2, 2}, {1, 2, 3, 4}), y = Tensor::from({2, 2}, {1, 4, 3, 7});
  std::valarray<double> in_double;
  const Tensor losses = mean_squared_error(tape, x, y, &in_double);
  CHECK(std::vector<double>(std::begin(in_double), std::end(in_double)) == std::vector<double>{2, 4.5});
  CHECK(losses.values() == std::vector<real>{2, 4.5});
  CHECK(mean(tape, losses).values() == std::vector<real>{3.25});
}

TEST_CASE("ops: the gradient of mean is 1/n and accumulates") {
  const Tensor x = Tensor::from({2}, {3, 5}).require_grad();
  for (const real want : {real(0.5), real(1)}) {
    Tape tape;
    tape.backward(mean(tape, x));
    CHECK(x.gradient().values() == std::vector<real>{want, want});
  }
}

TEST_CASE("ops: dropout drops a share p and scales the rest, and returns x itself for p = 0") {
  Tape tape(Tape::off);
  const Tensor x = normal({10, 100}, 0);
  for (double p : {0.1, 0.3}) {
    const Tensor y = dropout(tape, x, real(p), stream);
    int dropped = 0;
    for (int i = 0; i < 1000; ++i) {
      dropped += y.data()[i] == 0;
      if (y.data()[i] != 0) CHECK(near(y.data()[i], x.data()[i] / (1 - p), 0, 1e-6));  // float's digits
    }
    CHECK(near(dropped, 1000 * p, 4 * std::sqrt(1000 * p * (1 - p))));  // four standard deviations
  }
  CHECK(dropout(tape, x, 0, stream).data() == x.data());
}

TEST_CASE("ops: wrong shapes are refused, and the message has the shapes") {
  Tape tape(Tape::off);
  const Tensor x = normal({2, 4, 4, 3}, 0), odd = normal({2, 5, 5, 3}, 0);
  const Tensor w = normal({3, 3, 3, 5}, 0), bias = normal({5}, 0), dense = normal({3, 5}, 0);
  CHECK_THROWS_WITH_AS(conv3x3(tape, x, normal({3, 3, 4, 5}, 0), bias),
                       doctest::Contains("weight is (3, 3, 4, 5), not (3, 3, 3, 5)"), std::logic_error);
  CHECK_THROWS_AS(conv3x3(tape, x, w, normal({4}, 0)), std::logic_error);
  CHECK_THROWS_AS(conv3x3(tape, odd, w, bias, 2), std::logic_error);
  CHECK_THROWS_AS(conv3x3(tape, x, w, bias, 3), std::logic_error);
  CHECK_THROWS_AS(conv3x3(tape, x, w, bias, 1, normal({1, 5}, 0)), std::logic_error);
  CHECK_THROWS_AS(conv3x3(tape, x, w, bias, 1, {}, x), std::logic_error);
  CHECK_THROWS_AS(matmul(tape, x, normal({4, 5}, 0), bias), std::logic_error);
  CHECK_THROWS_AS(matmul(tape, x, dense, normal({3}, 0)), std::logic_error);
  CHECK_THROWS_AS(matmul(tape, x, dense, bias, x), std::logic_error);
  CHECK_THROWS_AS(group_norm(tape, x, normal({3}, 0), normal({3}, 0), 2, 1e-6, Activation::none),
                  std::logic_error);
  CHECK_THROWS_AS(group_norm(tape, x, normal({4}, 0), normal({3}, 0), 1, 1e-6, Activation::none),
                  std::logic_error);
  CHECK_THROWS_AS(attention(tape, x, x, odd), std::logic_error);
  CHECK_THROWS_WITH_AS(attention(tape, x, normal({2, 4, 4, 3}, 1), normal({2, 4, 4, 3}, 2), 2),
                       doctest::Contains("3 channels in 2 heads"), std::logic_error);
  CHECK_THROWS_AS(dropout(tape, x, 1, stream), std::logic_error);
  CHECK_THROWS_AS(upsample(tape, bias), std::logic_error);
  CHECK_THROWS_AS(concat(tape, x, odd), std::logic_error);
  CHECK_THROWS_AS(time_embedding(bias, 5), std::logic_error);
  CHECK_THROWS_AS(time_embedding(bias, 8, false, 2), std::logic_error);
  CHECK_THROWS_AS(mean_squared_error(tape, x, odd), std::logic_error);
}

TEST_CASE("ops: group_norm refuses equal tensors") {
  Tape tape;
  const Tensor x = normal({1, 2, 2, 4}, 0).require_grad(), gamma = normal({4}, 1).require_grad();
  CHECK_THROWS_WITH_AS(group_norm(tape, x, gamma, gamma, 1, 1e-6, Activation::none),
                       doctest::Contains("three tensors"), std::logic_error);
}

TEST_CASE("ops: attention refuses equal tensors, and a mixture of wanted and unwanted gradients") {
  Tape tape;
  const Shape shape = {1, 2, 2, 4};
  const Tensor q = normal(shape, 0).require_grad(), k = normal(shape, 1).require_grad(), v = normal(shape, 2);
  CHECK_THROWS_WITH_AS(attention(tape, q, k, v), doctest::Contains("all require gradients"),
                       std::logic_error);
  CHECK_THROWS_WITH_AS(attention(tape, q, k, k), doctest::Contains("three tensors"), std::logic_error);
  CHECK_THROWS_WITH_AS(attention(tape, q, q, k), doctest::Contains("three tensors"), std::logic_error);
  CHECK_THROWS_WITH_AS(attention(tape, q, k, q), doctest::Contains("three tensors"), std::logic_error);
  CHECK_FALSE(attention(tape, normal(shape, 0), normal(shape, 0), v).requires_grad());
}

}  // namespace ddpm::test
