// See ddpm/diffusers/parameter_file.h. Checked by: tests/ddpm/diffusers/test_diffusers.cpp.
#include "ddpm/diffusers/parameter_file.h"

#include <algorithm>
#include <cmath>

#include "ddpm/formats/quote.h"
#include "ddpm/formats/shape.h"

namespace ddpm {

namespace {

// How many numbers a file may have. A training state has four for each parameter.
constexpr int64_t most_for_each = 8, most_besides = 1 << 20;

// Dimensions of a weight, which is (taps, in, out) in memory and (out, in, taps) in the file. The
// taps are the positions of a convolution's kernel: 9 for 3x3, else 1.
struct Sizes {
  int64_t taps, in, out;
};

Sizes sizes(const Parameter& p) {
  const Shape& shape = p.value.shape();
  if (p.layout == Layout::vector) return {1, 1, shape[0]};
  const int64_t in = shape[shape.size() - 2], out = shape.back();
  return {p.value.size() / (in * out), in, out};
}

// Returns the shape of the parameter in the file.
std::vector<int64_t> file_shape(const Parameter& p) {
  const auto [taps, in, out] = sizes(p);
  switch (p.layout) {
    case Layout::vector: return {out};
    case Layout::dense: return {out, in};
    case Layout::conv1x1: return {out, in, 1, 1};
    case Layout::conv3x3: return {out, in, 3, 3};
  }
  ENSURE(false, p.name);
  return {};
}

// Calls visit(index in memory, index in the file) for every element of the parameter.
template <typename Visit>
void for_each_element(const Parameter& p, Visit visit) {
  const auto [taps, in, out] = sizes(p);
  for (int64_t tap = 0; tap < taps; ++tap)
    for (int64_t i = 0; i < in; ++i)
      for (int64_t o = 0; o < out; ++o) visit((tap * in + i) * out + o, (o * in + i) * taps + tap);
}

}  // namespace

NamedArray to_array(const Parameter& like, const std::string& name, const Tensor& tensor) {
  ENSURE(tensor.shape() == like.value.shape(), name, to_string(tensor.shape()),
         to_string(like.value.shape()));
  NamedArray array{name, file_shape(like), std::vector<float>(size_t(tensor.size()))};
  const real* memory = tensor.data();
  for_each_element(like, [&](int64_t m, int64_t f) { array.data[size_t(f)] = float(memory[m]); });
  return array;
}

ArrayFile::ArrayFile(const std::string& path, const Parameters& parameters) : path_(path) {
  for (NamedArray& array : read_safetensors(path, most_for_each * parameters.count() + most_besides)) {
    std::string name = array.name;
    if (array.stored != "F32") halves_ = array.stored;
    arrays_.emplace(std::move(name), std::move(array));
  }
}

std::string ArrayFile::take_prefix_off(const std::string& name) {
  const auto ends_so = [&](const auto& entry) { return entry.first.ends_with("." + name); };
  const auto found = std::find_if(arrays_.begin(), arrays_.end(), ends_so);
  if (has(name) || found == arrays_.end()) return "";
  const std::string prefix = found->first.substr(0, found->first.size() - name.size());
  for (const auto& entry : arrays_)
    if (!entry.first.starts_with(prefix)) return "";
  std::map<std::string, NamedArray> renamed;
  for (auto& [old, array] : arrays_) renamed.emplace(old.substr(prefix.size()), std::move(array));
  arrays_ = std::move(renamed);
  return prefix;
}

NamedArray ArrayFile::take(const std::string& name) {
  const auto found = arrays_.find(name);
  if (found == arrays_.end()) fail(path_, ": the tensor ", name, " is missing");
  NamedArray array = std::move(found->second);
  arrays_.erase(found);
  return array;
}

void ArrayFile::load(const std::string& name, const Parameter& like, const Tensor& tensor) {
  const NamedArray array = take(name);
  if (array.shape != file_shape(like))
    fail(path_, ": the tensor ", name, " has shape ", shape_text(array.shape), ", this network needs ",
         shape_text(file_shape(like)));
  for (const float value : array.data)
    if (!std::isfinite(value)) fail(path_, ": the tensor ", name, " holds the value ", value);
  real* memory = tensor.data();
  for_each_element(like, [&](int64_t m, int64_t f) { memory[m] = array.data[size_t(f)]; });
}

void ArrayFile::expect_empty() const {
  if (!arrays_.empty())
    fail(path_, ": this network has no tensor ", quote(arrays_.begin()->first), " (", arrays_.size(),
         " tensors are left over)");
}

}  // namespace ddpm
