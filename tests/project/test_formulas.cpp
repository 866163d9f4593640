// Compares each formula in a mark of ddpm/, `Eq. (n):  formula` or `Algorithm n, line k:  formula`, with the
// code below it: the code must have an identifier for every symbol of the formula, and the formula a symbol
// for every operation of the code.
#include <doctest/doctest.h>

#include "tests/support/marks.h"

namespace ddpm::test {

namespace {

// A symbol of the formulas, and its identifier in the code. Longer symbols come first.
struct Symbol {
  std::string in_formula, in_code;  // regular expressions
};
const std::vector<Symbol> symbols{
    // Control flow of the algorithms.
    {R"(\brepeat\b)", R"(\bdo \{)"},
    {R"(\buntil converged\b)", R"(\} while \(!callbacks\.converged\(\)\))"},
    {R"(\bfor t = T, \.\.\., 1 do\b)", R"(for \(int t = schedule\.T; t >= 1; --t\))"},
    {R"(\bend for\b)", R"(\})"},
    {R"(\breturn x_0\b)", R"(return x_t)"},
    // Whole terms that a function or a loop computes.
    {R"(L_T \+ sum_\{t > 1\} L_\{t-1\} \+ L_0)", R"(bound\.L\[T\] = prior_term.*for \(int t = T; t >= 1)"},
    {R"(sum_\{t >= 1\})", R"(for \(int t = 1; t <= T; \+\+t\))"},
    {R"(sqrt\(alpha_bar_t\) x_0 \+ sqrt\(1 - alpha_bar_t\) eps, t)", R"(q_sample\(schedule, t, x_0, eps\))"},
    {R"(\|\| eps - eps_theta\((x_t, t\))?)",
     R"(squared_distance\(eps, eps_hat|mean_squared_error|loss\(tape, eps_theta)"},
    {R"(eps_theta\(x_t, t\))", R"(\beps_hat\b)"},
    {R"(^ (x_t|weight_t|x_0_hat|mu_theta|mu_tilde_t|beta_tilde_t) =)", R"(return)"},
    {R"(^ L_simple =)", R"(losses\.on_tape =)"},
    {R"(log p_theta\(x_\{t-1\} \| x_t\) / q\(x_t \| x_\{t-1\}\))", R"(log_p - log_q)"},
    {R"(KL\(q\(x_\{t-1\} \| x_t, x_0\) \|\| p_theta\(x_\{t-1\} \| x_t\)\))",
     R"(step_loss_posterior|step_term)"},
    {R"(KL\(q\(x_T \| x_0\) \|\| p\(x_T\)\))", R"(mean_square)"},  // the next line of the comment
    {R"(log p_theta\(x_0 \| x_1\))", R"(decoder_log_likelihood|log_level_probability)"},
    {R"(log p\(x_T\))", R"(prior_log_density)"},
    {R"(p\(x_T\) =)", R"(x_T)"},
    {R"(p_theta\(x_\{t-1\} \| x_t\) =)", R"(x_prev)"},
    {R"(q\(x_t \| x_\{t-1\}\) =)", R"(x_t)"},
    {R"(q\(x_\{t-1\} \| x_t, x_0\) =)", R"(x_prev)"},
    {R"(N\(x_T; 0, I\))", R"(log_standard_normal\(x_T\))"},
    {R"(integral of N\(x; mu_theta, sigma_1\^2\))", R"(log_interval)"},
    {R"(~ N\(0, I\))", R"(standard_normal)"},
    {R"(~ Uniform\(\{1, \.\.\., T\}\))", R"(draw_times\(.*schedule\.T\))"},
    {R"(~ q\(x_0\))", R"(draw_x_0)"},
    {R"(N\()", R"(log_normal)"},
    {R"(L_T\b)", R"(prior_term|alpha_bar)"},
    {R"(L_\{t-1\}( - C)?)", R"(L\[t - 1\]|step_loss|squared_distance)"},
    {R"(L_0)", R"(L\[t - 1\])"},
    {R"(\bL =)", R"(bound)"},
    {R"(grad_theta)", R"(backward)"},
    {R"(mean\(x_0\^2\))", R"(mean_square)"},
    {R"(delta_-\(x\) = -infinity if x = -1, else x - 1/255)",
     R"(byte == 0\) return log_upper_tail\(-m - h\))"},
    {R"(delta_\+\(x\) = infinity if x = 1, else x \+ 1/255)",
     R"(byte == 255\) return log_upper_tail\(m - h\))"},
    {R"(from delta_-\(x_0\) to delta_\+\(x_0\))", R"(log_interval)"},
    // Letters.
    {R"(1 - alpha_bar_\{t-1\})", R"(one_minus_alpha_bar\[t - 1\])"},
    {R"(1 - alpha_bar_[tT])", R"(one_minus_alpha_bar)"},
    {R"(alpha_bar_\{t-1\})", R"(\balpha_bar\[t - 1\])"},
    {R"(alpha_bar_[tT])", R"(\balpha_bar\b)"},
    {R"(1 - alpha_t)", R"(1 - alpha\b)"},
    {R"(alpha_t)", R"(\balpha\b)"},
    {R"(1 - beta_t)", R"(1 - schedule\.beta)"},
    {R"(beta_tilde_t)", R"(posterior_variance|ratio)"},
    {R"(beta_t)", R"(\bbeta\b)"},
    {R"(sigma_t\^2)", R"(\bvariances?\b|ratio)"},
    {R"(sigma_t)", R"(sigma)"},
    {R"(mu_tilde_t)", R"(posterior_mean)"},
    {R"(mu_theta)", R"(mu_theta|reverse_mean)"},
    {R"(eps_theta)", R"(eps_theta|eps_hat)"},
    {R"(eps)", R"(\beps\b)"},
    {R"(weight_t)", R"(loss_weight)"},
    {R"(x_\{t-1\})", R"(x_prev)"},
    {R"(x_0)", R"(\bx_0)"},
    {R"(x_t)", R"(\bx_t)"},
    {R"(x_T)", R"(\bx_T|x_t = standard_normal|path\[T\])"},
    {R"(\bz\b)", R"(\bz\b)"},
    {R"(sqrt)", R"(std::sqrt)"},
    {R"(\blog\b)", R"(log)"},
    {R"(\|\|)", R"(squared_distance|mean_squared_error|loss\(tape)"},
};

// The reverse direction: an operation of the code, and what the formula must then contain.
const std::vector<Symbol> operations{
    {R"(\bsqrt\b)", R"(std::sqrt)"},
    {R"(\blog\b)", R"(std::log)"},
    {R"(1 - alpha_bar)", R"(one_minus_alpha_bar)"},
    {R"(([^-] |\()alpha_bar_)", R"(\balpha_bar\b)"},
    {R"(\balpha_t\b)", R"(\balpha\b)"},
    {R"(\bbeta_t\b)", R"(\bbeta\b)"},
    {R"(sigma_[t1]|KL|weight_t \|\||p_theta)", R"(\bvariance\b|sigma\()"},
    {R"(eps_theta|mu_theta|p_theta|L =)", R"(\beps_hat\b)"},
    {R"(\|\||KL|L_simple)", R"(squared_distance|squared_norm)"},
    {R"(\bz\b)", R"(\bz\b)"},
    {R"(t > 1)", R"(t > 1)"},
};

// What else a formula may contain: numbers, arguments, and some words.
const std::regex neutral(
    R"(\bEq\. \([0-9]+\)|\b(by|and|its|C|for|if|else|the|weight|of|to|from|over|with|per)\b|)"
    R"(\b(sum|dimensions?|logarithms|below|all|infinity|take|a|gradient|descent|step|on)\b|)"
    R"(\b(t|I|x|n|p_theta|q)\b|[0-9])");

// What the code must not contain: ways to compute the same without the formula.
const std::vector<std::string> detours{"Tensor::zeros(x", "0.5)", "scaled_distance"};

// Returns the formula of a mark on one line, with a blank before and behind it.
std::string formula(const Mark& mark, const std::string& source) {
  std::string text = " ";
  for (const std::string& line : formula_lines(mark, source)) text += line + " ";
  return std::regex_replace(text, std::regex(" +"), " ");
}

// Returns the statement below the mark, without comments.
std::string statement(const Mark& mark, const std::vector<std::string>& lines) {
  std::string code;
  for (int i = mark.statement.begin - 1; i < mark.statement.end && i < int(lines.size()); ++i)
    code += lines[i].substr(0, lines[i].find("//")) + " ";
  return std::regex_replace(code, std::regex(" +"), " ");
}

auto occurrences(const std::string& text, const std::string& pattern) {
  const std::regex part(pattern);
  return std::distance(std::sregex_iterator(text.begin(), text.end(), part), std::sregex_iterator());
}

// Returns what is wrong with one mark, "" if nothing is.
std::string complaint(std::string formula, const std::string& code) {
  const std::string whole = formula;
  std::string wrong;
  for (const auto& [in_formula, in_code] : symbols) {
    const std::regex symbol(in_formula);
    std::smatch match;
    if (!std::regex_search(formula, match, symbol)) continue;
    if (!std::regex_search(code, std::regex(in_code))) wrong += "nothing stands for " + match.str() + "; ";
    formula = std::regex_replace(formula, symbol, " ");
  }
  for (const auto& [in_formula, in_code] : operations)
    if (occurrences(code, in_code) > 0 && occurrences(whole, in_formula) == 0)
      wrong += "the formula lacks " + in_formula + "; ";
  const auto roots = occurrences(code, "std::sqrt");
  if (roots > 0 && roots != occurrences(whole, R"(\bsqrt\b)")) wrong += "another number of square roots; ";
  formula = std::regex_replace(formula, neutral, " ");
  std::smatch word;
  if (std::regex_search(formula, word, std::regex(R"([A-Za-z_]\w*)")))
    wrong += "the table of symbols lacks " + word.str() + "; ";
  for (const std::string& detour : detours)
    if (code.find(detour) != std::string::npos) wrong += "a detour: " + detour + "; ";
  return wrong;
}

std::string complaints_about(const std::string& file) {
  const std::string source = read_source(file);
  std::vector<std::string> lines;
  std::istringstream in(source);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  std::string all;
  for (const Mark& mark : marks_in(file)) {
    const std::string wrong = complaint(formula(mark, source), statement(mark, lines));
    if (!wrong.empty()) all += mark.function + ", " + mark.what + ": " + wrong + "\n";
  }
  return all;
}

}  // namespace

TEST_CASE("formulas: below each mark in ddpm/ the code has the symbols of the formula above it") {
  int files = 0;
  for (const std::string& file : source_files()) {
    if (file.rfind("ddpm/", 0) != 0 || marks_in(file).empty()) continue;
    INFO(file);
    CHECK(complaints_about(file) == "");
    ++files;
  }
  CHECK(files >= 8);
}

TEST_CASE("formulas: a symbol without its identifier, a detour and an unknown symbol are noticed") {
  const std::string formula = " sqrt(1 - beta_t) x_{t-1} + sqrt(beta_t) eps ";
  const std::string code = "linear_combination(std::sqrt(1 - schedule.beta[t]), x_prev, "
                           "std::sqrt(schedule.beta[t]), eps)";
  CHECK(complaint(formula, code) == "");
  CHECK(complaint(formula, std::regex_replace(code, std::regex("x_prev"), "x")) ==
        "nothing stands for x_{t-1}; ");
  CHECK(complaint(formula, code + " scaled_distance") == "a detour: scaled_distance; ");
  CHECK(complaint(formula + "gamma_t", code) == "the table of symbols lacks gamma_t; ");
}

}  // namespace ddpm::test
