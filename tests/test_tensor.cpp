// Tensors, the pool and the tape: handles, reuse, how many buffers live when,
// gradients that add up, and errors on wrong shapes. The derivatives
// themselves are in tests/test_gradients.cpp.
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
#include "tests/near.h"

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

// The training step's forward and backward pass, everything else dropped.
void accumulate_gradients(const Unet& net, const Tensor& x, const Tensor& t) {
  Tape tape;
  tape.backward(mean(tape, mean_squared_error(tape, net(tape, x, t, &noise), x)));
}

// The memory that f takes from the system, starting from an empty pool.
template <typename F>
int64_t footprint(const F& f) {
  pool_trim();
  f();
  return pool_use().kept_bytes;
}

}  // namespace

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
  CHECK(b.gradient().data() == nullptr);  // nobody wants it
  a.require_grad();
  CHECK(c.requires_grad());
  CHECK_FALSE(a.gradient().started());
  CHECK(c.gradient().data()[5] == 0);  // zero at first use
  CHECK(a.gradient().started());
  a.gradient().data()[5] = 1;
  a.gradient().clear();
  CHECK(a.gradient().data()[5] == 0);

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
  const std::vector<real> once(x.gradient().data(), x.gradient().data() + x.size());
  for (int p = 0; p < 8; ++p)  // dL/dx = 2/n·((x − first half) + (x − second half))
    for (int c = 0; c < 4; ++c) {
      const double sum = target.data()[8 * p + c] + target.data()[8 * p + 4 + c];
      CHECK(near(once[4 * p + c], (2 * x.data()[4 * p + c] - sum) * 2 / 64, 1e-6));
    }
  backward();
  for (size_t i = 0; i < once.size(); ++i) CHECK(near(x.gradient().data()[i], 2 * once[i], 1e-6));
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
    tape.record({&y}, y, [&most] { most = std::max(most, live()); });
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
    CHECK(x.gradient().data()[0] == want);
    CHECK(x.gradient().data()[1] == want);
  }
}

TEST_CASE("a gradient's place is fresh until something was added, and memory changes hands where it can") {
  Tensor a({3}), b({3}), nobody({3});
  a.require_grad(), b.require_grad();
  CHECK(nobody.gradient().sum().data == nullptr);
  const Accumulator first = b.gradient().sum();
  CHECK(first.fresh);
  std::fill_n(first.data, 3, real(2));
  CHECK_FALSE(b.gradient().sum().fresh);
  CHECK(b.gradient().sum().data == first.data);
  nobody.gradient().add_last(b.gradient());  // not wanted: b keeps its memory
  CHECK(b.gradient().started());
  a.gradient().add_last(b.gradient());
  CHECK(a.gradient().data() == first.data);
  CHECK_FALSE(b.gradient().started());
  std::fill_n(b.gradient().sum().data, 3, real(5));
  a.gradient().add_last(b.gradient());  // added: a holds something
  CHECK(a.gradient().data()[2] == 7);
  CHECK_THROWS_AS(a.gradient().add_last(a.gradient()), std::logic_error);
}

}  // namespace ddpm::test
