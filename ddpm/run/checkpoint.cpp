// See ddpm/run/checkpoint.h. Checked by: tests/ddpm/run/test_resume.cpp.
#include "ddpm/run/checkpoint.h"

#include <cmath>
#include <filesystem>

#include "ddpm/diffusers/model.h"
#include "ddpm/diffusers/parameter_file.h"

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
  return int64_t(array.data[0]) * step_base + int64_t(array.data[1]);
}

}  // namespace

void save_state(const std::string& run, const TrainingState& state) {
  std::vector<NamedArray> arrays{step_array(state.step)};
  const std::vector<Parameter>& all = state.weights.all();
  for (size_t i = 0; i < all.size(); ++i) {
    arrays.push_back(to_array(all[i], raw + all[i].name, all[i].value));
    arrays.push_back(to_array(all[i], average + all[i].name, state.average.all()[i].value));
    arrays.push_back(to_array(all[i], adam_m + all[i].name, state.adam.m[i]));
    arrays.push_back(to_array(all[i], adam_v + all[i].name, state.adam.v[i]));
  }
  write_safetensors(state_path(run), arrays);
  write_weights(run, state.average);
}

bool load_state(const std::string& run, TrainingState& state) {
  const std::string path = state_path(run);
  if (!std::filesystem::exists(path)) return false;
  ArrayFile file(path);
  const int64_t step = step_of(file.take(step_name), path);
  const std::vector<Parameter>& all = state.weights.all();
  for (size_t i = 0; i < all.size(); ++i) {
    file.load(raw + all[i].name, all[i], all[i].value);
    file.load(average + all[i].name, all[i], state.average.all()[i].value);
    file.load(adam_m + all[i].name, all[i], state.adam.m[i]);
    file.load(adam_v + all[i].name, all[i], state.adam.v[i]);
  }
  file.expect_empty();
  state.step = step;
  return true;
}

void load_raw_weights(const std::string& run, const Parameters& weights) {
  const std::string path = state_path(run);
  if (!std::filesystem::exists(path))
    fail_for("no raw weights", run, " has no training state (", path, ") and so no raw weights");
  ArrayFile file(path);
  for (const Parameter& p : weights.all()) file.load(raw + p.name, p, p.value);
}

}  // namespace ddpm
