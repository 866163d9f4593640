// The functions that the equations' checks test, as one struct of values: a
// check takes a Formulas, and the mutations (mutations.cpp) pass one in which a
// formula is wrong on purpose. Functions of tensors are lifted to numbers.
// Rules: double build only. A formula's name is the token that calls it.
// Checked by: tests/equations/test_mutations.cpp.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "ddpm/bound.h"
#include "ddpm/decoder.h"
#include "ddpm/forward.h"
#include "ddpm/posterior.h"
#include "ddpm/reverse.h"
#include "ddpm/sample.h"
#include "ddpm/step_loss.h"
#include "ddpm/train.h"

namespace equations {

static_assert(sizeof(real) == 8, "the equations are checked in double");

// Which formulas were called since the set was last cleared, by name.
std::set<std::string>& called();

// A named function that can be replaced.
template <typename Signature>
class Formula {
 public:
  Formula(const char* name, std::function<Signature> function) : name_(name), function_(function) {}
  Formula& operator=(std::function<Signature> other) { return function_ = std::move(other), *this; }

  template <typename... A>
  decltype(auto) operator()(A&&... arguments) const {
    if (!noted_) called().insert(name_), noted_ = true;
    return function_(std::forward<A>(arguments)...);
  }

 private:
  std::string name_;
  std::function<Signature> function_;
  mutable bool noted_ = false;
};

// How a function of tensors is asked about numbers: a (1, 1) tensor for a
// Tensor, a single time for a list of times; everything else as it is.
inline Tensor number(double x) { return Tensor::from({1, 1}, {x}); }
template <typename P>
struct Argument {
  using plain = P;
  static P lifted(P x) { return x; }
};
template <>
struct Argument<const Tensor&> {
  using plain = double;
  static Tensor lifted(double x) { return number(x); }
};
template <>
struct Argument<const std::vector<int>&> {
  using plain = int;
  static std::vector<int> lifted(int t) { return {t}; }
};
inline double plain_result(const Tensor& y) { return y.data()[0]; }
inline double plain_result(const PerImage& y) { return y[0]; }
inline double plain_result(double y) { return y; }

template <typename Function>
struct Lifted;
template <typename R, typename... P>
struct Lifted<R(P...)> {
  using type = double(typename Argument<P>::plain...);
  static std::function<type> of(R (*f)(P...)) {
    return [f](typename Argument<P>::plain... x) { return plain_result(f(Argument<P>::lifted(x)...)); };
  }
};

struct Setting;  // lines.h
struct Path;
double line_17(const Path&), line_18(const Path&), line_19(const Path&), line_20(const Path&);
double line_21(const Path&), line_24(const Path&), line_25(const Path&);
double line_16(const Setting&), line_22(const Setting&);

// FORMULA(f): f as it is. LIFTED(f): f, asked about numbers. OF_SCHEDULE(f): a
// member of Schedule, called as f(schedule, t).
#define FORMULA(f) Formula<decltype(::f)> f{#f, ::f}
#define LIFTED(f) Formula<Lifted<decltype(::f)>::type> f{#f, Lifted<decltype(::f)>::of(::f)}
#define OF_SCHEDULE(f) Formula<double(const Schedule&, int)> f{"Schedule::" #f, std::mem_fn(&Schedule::f)}
#define LINE(f, Of) Formula<double(const Of&)> f{#f, equations::f}

using SimpleLoss = Tensor(Tape&, const NoisePredictor&, const Schedule&, const Tensor&,
                          const std::vector<int>&, const Tensor&, std::vector<double>*);

using TrainStep = StepReport(const TrainConfig&, const Schedule&, const DrawImages&, int64_t,
                             const NoisePredictor&, const Parameters&, Adam&, Parameters&);
using Sample = Tensor(const NoisePredictor&, const Shape&, const Schedule&, ReverseConfig, uint64_t,
                      int64_t, int, const SampleProgress&);

struct Formulas {
  Formula<Schedule(const std::vector<double>&)> tables{
      "Schedule::Schedule", [](const std::vector<double>& betas) { return Schedule(betas); }};
  LIFTED(forward_step);
  LIFTED(forward_log_density);
  LIFTED(q_sample);
  LIFTED(posterior_mean);
  OF_SCHEDULE(posterior_variance);
  OF_SCHEDULE(posterior_coef_x0);
  OF_SCHEDULE(posterior_coef_xt);
  LIFTED(posterior_log_density);
  LIFTED(reverse_mean);
  LIFTED(prior_log_density);
  LIFTED(reverse_log_density);
  LIFTED(predict_x0);
  LIFTED(step_term);
  LIFTED(step_constant);
  LIFTED(step_loss_posterior);
  LIFTED(step_loss_reparametrised);
  LIFTED(step_loss_target);
  LIFTED(step_loss_noise);
  OF_SCHEDULE(loss_weight);
  LIFTED(prior_term);
  Formula<double(const Schedule&, double)> prior_bits_per_dim{
      "Schedule::prior_bits_per_dim", std::mem_fn(&Schedule::prior_bits_per_dim)};
  FORMULA(log_level_probability);
  FORMULA(decoder_log_likelihood);
  FORMULA(reverse_variances);
  FORMULA(path_bound);
  FORMULA(variational_bound);
  Formula<SimpleLoss> simple_loss{"simple_loss", static_cast<SimpleLoss*>(::simple_loss)};
  Formula<TrainStep> train_step{"train_step", static_cast<TrainStep*>(::train_step)};
  Formula<Sample> sample{"sample", static_cast<Sample*>(::sample)};
  LINE(line_16, Setting);
  LINE(line_17, Path);
  LINE(line_18, Path);
  LINE(line_19, Path);
  LINE(line_20, Path);
  LINE(line_21, Path);
  LINE(line_22, Setting);
  LINE(line_24, Path);
  LINE(line_25, Path);
};

#undef FORMULA
#undef LIFTED
#undef OF_SCHEDULE
#undef LINE

}  // namespace equations
