// Formulas that are wrong on purpose: each coefficient, index, square root and
// sign in turn. A check must fail on every one of them; on a control, the formula
// as the paper prints it, written out a second time, it must hold.
// Checked by: tests/equations/test_mutations.cpp.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "tests/equations/formulas.h"
#include "tests/equations/registry.h"

namespace equations {

struct Mutation {
  std::string of;    // a row's name
  std::string what;  // "as printed" for a control
  std::function<void(Formulas&)> apply;

  bool control() const { return what == "as printed"; }
};

std::vector<Mutation> step_mutations();       // Eq. (1), (2), (4), (6), (7), (11), (15)
std::vector<Mutation> loss_mutations();       // Eq. (8), (9), (10), (12)
std::vector<Mutation> training_mutations();   // Eq. (14), Algorithm 1
std::vector<Mutation> sampling_mutations();   // Algorithm 2
std::vector<Mutation> decoder_mutations();    // Eq. (13)
std::vector<Mutation> bound_mutations();      // Eq. (3), (5)
std::vector<Mutation> appendix_mutations();   // Eq. (16) to (26)
std::vector<Mutation> all_mutations();        // each list is in mutations_*.cpp

// How many mutations of a row there are, and how many its check fails on; survivors
// lists the others, one a line, with controls that fail and mutations that are the
// same as one before (the check sees the same values).
struct Kills {
  int mutations = 0, killed = 0, controls = 0;
  std::string survivors;
};
Kills kills(const std::string& name);

// The coefficients of one t, for writing a formula out: "before" is t − 1.
struct At {
  double beta, alpha, bar, noise, bar_before, noise_before;
  At(const Schedule& s, int t)
      : beta(s.beta[t]), alpha(s.alpha[t]), bar(s.alpha_bar[t]), noise(s.one_minus_alpha_bar[t]),
        bar_before(s.alpha_bar[t - 1]), noise_before(s.one_minus_alpha_bar[t - 1]) {}
};

// Formulas written out: of a time alone, and of a time and two, three or four
// numbers. c holds the coefficients; a mutation need not use all that it is given.
#define OF_TIME(...) \
  [](const Schedule& s, int t) { [[maybe_unused]] const At c(s, t); return __VA_ARGS__; }
#define OF_TWO(x, y, ...)                                                                    \
  [](const Schedule& s, int t, [[maybe_unused]] double x, [[maybe_unused]] double y) {       \
    [[maybe_unused]] const At c(s, t);                                                       \
    return __VA_ARGS__;                                                                      \
  }
#define OF_THREE(x, y, z, ...)                                                               \
  [](const Schedule& s, int t, [[maybe_unused]] double x, [[maybe_unused]] double y,         \
     [[maybe_unused]] double z) {                                                            \
    [[maybe_unused]] const At c(s, t);                                                       \
    return __VA_ARGS__;                                                                      \
  }
#define OF_FOUR(x, y, z, v, ...)                                                             \
  [](const Schedule& s, int t, [[maybe_unused]] double x, [[maybe_unused]] double y,         \
     [[maybe_unused]] double z, [[maybe_unused]] double v) {                                 \
    [[maybe_unused]] const At c(s, t);                                                       \
    return __VA_ARGS__;                                                                      \
  }
// One mutation: the formula `name` of Formulas becomes the function that follows.
#define MUTATION(number, name, what, ...) \
  { equation(number), what, [](Formulas& f) { f.name = __VA_ARGS__; } }

}  // namespace equations
