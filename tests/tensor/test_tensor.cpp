// Tests the tape, tensors and the pool. The first case computes a gradient by hand. The others check
// accumulation, shared handles, reuse of memory, when buffers are freed, and errors on wrong shapes.
// tests/tensor/test_gradients.cpp checks the derivative of every operation.
#include <doctest/doctest.h>
#include <unistd.h>

#include <cmath>
#include <new>

#include "kernels/kernels.h"
#include "nn/optimizer.h"
#include "nn/unet.h"
#include "tensor/ops.h"
#include "tensor/pool.h"
#include "tensor/random.h"
#include "tests/support/near.h"

namespace ddpm::test {

namespace {

Tensor normal(Shape shape, uint32_t index = 0) {
  Tensor x(std::move(shape));
  kernels::fill_normal(x.size(), {1, purpose_test, 0, index}, x.data());
  return x;
}

int64_t live() { return pool_use().live_buffers; }

const UnetConfig small{8, 1, 8, {1, 2}, 1, {false, true}, 4, 0.1};
const Stream noise{1, purpose_test, 0, 0};

// Runs a training step's forward and backward pass and drops every tensor but the parameters.
void accumulate_gradients(const Unet& net, const Tensor& x, const Tensor& t) {
  Tape tape;
  tape.backward(mean(tape, mean_squared_error(tape, net(tape, x, t, &noise), x)));
}

// Returns the bytes that f makes the pool take from the system, starting from an empty pool.
template <typename F>
int64_t footprint(const F& f) {
  pool_trim();
  f();
  return pool_use().kept_bytes;
}

}  // namespace

TEST_CASE("the gradient of mean((x w + b - t)^2), computed by hand") {
  const Tensor x = Tensor::from({2, 2}, {1, 2,  //
                                         3, 4})
                       .require_grad();
  const Tensor w = Tensor::from({2, 1}, {5, 6}).require_grad(), b = Tensor::from({1}, {0}).require_grad();
  const Tensor t = Tensor::from({2, 1}, {16, 41});
  Tape tape;
  const Tensor y = matmul(tape, x, w, b);  // (1*5 + 2*6, 3*5 + 4*6) = (17, 39)
  const Tensor loss = mean(tape, mean_squared_error(tape, y, t));
  CHECK(loss.values() == std::vector<real>{2.5});  // ((17 - 16)^2 + (39 - 41)^2) / 2

  tape.backward(loss);
  CHECK(y.gradient().values() == std::vector<real>{1, -2});           // 2 (y - t) / 2
  CHECK(w.gradient().values() == std::vector<real>{-5, -6});          // x^T dy = (1 - 3*2, 2 - 4*2)
  CHECK(b.gradient().values() == std::vector<real>{-1});              // 1 - 2
  CHECK(x.gradient().values() == std::vector<real>{5, 6, -10, -12});  // dy w^T
}

TEST_CASE("shapes") {
  CHECK(elements({}) == 1);
  CHECK(elements({2, 3, 4}) == 24);
  CHECK(to_string(Shape{64, 28, 28, 1}) == "(64, 28, 28, 1)");
  CHECK_THROWS_AS(elements({2, 0}), std::logic_error);
  CHECK_THROWS_AS(elements({-1}), std::logic_error);
  CHECK_THROWS_AS(elements({1 << 30, 1 << 30, 1 << 30}), std::logic_error);
}

TEST_CASE("a tensor is a handle: copies share numbers and gradient") {
  const Tensor nothing;
  CHECK_FALSE(nothing);
  Tensor a = Tensor::from({2, 3}, {1, 2, 3, 4, 5, 6});
  CHECK(a);
  const Tensor b = a, c = a.reshaped({3, 2});
  b.data()[5] = 7;
  CHECK(a.values() == std::vector<real>{1, 2, 3, 4, 5, 7});
  CHECK(c.shape() == Shape{3, 2});
  CHECK(c.data() == a.data());

  CHECK_FALSE(b.requires_grad());
  a.require_grad();
  CHECK(c.requires_grad());
  CHECK(c.gradient().is(a.gradient()));
  a.gradient().fill(3);
  CHECK(c.gradient().values() == std::vector<real>(6, 3));
  c.gradient().clear();
  CHECK(a.gradient().empty());

  CHECK_THROWS_AS(Tensor::from({2}, {1, 2, 3}), std::logic_error);
  CHECK_THROWS_AS(a.reshaped({4}), std::logic_error);
  CHECK(Tensor::zeros({3}).values() == std::vector<real>{0, 0, 0});
}

TEST_CASE("the pool counts what lives and hands buffers out again") {
  pool_trim();
  const PoolUse before = pool_use();
  CHECK(before.kept_bytes == 0);
  real* first;
  {
    const Tensor a({1000});
    first = a.data();
    CHECK(reinterpret_cast<uintptr_t>(first) % 64 == 0);
    CHECK(pool_use().live_buffers == before.live_buffers + 1);
    CHECK(pool_use().live_bytes >= before.live_bytes + int64_t(1000 * sizeof(real)));
    CHECK(pool_use().peak_bytes >= pool_use().live_bytes);
  }
  CHECK(pool_use().live_buffers == before.live_buffers);
  CHECK(pool_use().live_bytes == before.live_bytes);
  CHECK(pool_use().kept_bytes >= int64_t(1000 * sizeof(real)));
  CHECK(Tensor({999}).data() == first);  // a little smaller: the same buffer
  CHECK(Tensor({500}).data() != first);  // half as large: too wasteful
  pool_trim();
  CHECK(pool_use().kept_bytes == 0);
}

#ifndef POISON  // which would fill them
TEST_CASE("the pool refuses more memory than the machine has, before any of it is touched") {
  const int64_t machine = int64_t(sysconf(_SC_PHYS_PAGES)) * sysconf(_SC_PAGESIZE),
                piece = machine / 10 * 4 / int64_t(sizeof(real));
  const auto a = pool_allocate(piece), b = pool_allocate(piece);
  CHECK_THROWS_AS(pool_allocate(piece), std::bad_alloc);
}
#endif

TEST_CASE("gradients are added, and a tensor may be used twice") {
  const Tensor x = normal({2, 2, 2, 4}).require_grad(), target = normal({2, 2, 2, 8}, 1);
  const auto backward = [&] {
    Tape tape;
    tape.backward(mean(tape, mean_squared_error(tape, concat(tape, x, x), target)));
    CHECK(tape.size() == 0);
  };
  backward();
  const std::vector<real> once = x.gradient().values();
  for (int p = 0; p < 8; ++p)  // dL/dx = 2/n·((x − first half) + (x − second half))
    for (int c = 0; c < 4; ++c) {
      const double sum = target.data()[8 * p + c] + target.data()[8 * p + 4 + c];
      CHECK(near(once[4 * p + c], (2 * x.data()[4 * p + c] - sum) * 2 / 64, 1e-6));
    }
  backward();
  const std::vector<real> twice = x.gradient().values();
  for (size_t i = 0; i < once.size(); ++i) CHECK(near(twice[i], 2 * once[i], 1e-6));
}

TEST_CASE("the tape records only what leads to a wanted gradient") {
  Tape on, off(Tape::off);
  const Tensor constant = normal({1, 2, 2, 4}), wanted = normal({1, 2, 2, 4}).require_grad();
  CHECK_FALSE(swish(on, constant).requires_grad());
  CHECK(on.size() == 0);
  CHECK_FALSE(swish(off, wanted).requires_grad());
  CHECK(off.size() == 0);
  CHECK(concat(on, constant, wanted).requires_grad());
  CHECK(on.size() == 1);
  CHECK_THROWS_AS(off.backward(swish(off, wanted)), std::logic_error);
}

TEST_CASE("a training step leaves only parameters, gradients and Adam's state") {
  Unet net(small);
  net.parameters().initialize(1);
  const int64_t parameters = int64_t(net.parameters().all().size());
  const Tensor x = normal({2, 8, 8, 1}), t = Tensor::from({2}, {0, 999});
  const int64_t before = live();
  accumulate_gradients(net, x, t);
  CHECK(live() == before + parameters);  // the gradients
  accumulate_gradients(net, x, t);
  CHECK(live() == before + parameters);
  Adam adam(net.parameters(), {});
  CHECK(live() == before + 3 * parameters);
  adam.step(1);
  CHECK(live() == before + 2 * parameters);  // m and v
}

TEST_CASE("without a tape, memory is freed as the network runs") {
  UnetConfig deep = small;
  deep.blocks = 4;
  Unet net(deep);
  net.parameters().initialize(1);
  const Tensor x = normal({4, 8, 8, 1}), t = Tensor::from({4}, {0, 1, 2, 3});
  const int64_t before = live();
  const auto run = [&](Tape::Mode mode) {
    Tape tape(mode);
    const Tensor y = net(tape, x, t);
    if (mode == Tape::off) CHECK(live() == before + 1);  // y alone
  };
  const int64_t sampling = footprint([&] { run(Tape::off); });
  const int64_t training = footprint([&] { run(Tape::on); });
  CHECK(live() == before);
  CHECK(3 * sampling < training);
}

TEST_CASE("the tape frees as it goes: backward needs hardly more than forward") {
  const int length = 20;
  const Tensor x = normal({1, 8, 8, 8}).require_grad();
  const int64_t before = live();
  int64_t most = 0;
  const auto probe = [&](Tape& tape, const Tensor& y) {  // looks at the pool during backward
    tape.record({&y}, y, [&most](const Gradient&) { most = std::max(most, live()); });
  };
  Tape tape;
  Tensor h = x;
  for (int i = 0; i < length; ++i) {
    h = swish(tape, h);
    probe(tape, h);
  }
  CHECK(live() == before + length);  // every intermediate
  const Tensor loss = mean(tape, mean_squared_error(tape, h, normal(x.shape(), 1)));
  h = {};
  tape.backward(loss);
  CHECK(most <= before + length + 4);  // the loss, its target, and gradients on their way
  CHECK(live() <= before + 3);         // the loss's number and gradient, and x's gradient
}

TEST_CASE("dropout takes a share p away and scales the rest; p = 0 is x itself") {
  Tape tape(Tape::off);
  const Tensor x = normal({10, 100});
  for (double p : {0.1, 0.3}) {
    const Tensor y = dropout(tape, x, real(p), noise);
    int dropped = 0;
    for (int i = 0; i < 1000; ++i) {
      dropped += y.data()[i] == 0;
      if (y.data()[i] != 0) CHECK(near(y.data()[i], x.data()[i] / (1 - p), 0, 1e-6));  // float's digits
    }
    CHECK(near(dropped, 1000 * p, 4 * std::sqrt(1000 * p * (1 - p))));  // level 6e-5, a fixed seed
  }
  CHECK(dropout(tape, x, 0, noise).data() == x.data());
}

TEST_CASE("wrong shapes are refused with the shapes") {
  Tape tape(Tape::off);
  const Tensor x = normal({2, 4, 4, 3}), odd = normal({2, 5, 5, 3});
  const Tensor w = normal({3, 3, 3, 5}), bias = normal({5}), dense = normal({3, 5});
  CHECK_THROWS_WITH_AS(conv3x3(tape, x, normal({3, 3, 4, 5}), bias),
                       doctest::Contains("weight is (3, 3, 4, 5), not (3, 3, 3, 5)"), std::logic_error);
  CHECK_THROWS_AS(conv3x3(tape, x, w, normal({4})), std::logic_error);
  CHECK_THROWS_AS(conv3x3(tape, odd, w, bias, 2), std::logic_error);
  CHECK_THROWS_AS(conv3x3(tape, x, w, bias, 3), std::logic_error);
  CHECK_THROWS_AS(conv3x3(tape, x, w, bias, 1, normal({1, 5})), std::logic_error);
  CHECK_THROWS_AS(conv3x3(tape, x, w, bias, 1, {}, x), std::logic_error);
  CHECK_THROWS_AS(matmul(tape, x, normal({4, 5}), bias), std::logic_error);
  CHECK_THROWS_AS(matmul(tape, x, dense, normal({3})), std::logic_error);
  CHECK_THROWS_AS(matmul(tape, x, dense, bias, x), std::logic_error);
  CHECK_THROWS_AS(group_norm(tape, x, normal({3}), normal({3}), 2, Activation::none), std::logic_error);
  CHECK_THROWS_AS(group_norm(tape, x, normal({4}), normal({3}), 1, Activation::none), std::logic_error);
  CHECK_THROWS_AS(attention(tape, x, x, odd), std::logic_error);
  CHECK_THROWS_AS(dropout(tape, x, 1, noise), std::logic_error);
  CHECK_THROWS_AS(upsample(tape, bias), std::logic_error);
  CHECK_THROWS_AS(concat(tape, x, odd), std::logic_error);
  CHECK_THROWS_AS(time_embedding(bias, 5), std::logic_error);
  CHECK_THROWS_AS(mean_squared_error(tape, x, odd), std::logic_error);
}

TEST_CASE("mean_squared_error is one number per image; mean averages them") {
  Tape tape(Tape::off);
  const Tensor x = Tensor::from({2, 2}, {1, 2, 3, 4}), y = Tensor::from({2, 2}, {1, 4, 3, 7});
  std::valarray<double> in_double;
  const Tensor losses = mean_squared_error(tape, x, y, &in_double);
  CHECK(std::vector<double>(std::begin(in_double), std::end(in_double)) == std::vector<double>{2, 4.5});
  CHECK(losses.values() == std::vector<real>{2, 4.5});
  CHECK(mean(tape, losses).values() == std::vector<real>{3.25});
}

TEST_CASE("mean: its gradient is 1/n, and is added") {
  const Tensor x = Tensor::from({2}, {3, 5}).require_grad();
  for (const real want : {real(0.5), real(1)}) {
    Tape tape;
    tape.backward(mean(tape, x));
    CHECK(x.gradient().values() == std::vector<real>{want, want});
  }
}

TEST_CASE("an accumulator is fresh while the gradient is empty") {
  const Tensor x = Tensor({3}).require_grad(), ones = Tensor::from({3}, {1, 1, 1}), unwanted({3});
  CHECK_FALSE(unwanted.gradient().accumulator());
  const Accumulator first = x.gradient().accumulator();
  CHECK(first.so_far() == nullptr);
  kernels::add(3, ones.data(), first);
  const Accumulator second = x.gradient().accumulator();
  CHECK(second.so_far() == first.target());
  CHECK(second.target() == first.target());
  kernels::add(3, ones.data(), second);
  CHECK(x.gradient().values() == std::vector<real>{2, 2, 2});
}

TEST_CASE("take_or_add takes over the buffer if there is nothing to add to") {
  const Tensor a = Tensor({3}).require_grad(), b = Tensor({3}).require_grad(), unwanted({3});
  b.gradient().fill(2);
  const real* buffer = b.gradient().read();
  unwanted.gradient().take_or_add(b.gradient());
  CHECK(b.gradient().values() == std::vector<real>{2, 2, 2});
  a.gradient().take_or_add(b.gradient());
  CHECK(a.gradient().read() == buffer);
  CHECK(b.gradient().empty());
  b.gradient().fill(5);
  a.gradient().take_or_add(b.gradient());
  CHECK(a.gradient().values() == std::vector<real>{7, 7, 7});
  CHECK(b.gradient().empty());
  CHECK_THROWS_AS(a.gradient().take_or_add(a.gradient()), std::logic_error);
  CHECK_THROWS_AS(a.gradient().take_or_add(b.gradient()), std::logic_error);  // empty
  const Tensor larger = Tensor({4}).require_grad();
  larger.gradient().fill(1);
  CHECK_THROWS_AS(a.gradient().take_or_add(larger.gradient()), std::logic_error);
}

TEST_CASE("after backward, an intermediate gradient is its value, or an error if it was moved") {
  const Tensor x = normal({2, 3}).require_grad(), residual = normal({2, 2}, 1).require_grad();
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

TEST_CASE("backward skips a step that does not contribute to the loss") {
  const Tensor x = normal({2, 3}).require_grad();
  Tape tape;
  const Tensor unused = swish(tape, x), loss = mean(tape, x);
  tape.backward(loss);
  CHECK(unused.gradient().empty());
  CHECK(x.gradient().values() == std::vector<real>(6, real(1) / 6));
}

TEST_CASE("attention checks q, k and v when it is called") {
  Tape tape;
  const Shape shape = {1, 2, 2, 4};
  const Tensor q = normal(shape).require_grad(), k = normal(shape, 1).require_grad(), v = normal(shape, 2);
  CHECK_THROWS_WITH_AS(attention(tape, q, k, v), doctest::Contains("all require gradients"),
                       std::logic_error);
  CHECK_THROWS_WITH_AS(attention(tape, q, k, k), doctest::Contains("three tensors"), std::logic_error);
  CHECK_THROWS_WITH_AS(attention(tape, q, q, k), doctest::Contains("three tensors"), std::logic_error);
  CHECK_THROWS_WITH_AS(attention(tape, q, k, q), doctest::Contains("three tensors"), std::logic_error);
  CHECK_FALSE(attention(tape, normal(shape), normal(shape), v).requires_grad());
}

// KernelInput, or a pointer to compare with: can host code index it?
template <typename T>
constexpr bool can_be_indexed = requires(T x) {
  x[0];
};
template <typename T>
constexpr bool can_be_dereferenced = requires(T x) {
  *x;
};

TEST_CASE("host code cannot read a gradient through what a kernel gets") {
  CHECK(can_be_indexed<const real*>);
  CHECK_FALSE(can_be_indexed<KernelInput>);
  CHECK_FALSE(can_be_dereferenced<KernelInput>);
  CHECK_FALSE(can_be_indexed<Accumulator>);
}

}  // namespace ddpm::test
