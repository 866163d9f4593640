// Checks how messages show foreign text (ddpm/formats/quote.h): what is escaped, what is left out, and that
// whatever comes out is safe to print.
#include "ddpm/formats/quote.h"

#include <doctest/doctest.h>

#include <random>

#include "ddpm/formats/utf8.h"
#include "tests/support/presentable.h"
#include "tests/support/repeated.h"

namespace ddpm::test {

TEST_CASE("quote: plain text stands between quotation marks") {
  CHECK(quote("") == "\"\"");
  CHECK(quote("a b") == "\"a b\"");
  CHECK(quote("\u03b5 \u20ac \U0001F600 ~") == "\"\u03b5 \u20ac \U0001F600 ~\"");
  CHECK(quote("a\"b\\c") == "\"a\\\"b\\\\c\"");
}

TEST_CASE("quote: control characters, marks without width and bytes that are not UTF-8 are escaped") {
  CHECK(quote("\x1b[2J") == "\"\\u001b[2J\"");
  CHECK(quote(std::string("a\0\n\x7f", 4)) == "\"a\\u0000\\u000a\\u007f\"");
  CHECK(quote("\u0080\u009b\u009f\u00a0") == "\"\\u0080\\u009b\\u009f\u00a0\"");
  CHECK(quote("\u200b\u202e\u2028\u2066\ufeff") == "\"\\u200b\\u202e\\u2028\\u2066\\ufeff\"");
  CHECK(quote("\u200a\u2010\u2027\u202f\u205f\u2070\ufefe") ==
        "\"\u200a\u2010\u2027\u202f\u205f\u2070\ufefe\"");
  CHECK(quote("a\xff\xc3(\xed\xa0\x80") == "\"a\\xff\\xc3(\\xed\\xa0\\x80\"");
  CHECK(quote("\xe2\x82") == "\"\\xe2\\x82\"");
}

TEST_CASE("quote: at most 60 characters are shown, and the rest is counted") {
  CHECK(quote(repeated("a", 60)) == "\"" + repeated("a", 60) + "\"");
  CHECK(quote(repeated("a", 61)) == "\"" + repeated("a", 60) + "...\" (1 more)");
  CHECK(quote(repeated("\u20ac", 5000)) == "\"" + repeated("\u20ac", 60) + "...\" (4940 more)");
  CHECK(quote(repeated("\n", 100)) == "\"" + repeated("\\u000a", 10) + "...\" (90 more)");
  CHECK(quote(repeated("a", 59) + "\n") == "\"" + repeated("a", 59) + "...\" (1 more)");
  CHECK(quote(repeated("a", 59) + "\nb") == "\"" + repeated("a", 59) + "...\" (2 more)");
  CHECK(quote(repeated("\xff", 100)) == "\"" + repeated("\\xff", 15) + "...\" (85 more)");
}

TEST_CASE("quote: a printable message keeps its words and loses its control characters") {
  CHECK(printable("cannot read \"a\\b\": \u03b5") == "cannot read \"a\\b\": \u03b5");
  CHECK(printable("a\x1b[31m\r\n\xff") == "a\\u001b[31m\\u000d\\u000a\\xff");
  CHECK(printable("") == "");
}

TEST_CASE("quote: a long message loses its middle, between characters") {
  CHECK(printable(repeated("a", 400)) == repeated("a", 400));
  CHECK(printable("begin" + repeated("a", 400) + "end") ==
        "begin" + repeated("a", 194) + "..." + repeated("a", 195) + "end");
  CHECK(printable("abcdefghij", 9) == "abc...hij");
  CHECK(printable("abcdefghij", 8) == "abc...ij");
  CHECK(printable(repeated("\u20ac", 5), 10) == "\u20ac...\u20ac");
  for (size_t most = 3; most < 40; ++most) {
    const std::string message = printable("a" + repeated("\u20ac", 20), most);
    CHECK(message.size() <= most);
    CHECK(message.size() + 6 > most);
    CHECK(utf8_prefix(message) == message.size());
  }
}

TEST_CASE("quote: whatever the bytes are, the message is safe to print") {
  std::mt19937 draw(1);
  const std::string some = "a\"\\\x1b\n\x7f\x80\x9b\xc2\xc3\xe2\x82\xac\xed\xf0\x9f\xff";
  for (int i = 0; i < 2000; ++i) {
    std::string bytes;
    for (uint32_t n = draw() % (i % 10 ? 70 : 700); n > 0; --n) bytes += some[draw() % some.size()];
    INFO(quote(bytes));
    CHECK(presentable(quote(bytes) + "\n") == "");
    CHECK(presentable(printable(bytes) + "\n") == "");
    CHECK(quote(bytes).size() <= 4 * 60 + 30);
    CHECK(printable(quote(bytes)) == quote(bytes));
  }
}

}  // namespace ddpm::test
