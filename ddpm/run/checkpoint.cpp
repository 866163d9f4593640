// See ddpm/run/checkpoint.h. Checked by: tests/ddpm/run/test_resume.cpp, tests/ddpm/run/test_damage.cpp.
#include "ddpm/run/checkpoint.h"

#include <cmath>
#include <filesystem>
#include <limits>

#include "ddpm/diffusers/model.h"
#include "ddpm/diffusers/parameter_file.h"
#include "ddpm/formats/file.h"

namespace ddpm {

namespace {

const std::string raw = "raw.", average = "average.", adam_m = "adam_m.", adam_v = "adam_v.";
const std::string step_name = "step";

std::string state_path(const std::string& run) { return run + "/training/state.safetensors"; }

// A float holds integers below 2^24 exactly, so the step is stored as two base-2^24 digits.
constexpr int64_t step_base = int64_t(1) << 24;

NamedArray step_array(int64_t step) {
  ENSURE(0 <= step && step < step_base * step_base, step);
  return {step_name, {2}, {float(step / step_base), float(step % step_base)}};
}

int64_t step_of(const NamedArray& array, const std::string& path) {
  bool good = array.data.size() == 2;
  for (const float digit : array.data)
    good = good && digit >= 0 && digit < float(step_base) && digit == std::floor(digit);
  if (!good) fail(path, ": the tensor ", step_name, " is damaged");
  const int64_t step = int64_t(array.data[0]) * step_base + int64_t(array.data[1]);
  if (step > max_step) fail(path, ": the step is ", step, ", expected at most ", max_step);
  return step;
}

// Throws Error unless all numbers of one of Adam's moments lie between lowest and highest.
void expect_between(real lowest, real highest, const Tensor& moment, const std::string& where, int64_t step) {
  for (int64_t i = 0; i < moment.size(); ++i) {
    const real value = moment.data()[i];
    if (value < lowest)
      fail(where, " holds the value ", value, ", expected none below ", lowest, " at step ", step);
    if (value > highest)
      fail(where, " holds the value ", value, ", expected none above ", highest, " at step ", step);
  }
}

// Throws Error unless |m| is at most what v allows. With w_i = (1 - beta1) beta1^(t-i) and
// u_i = (1 - beta2) beta2^(t-i), m_t = sum_i w_i g_i and v_t = sum_i u_i g_i^2, so that
// m^2 <= v sum_i w_i^2 / u_i (Cauchy, Schwarz): |m| <= 7.27 sqrt(v). The rest of the bound is for rounding.
void expect_bounded(const Tensor& m, const Tensor& v, const std::string& where) {
  const AdamConfig betas;
  const double w = 1 - betas.beta1, u = 1 - betas.beta2, ratio = betas.beta1 * betas.beta1 / betas.beta2;
  const double most = 1.01 * w / std::sqrt(u * (1 - ratio));
  for (int64_t i = 0; i < m.size(); ++i)
    if (!(std::abs(m.data()[i]) <= most * std::sqrt(double(v.data()[i])) + 1e-15))
      fail(where, " holds the value ", m.data()[i], ", too large beside ", v.data()[i], " in ", adam_v);
}

// Throws Error unless the moments can be those of the state's step: both are 0 at step 0, the second, a mean
// of squares, is never negative, and bounds the first.
void expect_possible_moments(const TrainingState& state, const std::string& path) {
  const bool begun = state.step > 0;
  const real least = begun ? std::numeric_limits<real>::lowest() : 0;
  const real most = begun ? std::numeric_limits<real>::max() : 0;
  const std::vector<Parameter>& all = state.weights.all();
  for (size_t i = 0; i < all.size(); ++i) {
    const std::string tensor = path + ": the tensor ", &name = all[i].name;
    expect_between(least, most, state.adam.m[i], tensor + adam_m + name, state.step);
    expect_between(0, most, state.adam.v[i], tensor + adam_v + name, state.step);
    expect_bounded(state.adam.m[i], state.adam.v[i], tensor + adam_m + name);
  }
}

void expect_finite(const std::vector<NamedArray>& arrays, int64_t step) {
  for (const NamedArray& array : arrays)
    for (const float value : array.data)
      if (!std::isfinite(value))
        fail_for("diverged", "the tensor ", array.name, " is not finite after step ", step);
}

}  // namespace

void try_to_save(const std::string& run) { try_to_write(state_path(run)); }

void save_state(const std::string& run, const TrainingState& state) {
  std::vector<NamedArray> arrays{step_array(state.step)};
  const std::vector<Parameter>& all = state.weights.all();
  for (size_t i = 0; i < all.size(); ++i) {
    arrays.push_back(to_array(all[i], raw + all[i].name, all[i].value));
    arrays.push_back(to_array(all[i], average + all[i].name, state.average.all()[i].value));
    arrays.push_back(to_array(all[i], adam_m + all[i].name, state.adam.m[i]));
    arrays.push_back(to_array(all[i], adam_v + all[i].name, state.adam.v[i]));
  }
  expect_finite(arrays, state.step);
  write_safetensors(state_path(run), arrays);
  write_weights(run, state.average);
}

bool load_state(const std::string& run, TrainingState& state) {
  const std::string path = state_path(run);
  if (!std::filesystem::exists(std::filesystem::symlink_status(path))) return false;
  ArrayFile file(path, state.weights);
  state.step = step_of(file.take(step_name), path);
  const std::vector<Parameter>& all = state.weights.all();
  for (size_t i = 0; i < all.size(); ++i) {
    file.load(raw + all[i].name, all[i], all[i].value);
    file.load(average + all[i].name, all[i], state.average.all()[i].value);
    file.load(adam_m + all[i].name, all[i], state.adam.m[i]);
    file.load(adam_v + all[i].name, all[i], state.adam.v[i]);
  }
  file.expect_empty();
  expect_possible_moments(state, path);
  return true;
}

void load_raw_weights(const std::string& run, const Parameters& weights) {
  const std::string path = state_path(run);
  if (!std::filesystem::exists(path))
    fail_for("no raw weights", run, " has no training state (", path, ") and so no raw weights");
  ArrayFile file(path, weights);
  for (const Parameter& p : weights.all()) file.load(raw + p.name, p, p.value);
}

}  // namespace ddpm
