// The table of values, and their texts: see values.h.
#include "tests/documents/values.h"

#include <cmath>
#include <cstdio>
#include <functional>
#include <map>
#include <regex>

#include "ddpm/bound.h"
#include "ddpm/losses.h"
#include "ddpm/posterior.h"
#include "ddpm/run/presets.h"
#include "tensor/pool.h"

namespace ddpm::documents {

namespace {

const Schedule& paper() {
  static const Schedule schedule = make_schedule({});
  return schedule;
}

double mean_over_t(const std::function<double(int t)>& f) {
  double sum = 0;
  for (int t = 1; t <= paper().T; ++t) sum += f(t);
  return sum / paper().T;
}

double weight(int t) { return loss_weight(paper(), t, paper().beta[t]); }
double C_bits(int t) { return bits_per_dim(step_constant(paper(), t, paper().beta[t]), 1); }
double in_levels(double variance) { return 127.5 * std::sqrt(variance); }  // a standard deviation

// What is left of the loss if the network knows that x_0 ~ N(0, v), averaged over t.
double gaussian_floor(double v) {
  return mean_over_t([&](int t) {
    return paper().alpha_bar[t] * v / (paper().alpha_bar[t] * v + paper().one_minus_alpha_bar[t]);
  });
}

int half_t() {
  int t = 1;
  while (paper().alpha_bar[t] > 0.5) ++t;
  return t;
}

double weight_min() {
  double least = weight(1);
  for (int t = 2; t <= paper().T; ++t) least = std::min(least, weight(t));
  return least;
}

// The standard deviation of the weights over t, over their mean.
double weight_variation() {
  const double mean = mean_over_t(weight);
  return std::sqrt(mean_over_t([&](int t) { return (weight(t) - mean) * (weight(t) - mean); })) / mean;
}

// Values without an argument. Those of a schedule are the paper's.
const std::map<std::string, double (*)()>& constants() {
  static const std::map<std::string, double (*)()> table{
      // L_T in bits per dimension, for data of mean square 1 and 1/4.
      {"L_T_bits_unit", [] { return bits_per_dim(prior_nats_per_dim(paper(), 1), 1); }},
      {"L_T_bits_quarter", [] { return bits_per_dim(prior_nats_per_dim(paper(), 0.25), 1); }},
      {"half_t", [] { return double(half_t()); }},
      {"signal_percent_T_50", [] { return 100 * std::sqrt(make_schedule({.T = 50}).alpha_bar[50]); }},
      {"variance_without_shrinking",
       [] { return 1 + 1000 * mean_over_t([](int t) { return paper().beta[t]; }); }},
      // C of Eq. (8) with sigma_t^2 = beta_t, in bits per dimension.
      {"C_2_bits", [] { return C_bits(2); }},
      {"sum_C_bits", [] { return 1000 * mean_over_t([](int t) { return t > 1 ? C_bits(t) : 0.0; }); }},
      {"weight_min", weight_min},
      {"weight_mean", [] { return mean_over_t(weight); }},
      {"weight_variation", weight_variation},
      {"gaussian_floor_quarter", [] { return gaussian_floor(0.25); }},
      {"sigma_1_in_levels_beta", [] { return in_levels(paper().beta[1]); }},
      {"sigma_1_in_levels_posterior", [] { return in_levels(posterior_variance(paper(), 2)); }}};
  return table;
}

// Values of the paper's schedule at a step: "beta" stands for the names beta_T and beta_500.
const std::map<std::string, double (*)(int t)>& of_step() {
  static const std::map<std::string, double (*)(int t)> table{
      {"beta", [](int t) { return paper().beta[t]; }},
      {"alpha", [](int t) { return paper().alpha[t]; }},
      {"alpha_bar", [](int t) { return paper().alpha_bar[t]; }},
      {"one_minus_alpha_bar", [](int t) { return paper().one_minus_alpha_bar[t]; }},
      {"sqrt_alpha_bar", [](int t) { return std::sqrt(paper().alpha_bar[t]); }},
      {"sqrt_one_minus_alpha_bar", [](int t) { return std::sqrt(paper().one_minus_alpha_bar[t]); }},
      {"beta_tilde", [](int t) { return posterior_variance(paper(), t); }},
      {"beta_tilde_over_beta", [](int t) { return posterior_variance(paper(), t) / paper().beta[t]; }},
      // Factors of eps_theta: in x_0_hat nearly, in mu_theta exactly.
      {"amplification_at", [](int t) { return 1 / std::sqrt(paper().alpha_bar[t]); }},
      {"eps_factor_at",
       [](int t) { return paper().beta[t] / std::sqrt(paper().one_minus_alpha_bar[t] * paper().alpha[t]); }},
      {"weight", weight}};
  return table;
}

const std::map<std::string, double (*)(const RunOptions&)>& of_preset() {
  static const std::map<std::string, double (*)(const RunOptions&)> table{
      {"parameters",
       [](const RunOptions& preset) {
         const auto count = double(Unet(preset.network).parameters().count());
         pool_trim();
         return count;
       }},
      {"steps", [](const RunOptions& preset) { return double(preset.steps); }}};
  return table;
}

// "35746307" becomes "35,746,307"; digits behind a point stay.
std::string grouped(std::string digits) {
  for (auto at = std::ptrdiff_t(std::min(digits.find('.'), digits.size())) - 3; at > 0; at -= 3)
    if (digits[size_t(at) - 1] != '-') digits.insert(size_t(at), ",");
  return digits;
}

}  // namespace

double value(const std::string& name) {
  if (constants().count(name)) return constants().at(name)();
  const size_t last = name.rfind('_');
  if (last != name.npos) {
    const std::string base = name.substr(0, last), argument = name.substr(last + 1);
    const int number = std::regex_match(argument, std::regex("[0-9]{1,6}")) ? std::stoi(argument)
                       : argument == "T"                                    ? paper().T
                                                                            : 0;
    if (of_step().count(base) && 1 <= number && number <= paper().T) return of_step().at(base)(number);
    // The share of the first weights that the paper's average still has after so many steps.
    if (base == "ema_first_weights_after") return std::pow(find_preset("cifar10").train.ema_decay, number);
    if (of_preset().count(base)) return of_preset().at(base)(find_preset(argument));
  }
  fail("there is no value ", name, ": correct the name, or add it to tests/documents/values.cpp");
}

std::string value_text(double value, const std::string& like) {
  static const std::string minus = "\xE2\x88\x92";  // U+2212
  const size_t point = like.find('.'), exponent = like.find('e');
  const size_t end = std::min(exponent, like.size());
  const int digits = point == like.npos ? 0 : int(end - point - 1);
  char printed[64];
  std::snprintf(printed, sizeof printed, exponent == like.npos ? "%.*f" : "%.*e", digits, value);
  // C writes e-05 where most authors write e-5.
  std::string text = std::regex_replace(printed, std::regex("e\\+"), "e");
  if (!std::regex_search(like, std::regex("e.*0[0-9]$")))
    text = std::regex_replace(text, std::regex("e(-?)0*([0-9])"), "e$1$2");
  if (like.find(',') != like.npos) text = grouped(text);
  return like.find(minus) == like.npos ? text : std::regex_replace(text, std::regex("-"), minus);
}

std::string with_values(const Line& line, Complaints& complaints) {
  static const std::regex mark(
      "((?:-|\u2212)?[0-9][0-9,]*(?:\\.[0-9]+)?(?:e(?:-|\u2212)?[0-9]+)?)?<!-- value (\\S+) -->");
  std::string text;
  std::string::const_iterator done = line.text.begin();
  for (std::sregex_iterator it(done, line.text.end(), mark), end; it != end; ++it) {
    const std::string number = (*it)[1], name = (*it)[2];
    std::string now = number;
    try {
      if (number.empty()) fail("there is no number before the mark of the value ", name, ": write one");
      now = value_text(value(name), number);
    } catch (const Error& error) {
      complaints.push_back(at_line(line.number, error.what()));
    }
    text += std::string(done, (*it)[0].first) + now + it->str().substr(number.size());
    done = (*it)[0].second;
  }
  return text + std::string(done, line.text.end());
}

}  // namespace ddpm::documents
