// Checks tensors (tensor/tensor.h): shapes, copies that share memory, and accumulation into a gradient.
#include <doctest/doctest.h>

#include "kernels/kernels.h"
#include "tensor/tensor.h"

namespace ddpm::test {

TEST_CASE("shape: its number of elements, its text, and sizes out of range") {
  CHECK(elements({}) == 1);
  CHECK(elements({2, 3, 4}) == 24);
  CHECK(to_string(Shape{64, 28, 28, 1}) == "(64, 28, 28, 1)");
  CHECK_THROWS_AS(elements({2, 0}), std::logic_error);
  CHECK_THROWS_AS(elements({-1}), std::logic_error);
  CHECK_THROWS_AS(elements({1 << 30, 1 << 30, 1 << 30}), std::logic_error);
}

TEST_CASE("tensor: copies share the elements and the gradient") {
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

TEST_CASE("tensor: without elements it has a shape, a size and no memory") {
  const Tensor shape = Tensor::without_elements({1 << 20, 1 << 20});
  CHECK_FALSE(shape);
  CHECK(shape.shape() == Shape{1 << 20, 1 << 20});
  CHECK(shape.size() == int64_t(1) << 40);
  CHECK(shape.data() == nullptr);
  CHECK_FALSE(shape.requires_grad());
}

TEST_CASE("gradient: its accumulator is fresh while it is empty") {
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

TEST_CASE("gradient: take_or_add takes over the other's buffer if it is empty, else adds") {
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

// Whether x[0], and *x, compile for an x of type T.
template <typename T>
constexpr bool can_be_indexed = requires(T x) {
  x[0];
};
template <typename T>
constexpr bool can_be_dereferenced = requires(T x) {
  *x;
};

TEST_CASE("gradient: host code cannot read what a kernel gets") {
  CHECK(can_be_indexed<const real*>);
  CHECK_FALSE(can_be_indexed<KernelInput>);
  CHECK_FALSE(can_be_dereferenced<KernelInput>);
  CHECK_FALSE(can_be_indexed<Accumulator>);
}

}  // namespace ddpm::test
