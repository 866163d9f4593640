// Checks each operation's derivative against finite differences, for every element of every input; how, and
// with which tolerance, tells tests/support/gradients.h.
//
// To add an operation, write its function check_NAME() and its row {"NAME", check_NAME} in the table below.
// A case fails while an operation of tensor/ops.h has no row. The last case takes a whole U-Net as op.
// A gradient worked by hand: tests/tensor/test_tape.cpp.
#include <doctest/doctest.h>

#ifdef REAL_DOUBLE

#include <cmath>
#include <fstream>
#include <regex>
#include <set>

#include "nn/unet.h"
#include "tests/support/gradients.h"
#include "tests/support/normal.h"
#include "tests/support/threads.h"
#include "tests/support/tiny.h"

namespace ddpm::test {
namespace {

void check_gradients(const Operation& op, const Inputs& inputs) { CHECK(compare_gradients(op, inputs) == 0); }

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
  const Inputs x = {normal({2, 4, 6, 3}, 0), normal({3, 3, 3, 5}, 1), normal({5}, 2)};
  check_gradients(
      [](Tape& t, const Inputs& i) { return conv3x3(t, i[0], i[1], i[2], 2, {}, {}, Padding::symmetric); },
      x);
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
      for (const double epsilon : {1e-6, 0.1})
        check_gradients(
            [=](Tape& t, const Inputs& i) {
              return group_norm(t, i[0], i[1], i[2], groups, epsilon, activation);
            },
            x);
    }
}

void check_attention() {
  const Shape shape = {2, 2, 3, 5};
  check_gradients([](Tape& t, const Inputs& i) { return attention(t, i[0], i[1], i[2]); },
                  {normal(shape, 0), normal(shape, 1), normal(shape, 2)});
  const Shape wide = {2, 2, 3, 6};
  for (const int heads : {2, 3, 6})
    check_gradients([=](Tape& t, const Inputs& i) { return attention(t, i[0], i[1], i[2], heads); },
                    {normal(wide, 0), normal(wide, 1), normal(wide, 2)});
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

// One thread is faster for networks as small as these.
TEST_CASE("gradients: every operation's agree with finite differences") {
  const UseThreads one_thread(1);
  for (const Row& row : table) {
    INFO(row.operation);
    row.check();
  }
}

TEST_CASE("gradients: every operation of tensor/ops.h has a row") {
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

// The network has two levels: a downsample, an upsample, shortcuts, and blocks with and without attention.
// All weights are random, because the initial values would hide the layers that start at almost 0.
void check_unet(const UnetConfig& config, int64_t at_most) {
  Unet net(config);
  Inputs inputs = {normal({2, 4, 4, 1}, 500)};  // the image, then all weights
  for (const Parameter& parameter : net.parameters().all()) {
    const Tensor w = parameter.value;
    kernels::fill_normal(w.size(), {2, purpose_test, 0, uint32_t(inputs.size())}, w.data());
    const bool vector = parameter.layout == Layout::vector;
    const double terms = vector ? 4 : double(w.size() / w.shape().back());  // of the sum for one output
    kernels::scale(w.size(), 1 / std::sqrt(terms), w.data());
    inputs.push_back(w);
  }
  const Tensor t = Tensor::from({2}, {3, 700});
  const Stream dropout_stream{3, purpose_test, 0, 0};
  const Operation unet = [&](Tape& tape, const Inputs& i) {
    return net(tape, i[0], t, config.dropout > 0 ? &dropout_stream : nullptr);
  };
  // In each of the four attention blocks, one input does not influence f: the bias of to_k adds the same
  // number to all scores of a query, which does not change their softmax.
  CHECK(compare_gradients(unet, inputs, at_most) == 4);
}

TEST_CASE("gradients: those of a whole U-Net agree with finite differences") {
  const UseThreads one_thread(1);
  check_unet(small_config(4), 8);
  UnetConfig dropping = small_config(4);
  dropping.dropout = 0.2;
  check_unet(dropping, 4);
}

TEST_CASE("gradients: those of a whole U-Net with the defaults of diffusers, too") {
  const UseThreads one_thread(1);
  check_unet(with_library_defaults(small_config(4)), 8);
}

}  // namespace ddpm::test

#endif
