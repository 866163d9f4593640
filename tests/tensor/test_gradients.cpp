// Gradient tests: compares each derivative that the tape computes with a finite difference,
//
//   dL/dx_i  ~  (L(x_i + h) - L(x_i - h)) / (2 h),
//
// for every element x_i of every input. Computing L needs the forward pass only, so a mistake in a
// backward step shows as a difference. The table below has one row for each operation of tensor/ops.h;
// the last case compares a whole U-Net.
// Double build only: in float the rounding of L would hide small mistakes.
// tests/tensor/test_tensor.cpp has a gradient computed by hand.
#include <doctest/doctest.h>

#ifdef REAL_DOUBLE

#include <algorithm>
#include <cmath>
#include <fstream>
#include <functional>
#include <regex>
#include <set>

#include "kernels/kernels.h"
#include "nn/unet.h"
#include "tensor/random.h"
#include "tests/support/near.h"

namespace ddpm::test {
namespace {

Tensor normal(Shape shape, uint32_t index) {
  Tensor x(std::move(shape));
  kernels::fill_normal(x.size(), {1, purpose_test, 0, index}, x.data());
  return x;
}

using Inputs = std::vector<Tensor>;
using Function = std::function<Tensor(Tape&, const Inputs&)>;

// The error of the finite difference has two parts. The rounding of L gives 1e-16 L / h, a few 1e-11
// (atol). The third derivative gives h^2 L''' / 6, 1e-11 of the larger derivatives; rtol allows more,
// for the sharp curves of a whole network.
const double h = 1e-5, atol = 1e-10, rtol = 1e-7;

// Limits no input: compare_gradients checks at most this many of its elements, evenly spaced.
const int64_t every_element = int64_t(1) << 40;

// Compares dL/dx on the tape with finite differences, for every input x.
// L = mean (f(inputs) - target)^2 with a random target. It weights the outputs unevenly: the derivatives
// of their plain sum would cancel after a normalization. Returns the number of inputs that do not
// influence L at all.
int compare_gradients(const Function& f, const Inputs& inputs, int64_t at_most = every_element) {
  Tape off(Tape::off);
  const Tensor target = normal(f(off, inputs).shape(), 1000);
  const auto loss = [&](Tape& tape) { return mean(tape, mean_squared_error(tape, f(tape, inputs), target)); };

  for (Tensor x : inputs) x.require_grad().gradient().clear();
  Tape tape;
  tape.backward(loss(tape));

  int without_influence = 0;
  for (size_t i = 0; i < inputs.size(); ++i) {
    const Tensor& x = inputs[i];
    INFO("input ", i, " ", to_string(x.shape()));
    const std::vector<real> gradient = x.gradient().values();
    std::vector<double> got, want;
    double largest = 0;
    for (int64_t e = 0; e < x.size(); e += std::max<int64_t>(1, x.size() / at_most)) {
      const double value = x.data()[e];
      x.data()[e] = value + h;
      const double above = loss(off).data()[0];
      x.data()[e] = value - h;
      const double below = loss(off).data()[0];
      x.data()[e] = value;
      got.push_back(gradient[e]);
      want.push_back((above - below) / (2 * h));
      largest = std::max(largest, std::fabs(want.back()));
    }
    CHECK(mismatch(got.data(), want.data(), got.size(), atol + rtol * largest) == "");
    if (largest < atol) ++without_influence;
  }
  return without_influence;
}

// Sets the number of threads to 1 while this object lives. The tests run thousands of tiny networks, for
// which a second thread costs more than it gains. The results do not depend on the number of threads:
// tests/kernels/test_threads.cpp.
struct OneThread {
  const int before = kernels::threads();
  OneThread() { kernels::set_threads(1); }
  ~OneThread() { kernels::set_threads(before); }
};

void check_gradients(const Function& f, const Inputs& inputs) { CHECK(compare_gradients(f, inputs) == 0); }

void check_conv3x3() {
  for (int stride : {1, 2}) {
    const Shape out = {2, 4 / stride, 6 / stride, 5};
    const Inputs x = {normal({2, 4, 6, 3}, 0), normal({3, 3, 3, 5}, 1), normal({5}, 2), normal({2, 5}, 3),
                      normal(out, 4)};
    INFO("stride ", stride);
    check_gradients([=](Tape& t, const Inputs& i) { return conv3x3(t, i[0], i[1], i[2], stride); },
                    {x[0], x[1], x[2]});
    check_gradients(
        [=](Tape& t, const Inputs& i) { return conv3x3(t, i[0], i[1], i[2], stride, i[3], i[4]); }, x);
  }
}

void check_matmul() {
  check_gradients([](Tape& t, const Inputs& i) { return matmul(t, i[0], i[1], i[2]); },
                  {normal({3, 5}, 0), normal({5, 7}, 1), normal({7}, 2)});
  check_gradients([](Tape& t, const Inputs& i) { return matmul(t, i[0], i[1], i[2], i[3]); },
                  {normal({2, 2, 3, 5}, 0), normal({5, 3}, 1), normal({3}, 2), normal({2, 2, 3, 3}, 3)});
}

void check_group_norm() {
  const Inputs x = {normal({2, 3, 2, 6}, 0), normal({6}, 1), normal({6}, 2)};
  for (const Activation activation : {Activation::none, Activation::swish})
    for (int groups : {1, 2, 3}) {
      INFO("swish ", activation == Activation::swish, ", groups ", groups);
      check_gradients(
          [=](Tape& t, const Inputs& i) { return group_norm(t, i[0], i[1], i[2], groups, activation); }, x);
    }
}

void check_attention() {
  const Shape shape = {2, 2, 3, 5};
  check_gradients([](Tape& t, const Inputs& i) { return attention(t, i[0], i[1], i[2]); },
                  {normal(shape, 0), normal(shape, 1), normal(shape, 2)});
}

void check_swish() {
  check_gradients([](Tape& t, const Inputs& i) { return swish(t, i[0]); }, {normal({3, 7}, 0)});
}

void check_dropout() {
  const Stream stream{1, purpose_test, 2, 0};
  for (double p : {0.0, 0.3})
    check_gradients([=](Tape& t, const Inputs& i) { return dropout(t, i[0], p, stream); },
                    {normal({3, 7, 2}, 0)});
}

void check_upsample() {
  check_gradients([](Tape& t, const Inputs& i) { return upsample(t, i[0]); }, {normal({2, 3, 2, 5}, 0)});
}

void check_concat() {
  check_gradients([](Tape& t, const Inputs& i) { return concat(t, i[0], i[1]); },
                  {normal({2, 3, 2, 5}, 0), normal({2, 3, 2, 3}, 1)});
  const Tensor constant = normal({2, 3, 2, 4}, 2);
  check_gradients([=](Tape& t, const Inputs& i) { return concat(t, i[0], constant); },
                  {normal({2, 3, 2, 5}, 0)});
  check_gradients([=](Tape& t, const Inputs& i) { return concat(t, constant, i[0]); },
                  {normal({2, 3, 2, 5}, 0)});
}

void check_mean_squared_error() {
  const Tensor y = normal({2, 3, 2, 1}, 1);
  check_gradients([=](Tape& t, const Inputs& i) { return mean_squared_error(t, i[0], y); },
                  {normal(y.shape(), 0)});
}

void check_mean() {
  check_gradients([](Tape& t, const Inputs& i) { return mean(t, i[0]); }, {normal({3, 2}, 0)});
}

void check_softmax_cross_entropy() {
  check_gradients(
      [](Tape& t, const Inputs& i) {
        return softmax_cross_entropy(t, i[0], {2, 0, 4});
      },
      {normal({3, 5}, 0)});
}

void no_derivative() {}  // time_embedding: its input, the time, is not trained

struct Row {
  std::string operation;
  void (*check)();
};
const Row table[] = {
    {"conv3x3", check_conv3x3},
    {"matmul", check_matmul},
    {"group_norm", check_group_norm},
    {"attention", check_attention},
    {"swish", check_swish},
    {"dropout", check_dropout},
    {"upsample", check_upsample},
    {"concat", check_concat},
    {"time_embedding", no_derivative},
    {"mean_squared_error", check_mean_squared_error},
    {"mean", check_mean},
    {"softmax_cross_entropy", check_softmax_cross_entropy},
};

}  // namespace

TEST_CASE("every operation's gradient agrees with finite differences") {
  const OneThread one_thread;
  for (const Row& row : table) {
    INFO(row.operation);
    row.check();
  }
}

TEST_CASE("every operation of tensor/ops.h has a row") {
  std::ifstream header("tensor/ops.h");
  REQUIRE_MESSAGE(header, "run the tests from the repository's root");
  std::set<std::string> declared, checked;
  for (std::string line; std::getline(header, line);) {
    std::smatch name;
    if (std::regex_search(line, name, std::regex(R"(^Tensor (\w+)\()"))) declared.insert(name[1]);
  }
  for (const Row& row : table) checked.insert(row.operation);
  CHECK(declared.size() >= 10);
  for (const std::string& name : declared) CHECK_MESSAGE(checked.count(name) == 1, name);
  for (const std::string& name : checked) CHECK_MESSAGE(declared.count(name) == 1, name);
}

// Compares a network of two levels, which has a downsample, an upsample, shortcuts, and blocks with and
// without attention. All weights are random: the initial values would hide layers that start at almost 0.
TEST_CASE("the whole U-Net's gradient agrees with finite differences") {
  const OneThread one_thread;
  for (double p : {0.0, 0.2}) {
    INFO("dropout ", p);
    const UnetConfig config{4, 1, 8, {1, 2}, 1, {false, true}, 4, p};
    Unet net(config);
    Inputs inputs = {normal({2, 4, 4, 1}, 500)};  // the image, then all weights
    for (const Parameter& parameter : net.parameters().all()) {
      const Tensor w = parameter.value;
      kernels::fill_normal(w.size(), {2, purpose_test, 0, uint32_t(inputs.size())}, w.data());
      const bool vector = parameter.layout == Layout::vector;
      const double terms = vector ? 4 : double(w.size() / w.shape().back());  // of the sum of an output
      kernels::scale(w.size(), 1 / std::sqrt(terms), w.data());
      inputs.push_back(w);
    }
    const Tensor t = Tensor::from({2}, {3, 700});
    const Stream noise{3, purpose_test, 0, 0};
    const Function f = [&](Tape& tape, const Inputs& i) {
      return net(tape, i[0], t, p > 0 ? &noise : nullptr);
    };
    // The bias of to_k adds the same number to all scores of a query. Softmax does not change, so that
    // this input of each of the four attention blocks does not influence the loss.
    CHECK(compare_gradients(f, inputs, p > 0 ? 4 : 8) == 4);
  }
}

}  // namespace ddpm::test

#endif
