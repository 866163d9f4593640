// UTF-8 (RFC 3629): which bytes form a character.
// Checked by: tests/ddpm/formats/test_json.cpp, tests/ddpm/formats/test_quote.cpp.
#pragma once

#include <cstddef>
#include <string_view>

namespace ddpm {

// Returns the length in bytes of the first character of `text`, which must not be empty. Returns 0 if the
// bytes are no character: overlong forms, surrogates and code points above U+10FFFF are none.
size_t character_length(std::string_view text);

// Returns the code point of `character`, the bytes of one character.
char32_t code_point(std::string_view character);

// Returns the length, in bytes, of the longest prefix of `text` that is valid UTF-8.
size_t utf8_prefix(std::string_view text);

}  // namespace ddpm
