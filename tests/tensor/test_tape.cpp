// Checks the tape (tensor/tape.h): a gradient worked by hand, accumulation, what is recorded, and when
// memory is freed. The gradient of every operation: tests/tensor/test_gradients.cpp.
#include <doctest/doctest.h>

#include "nn/optimizer.h"
#include "tensor/ops.h"
#include "tensor/pool.h"
#include "tests/support/near.h"
#include "tests/support/normal.h"
#include "tests/support/tiny.h"

namespace ddpm::test {

TEST_CASE("tape: the gradient of mean((x w - t)^2) is that worked by hand") {
  const Tensor x = Tensor::from({2, 2}, {1, 2, 3, 4}).require_grad();  // rows (1, 2) and (3, 4)
  const Tensor w = Tensor::from({2, 1}, {5, 6}).require_grad();
  const Tensor t = Tensor::from({2, 1}, {16, 41}), no_bias = Tensor::zeros({1});
  Tape tape;
  const Tensor xw = matmul(tape, x, w, no_bias);                 // (1*5 + 2*6, 3*5 + 4*6) = (17, 39)
  const Tensor y = mean(tape, mean_squared_error(tape, xw, t));  // ((17 - 16)^2 + (39 - 41)^2) / 2
  CHECK(y.values() == std::vector<real>{2.5});

  tape.backward(y);
  CHECK(xw.gradient().values() == std::vector<real>{1, -2});          // d = 2 (xw - t) / 2
  CHECK(w.gradient().values() == std::vector<real>{-5, -6});          // x^T d = (1*1 - 3*2, 2*1 - 4*2)
  CHECK(x.gradient().values() == std::vector<real>{5, 6, -10, -12});  // d w^T = rows 1*(5, 6), -2*(5, 6)
}

namespace {

int64_t live_buffers() { return pool_use().live_buffers; }

// Runs a training step's forward and backward pass, and drops every tensor but the parameters.
void accumulate_gradients(const Unet& net, const Tensor& x, const Tensor& t) {
  Tape tape;
  tape.backward(mean(tape, mean_squared_error(tape, net(tape, x, t), x)));
}

// Returns the bytes that f makes the pool take from the system, starting from an empty pool.
template <typename F>
int64_t footprint(const F& f) {
  pool_trim();
  f();
  return pool_use().kept_bytes;
}

}  // namespace

TEST_CASE("tape: gradients accumulate, and a tensor may be used twice") {
  const Tensor x = normal({2, 2, 2, 4}, 0).require_grad(), target = normal({2, 2, 2, 8}, 1);
  const auto backward = [&] {
    Tape tape;
    tape.backward(mean(tape, mean_squared_error(tape, concat(tape, x, x), target)));
    CHECK(tape.size() == 0);
  };
  backward();
  const std::vector<real> once = x.gradient().values();
  for (int p = 0; p < 8; ++p)  // dL/dx = 2/n ((x - first half of the target) + (x - second half))
    for (int c = 0; c < 4; ++c) {
      const double sum = target.data()[8 * p + c] + target.data()[8 * p + 4 + c];
      CHECK(near(once[4 * p + c], (2 * x.data()[4 * p + c] - sum) * 2 / 64, 1e-6));
    }
  backward();
  const std::vector<real> twice = x.gradient().values();
  for (size_t i = 0; i < once.size(); ++i) CHECK(near(twice[i], 2 * once[i], 1e-6));
}

TEST_CASE("tape: records only what leads to a wanted gradient") {
  Tape on, off(Tape::off);
  const Tensor constant = normal({1, 2, 2, 4}, 0), wanted = normal({1, 2, 2, 4}, 0).require_grad();
  CHECK_FALSE(swish(on, constant).requires_grad());
  CHECK(on.size() == 0);
  CHECK_FALSE(swish(off, wanted).requires_grad());
  CHECK(off.size() == 0);
  CHECK(concat(on, constant, wanted).requires_grad());
  CHECK(on.size() == 1);
  CHECK_THROWS_AS(off.backward(swish(off, wanted)), std::logic_error);
}

TEST_CASE("tape: backward skips a step that does not contribute to the loss") {
  const Tensor x = normal({2, 3}, 0).require_grad();
  Tape tape;
  const Tensor unused = swish(tape, x), loss = mean(tape, x);
  tape.backward(loss);
  CHECK(unused.gradient().empty());
  CHECK(x.gradient().values() == std::vector<real>(6, real(1) / 6));
}

TEST_CASE("tape: after backward, an intermediate gradient is its value, or an error if it was moved") {
  const Tensor x = normal({2, 3}, 0).require_grad(), residual = normal({2, 2}, 1).require_grad();
  const Tensor w = normal({3, 2}, 2), bias = Tensor::zeros({2}), target = Tensor::zeros({2, 2});
  Tape tape;
  const Tensor y = matmul(tape, x, w, bias, residual), z = swish(tape, y);
  const Tensor loss = mean(tape, mean_squared_error(tape, z, target));
  CHECK_THROWS_WITH_AS(y.gradient().values(), doctest::Contains("the gradient is empty"), std::logic_error);
  tape.backward(loss);
  CHECK(loss.gradient().values() == std::vector<real>{1});
  const std::vector<real> dz = z.gradient().values();  // 2 z / 4
  for (int i = 0; i < 4; ++i) CHECK(near(dz[i], z.data()[i] / 2, 1e-6));
  CHECK_FALSE(residual.gradient().empty());
  CHECK_THROWS_WITH_AS(y.gradient().values(), doctest::Contains("the gradient is empty"), std::logic_error);
  CHECK_THROWS_AS(w.gradient().fill(1), std::logic_error);  // not wanted
}

TEST_CASE("tape: backward frees each tensor after its last use") {
  const int length = 20;
  const Tensor x = normal({1, 8, 8, 8}, 0).require_grad();
  const int64_t before = live_buffers();
  int64_t most = 0;
  // Records a step that counts the live buffers during backward.
  const auto probe = [&](Tape& tape, const Tensor& y) {
    tape.record({&y}, y, [&most](const Gradient&) { most = std::max(most, live_buffers()); });
  };
  Tape tape;
  Tensor h = x;
  for (int i = 0; i < length; ++i) {
    h = swish(tape, h);
    probe(tape, h);
  }
  CHECK(live_buffers() == before + length);  // the outputs of swish
  const Tensor loss = mean(tape, mean_squared_error(tape, h, normal(x.shape(), 1)));
  h = {};
  tape.backward(loss);
  CHECK(most <= before + length + 4);   // 4: the loss, the target and two gradients
  CHECK(live_buffers() <= before + 3);  // 3: the loss, its gradient and the gradient of x
}

TEST_CASE("tape: a training step leaves only parameters, gradients and Adam's moments") {
  Unet net(small_config());
  net.parameters().initialize(1);
  const int64_t parameters = int64_t(net.parameters().all().size());
  const Tensor x = normal({2, 8, 8, 1}, 0), t = Tensor::from({2}, {0, 999});
  const int64_t before = live_buffers();
  accumulate_gradients(net, x, t);
  CHECK(live_buffers() == before + parameters);  // the gradients
  accumulate_gradients(net, x, t);
  CHECK(live_buffers() == before + parameters);
  Adam adam(net.parameters(), {});
  CHECK(live_buffers() == before + 3 * parameters);
  adam.step(1);
  CHECK(live_buffers() == before + 2 * parameters);  // m and v
}

TEST_CASE("tape: if it is off, memory is freed while the network runs") {
  UnetConfig deep = small_config();
  deep.blocks = 4;
  Unet net(deep);
  net.parameters().initialize(1);
  const Tensor x = normal({4, 8, 8, 1}, 0), t = Tensor::from({4}, {0, 1, 2, 3});
  const int64_t before = live_buffers();
  const auto run = [&](Tape::Mode mode) {
    Tape tape(mode);
    const Tensor y = net(tape, x, t);
    if (mode == Tape::off) CHECK(live_buffers() == before + 1);  // y alone
  };
  const int64_t sampling = footprint([&] { run(Tape::off); });
  const int64_t training = footprint([&] { run(Tape::on); });
  CHECK(live_buffers() == before);
  CHECK(3 * sampling < training);
}

}  // namespace ddpm::test
