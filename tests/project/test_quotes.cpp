// What `make walkthrough` quotes: functions, formulas, outputs, values and line numbers, on doctored text.
#include <doctest/doctest.h>

#include <cmath>

#include "tests/documents/contents.h"
#include "tests/documents/quote.h"
#include "tests/documents/values.h"
#include "tests/support/near.h"
#include "tests/support/scratch.h"
#include "tests/support/source.h"

namespace ddpm::test {

using namespace documents;

namespace {

const std::string source = R"(// The head.

int f(int a);
// Doubles a.
// Really.
int f(int a) {
  if (a) {
    g(a);
  }
  return 2 * a;
}
int one() { return 1; }
template <typename T>
T A::f(T a,
       T b) {
  return a + b;
}
void h(int x) {}
void h(double x) {}
struct S;
// A struct.
struct S {
  int g() { return 0; }
  // Waits.
  void wait(
      int s) {
    while (s) --s;
  }
};
)";

std::string block(const std::string& head, const std::string& content) {
  return "\n<!-- " + head + " -->\n" + content + "<!-- end -->\n";
}

// The page as make walkthrough writes it, which must be up to date then.
std::string written(const std::string& page) {
  const Rewritten result = rewritten(page, "");
  CHECK(joined(result.complaints) == "");
  CHECK(joined(stale_complaints(result.text, "")) == "");
  return result.text;
}

}  // namespace

TEST_CASE("quotes: a function is quoted from the comment above it to its closing brace") {
  CHECK(function_text(source, "f") ==
        "// Doubles a.\n// Really.\nint f(int a) {\n  if (a) {\n    g(a);\n  }\n"
        "  return 2 * a;\n}\n");
  CHECK(function_line(source, "f") == 6);
  CHECK(function_text(source, "one") == "int one() { return 1; }\n");
  CHECK(function_text(source, "A::f") ==
        "template <typename T>\nT A::f(T a,\n       T b) {\n  return a + b;\n}\n");
  CHECK(function_text(source, "S") == source.substr(source.find("// A struct.")));
  CHECK(function_text(source, "S::g") == "  int g() { return 0; }\n");
  CHECK(function_text(source, "S::wait") ==
        "  // Waits.\n  void wait(\n      int s) {\n    while (s) --s;\n  }\n");
  CHECK(function_text(source, "h#2") == "void h(double x) {}\n");
}

TEST_CASE("quotes: a function that is not there, or one of several, is named") {
  CHECK(error_of([] { function_text(source, "nothing"); }) == "the file has no nothing");
  CHECK(error_of([] { function_text(source, "g"); }) == "the file has no g");
  CHECK(error_of([] { function_text(source, "h"); }) == "the file has 2 of h: choose one, h#1 to #2");
  CHECK(error_of([] { function_text(source, "h#3"); }) == "the file has only 2 of h");
}

TEST_CASE("quotes: functions of the code are found") {
  CHECK(function_text(read_source("ddpm/forward.cpp"), "q_sample").find("// Eq. (4):") != std::string::npos);
  for (const std::string argument :
       {"ddpm/sample.cpp sample", "ddpm/train.cpp train", "nn/unet.cpp Unet::operator()",
        "ddpm/schedule.cpp Schedule::Schedule", "tensor/tape.h Tape", "ddpm/bound.cpp variational_bound",
        "nn/blocks.cpp ResidualBlock::operator()", "kernels/cpu/tile.h multiply_add"}) {
    INFO(argument);
    CHECK(contains(written(block("code " + argument, "")), "}"));
  }
}

TEST_CASE("quotes: code is written and compared byte for byte") {
  const std::string head = "code ddpm/forward.cpp q_sample", page = written(block(head, ""));
  CHECK(page ==
        block(head, "```cpp\n" + function_text(read_source("ddpm/forward.cpp"), "q_sample") + "```\n"));
  std::string changed = page;
  changed.replace(changed.find("sqrt("), 5, "sqr(");
  const Complaints wrong = stale_complaints(changed, "");
  REQUIRE(wrong.size() == 1);
  CHECK(contains(wrong[0],
                 "line 2: the block \"" + head + "\" is not up to date: run make walkthrough; it holds \""));
  CHECK(joined(stale_complaints(block("code ddpm/forward.cpp q_simple", "x\n"), "")) ==
        "line 2: the block \"code ddpm/forward.cpp q_simple\": ddpm/forward.cpp: the file has no q_simple\n");
  CHECK(joined(stale_complaints(block("code ddpm/for.cpp q_sample", "x\n"), "")) ==
        "line 2: the block \"code ddpm/for.cpp q_sample\": there is no file ddpm/for.cpp: name one\n");
}

TEST_CASE("quotes: a formula is that of its mark, white space aside") {
  CHECK(formula_text("Eq. (4)") == "x_t = sqrt(alpha_bar_t) x_0 + sqrt(1 - alpha_bar_t) eps\n");
  CHECK(formula_text("Eq. (7) posterior_variance") ==
        "beta_tilde_t = (1 - alpha_bar_{t-1}) / (1 - alpha_bar_t) beta_t\n");
  CHECK(contains(formula_text("Algorithm 1, line 5"), "take a gradient descent step on\n"));
  CHECK(contains(formula_text("Eq. (7) posterior_coefficients"), "\n"));
  CHECK(contains(formula_text("Eq. (16)"), "\n+ H(x_0)\n"));
  const std::string head = "formula Eq. (4)";
  const std::string good =
      block(head, "```\nx_t   = sqrt(alpha_bar_t) x_0\n      + sqrt(1 - alpha_bar_t) eps\n```\n");
  CHECK(written(good) == good);
  std::string changed = good;
  changed.replace(changed.find("+ sqrt"), 6, "- sqrt");
  const Complaints wrong = stale_complaints(changed, "");
  REQUIRE(wrong.size() == 1);
  CHECK(contains(wrong[0], "line 2: the block \"formula Eq. (4)\" is not up to date: run make walkthrough"));
}

TEST_CASE("quotes: a formula that is not there, or one of several, is named") {
  CHECK(contains(error_of([] { formula_text("Eq. (99)"); }), "has no Eq. (99)"));
  CHECK(contains(error_of([] { formula_text("Equation 7"); }), "\"Equation 7\" is no mark"));
  CHECK(error_of([] { formula_text("Eq. (7)"); }) ==
        "the code (posterior_coefficients posterior_variance) has 2 of Eq. (7): choose one, Eq. (7)#1 to #2");
}

TEST_CASE("quotes: an output is what the command prints") {
  const std::string head = "output build/ddpm --help | head -1";
  const std::string page =
      block(head, "```\nDenoising Diffusion Probabilistic Models (Ho, Jain, Abbeel 2020)\n```\n");
  if (!std::filesystem::exists("build/ddpm")) return;
  CHECK(written(page) == page);
  CHECK(written(block(head, "")) == page);
  CHECK(contains(joined(stale_complaints(block(head, "```\nsomething\n```\n"), "")), "run make walkthrough"));
  CHECK(contains(joined(stale_complaints(block("output build/ddpm schedule --Y 1", ""), "")),
                 "line 2: the block \"output build/ddpm schedule --Y 1\": there is no option \"--Y\""));
  CHECK(contains(joined(stale_complaints(block("output build/ddpm schedule | false", ""), "")), "failed"));
}

TEST_CASE("quotes: values have the form of the number that stands there") {
  CHECK(value_text(35746307, "1,000") == "35,746,307");
  CHECK(value_text(999, "1,000") == "999");
  CHECK(value_text(1234567.25, "1,000.0") == "1,234,567.2");
  CHECK(value_text(0.00636, "0.0064") == "0.0064");
  CHECK(value_text(4.0358e-5, "3.0e-5") == "4.0e-5");
  CHECK(value_text(4.0358e-5, "3e\u22125") == "4e\u22125");
  CHECK(value_text(4.0358e-5, "3.00e-05") == "4.04e-05");
  CHECK(value_text(1e10, "2e9") == "1e10");
  CHECK(value_text(-1.5, "\u22122.0") == "\u22121.5");
  CHECK(value_text(157.4, "1") == "157");
}

TEST_CASE("quotes: values are those of the paper") {
  CHECK(near(value("alpha_bar_T"), 4.04e-5, 0.005e-5));
  CHECK(value("beta_1") == 1e-4);
  CHECK(value("beta_T") == 0.02);
  CHECK(near(value("amplification_at_T"), 157, 1));
  CHECK(near(value("sqrt_alpha_bar_T"), 1 / value("amplification_at_T"), 1e-12));
  CHECK(near(std::pow(value("sqrt_one_minus_alpha_bar_500"), 2), value("one_minus_alpha_bar_500"), 1e-12));
  CHECK(near(value("sigma_1_in_levels_beta"), 1.275, 1e-12));
  CHECK(near(value("sigma_1_in_levels_posterior"), 0.94, 0.005));
  CHECK(near(value("variance_without_shrinking"), 1 + 1000 * (1e-4 + 0.02) / 2, 1e-9));
  CHECK(value("weight_1") == 1e-8 / (2 * 1e-4 * (1 - 1e-4) * 1e-4));
  CHECK(value("weight_min") < value("weight_T"));
  CHECK(value("weight_min") < value("weight_mean"));
  CHECK(near(value("ema_first_weights_after_1000"), std::pow(0.9999, 1000), 1e-12));
  CHECK(value("alpha_bar_259") > 0.5);
  CHECK(value("half_t") == 260);
  CHECK(value("parameters_cifar10") == 35746307);
  CHECK(value("steps_cifar10") == 800000);
  CHECK(near(std::log10(value("L_T_bits_unit")), -5, 0.6));
  CHECK(near(std::log10(value("L_T_bits_quarter")), -5, 0.6));
  for (const std::string name :
       {"alpha_bar", "alpha_bar_0", "alpha_bar_1001", "gamma_T", "_T", "parameters_none", "T"})
    CHECK_MESSAGE(error_of([&] { value(name); }) != "no error", name);
}

TEST_CASE("quotes: a changed digit of a value is named and written again") {
  const std::string good =
      "a\nis 157<!-- value amplification_at_T -->, and 35,746,307<!-- value parameters_cifar10 -->.\n";
  CHECK(written(good) == good);
  std::string changed = good;
  changed.replace(changed.find("746"), 3, "745");
  CHECK(written(changed) == good);
  const Complaints wrong = stale_complaints(changed, "");
  REQUIRE(wrong.size() == 1);
  CHECK(contains(wrong[0], "line 2: a number is not up to date: run make walkthrough; it holds \""));
  CHECK(contains(joined(stale_complaints("1<!-- value gamma_T -->\n", "")),
                 "line 1: there is no value gamma_T: correct the name"));
  CHECK(joined(stale_complaints("x<!-- value beta_T -->\n", "")) ==
        "line 1: there is no number before the mark of the value beta_T: write one\n");
}

TEST_CASE("quotes: the line numbers of links to functions are written") {
  const std::string line = std::to_string(function_line(read_source("ddpm/forward.cpp"), "q_sample"));
  const std::string good = "x [`q_sample`](ddpm/forward.cpp#L" + line + ").\n",
                    stale = "x [`q_sample`](ddpm/forward.cpp#L1).\n";
  CHECK(written(good) == good);
  CHECK(written(stale) == good);
  CHECK(contains(joined(stale_complaints(stale, "")),
                 "line 1: a number is not up to date: run make walkthrough"));
  CHECK(contains(joined(stale_complaints("[`q`](ddpm/forward.cpp#L1)\n", "")), "the file has no q"));
  CHECK(rewritten("[`q_sample`](../ddpm/forward.cpp#L1)\n", "kernels/").text ==
        "[`q_sample`](../ddpm/forward.cpp#L" + line + ")\n");
}

}  // namespace ddpm::test
