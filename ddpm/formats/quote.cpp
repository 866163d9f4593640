// See ddpm/formats/quote.h. Checked by: tests/ddpm/formats/test_quote.cpp.
#include "ddpm/formats/quote.h"

#include <algorithm>
#include <cstdio>

#include "ddpm/formats/utf8.h"
#include "kernels/types.h"

namespace ddpm {

namespace {

constexpr size_t most_quoted = 60;  // characters

// Whether a terminal would do something else than show the character: control characters, ends of lines, and
// marks that have no width or turn the direction of the text.
bool is_control(char32_t c) {
  const auto among = [c](char32_t first, char32_t last) { return first <= c && c <= last; };
  return c < 0x20 || among(0x7F, 0x9F) || among(0x200B, 0x200F) || among(0x2028, 0x202E) ||
         among(0x2060, 0x206F) || c == 0xFEFF;
}

std::string hexadecimal(const char* format, unsigned code) {
  char digits[16];
  std::snprintf(digits, sizeof digits, format, code);
  return digits;
}

// Removes the first character, or byte that is none, from `text`. Returns it as a message may show it.
std::string take_character(std::string_view& text) {
  const size_t length = character_length(text);
  const std::string character(text.substr(0, std::max<size_t>(length, 1)));
  text.remove_prefix(character.size());
  if (length == 0) return hexadecimal("\\x%02x", static_cast<unsigned char>(character[0]));
  const char32_t code = code_point(character);
  return is_control(code) ? hexadecimal("\\u%04x", unsigned(code)) : character;
}

bool continues_character(char c) { return (c & 0xC0) == 0x80; }

size_t characters(const std::string& text) {
  return text.size() - size_t(std::count_if(text.begin(), text.end(), continues_character));
}

}  // namespace

std::string quote(std::string_view foreign) {
  std::string shown;
  size_t width = 0, left_out = 0;
  while (!foreign.empty()) {
    std::string next = take_character(foreign);
    if (next == "\"" || next == "\\") next = "\\" + next;
    width += characters(next);
    if (width <= most_quoted)
      shown += next;
    else
      ++left_out;
  }
  return left_out == 0 ? "\"" + shown + "\"" : text("\"", shown, "...\" (", left_out, " more)");
}

std::string printable(std::string_view message, size_t most) {
  const std::string mark = "...";
  std::string all;
  while (!message.empty()) all += take_character(message);
  if (all.size() <= most) return all;
  size_t begin = (most - mark.size() + 1) / 2, end = all.size() - (most - mark.size()) / 2;
  while (continues_character(all[begin])) --begin;
  while (end < all.size() && continues_character(all[end])) ++end;
  return all.substr(0, begin) + mark + all.substr(end);
}

}  // namespace ddpm
