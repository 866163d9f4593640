// Do drawn numbers have the law that a line asks for? Distributions are tested by
// Kolmogorov's and the chi-square test at 0.1 %, correlations by 4 standard errors
// (level 6e-5). Used by: tests/equations/algorithms.cpp.
#pragma once

#include "tests/equations/registry.h"

namespace ddpm::test::equations {

// Numbers that must be independent N(0, 1), also of their neighbours (the next dimension
// and the next image of two) and of `others`, number by number.
void is_noise(const std::vector<real>& z, const std::vector<real>& others, Worst&, const std::string& name);

// Every t of 1..T as often as any other: of the chi-square statistic with T − 1 = 5 degrees
// of freedom, both tails of 0.1 %: a fixed round is as suspicious as a missing t.
// False if a time is none of them.
bool is_uniform(const std::vector<int>& t, int T, Worst&);

// t as numbers of mean 0 and variance 1, one for each of an image's `dimensions`.
std::vector<real> standardized(const std::vector<int>& t, int T, int dimensions);

// The mean of a[i] b[i + shift], round the end.
double correlation(const std::vector<real>& a, const std::vector<real>& b, size_t shift);

}  // namespace ddpm::test::equations
