// Checks JSON (ddpm/formats/json.h): what the reader accepts and refuses, exact round trips, and the error
// messages of the typed accessors.
#include <doctest/doctest.h>

#include <cmath>
#include <limits>

#include "ddpm/formats/json.h"
#include "ddpm/formats/utf8.h"
#include "tests/support/allocations.h"
#include "tests/support/repeated.h"
#include "tests/support/scratch.h"

namespace ddpm::test {

namespace {

// Reads the text, and returns the value as it is written on one line.
std::string reread(const std::string& text) { return write_json(parse_json(text, "f.json"), 0); }

std::string parse_error(const std::string& text) {
  return error_of([&] { parse_json(text, "f.json"); });
}

std::string nested(int levels) { return std::string(levels, '[') + std::string(levels, ']'); }

}  // namespace

TEST_CASE("json: every kind of value is read and written") {
  CHECK(reread(" null ") == "null");
  CHECK(reread("\t[true,false]\r\n") == "[true, false]");
  CHECK(reread("{}") == "{}");
  CHECK(reread("[ ]") == "[]");
  CHECK(reread(R"({"b": {"c": []}, "a": [1, {}]})") == R"({"b": {"c": []}, "a": [1, {}]})");
  CHECK(reread(R"("\"\\\/\b\f\n\r\t\u0001")") == R"("\"\\/\b\f\n\r\t\u0001")");
  const Json value = JsonObject{{"a", JsonArray{1, 2}}, {"b", nullptr}, {"c", JsonObject{}}};
  CHECK(write_json(value) == "{\n  \"a\": [\n    1,\n    2\n  ],\n  \"b\": null,\n  \"c\": {}\n}\n");
  CHECK(parse_json(write_json(value), "") == value);
}

TEST_CASE("json: numbers keep their kind and every bit") {
  CHECK(reread("9223372036854775807") == "9223372036854775807");
  CHECK(reread("-9223372036854775808") == "-9223372036854775808");
  CHECK(reread("9223372036854775808") == "9223372036854775808.0");
  CHECK(reread("[0, -0, -0.0, 1.0, 1e2, 1E+2, 12e-1]") == "[0, -0, -0, 1.0, 100.0, 100.0, 1.2]");
  CHECK(reread("0.1") == "0.1");
  CHECK(reread("1e-999") == "0.0");
  for (const double d : {0.1, 1.0 / 3, 1e-4, 0.02, 1e300, 5e-324, 3.0, -0.0, 123456789012345680.0,
                         std::numeric_limits<double>::max()}) {
    const Json back = parse_json(write_json(d), "");
    REQUIRE(std::holds_alternative<double>(back.value));
    CHECK(std::get<double>(back.value) == d);
    CHECK(std::signbit(std::get<double>(back.value)) == std::signbit(d));
  }
  CHECK_THROWS_AS(write_json(NAN), std::logic_error);
}

TEST_CASE("json: escaped characters become UTF-8") {
  CHECK(reread(R"("\u0041\u00e9\u03B5\u20ac\ud83d\ude00")") == "\"A\u00e9\u03b5\u20ac\U0001F600\"");
  CHECK(std::get<std::string>(parse_json(R"("\u0000")", "").value) == std::string(1, '\0'));
  CHECK(reread("\"\u03b5 \U0001F600\x7F\"") == "\"\u03b5 \U0001F600\x7F\"");
  for (const char* lone : {R"("\ud83d")", R"("\ud83dx")", R"("\ud83d\n")", R"("\ud83d\u0041")", R"("\ude00")",
                           R"("\ud83d\ud83d")", R"("\ud83d\ue000")"})
    CHECK(contains(parse_error(lone), "byte 1: a lone surrogate"));
  for (const char* broken : {R"("\u12")", R"("\u12g4")", R"("\u-123")", R"("\u+123")", R"("\u 123")"})
    CHECK(contains(parse_error(broken), "expected four hexadecimal digits"));
}

TEST_CASE("json: invalid UTF-8 is refused by reader and writer") {
  for (const char* bad : {"\x80", "\xC3", "\xC3(", "\xC0\x80", "\xE0\x9F\xBF", "\xED\xA0\x80", "\xE2\x82",
                          "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF"}) {
    CHECK(contains(parse_error("\"a" + std::string(bad) + "\""), "byte 2: invalid UTF-8"));
    CHECK(contains(error_of([&] { write_json(bad); }), "not UTF-8"));
    CHECK(utf8_prefix("ab" + std::string(bad)) == 2);
  }
  for (const char* good : {"\x7F", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEE\x80\x80",
                           "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"})
    CHECK(utf8_prefix(good) == std::string(good).size());
}

TEST_CASE("json: what Python writes for numbers that JSON has not is a string, and no number") {
  for (const std::string name : {"NaN", "Infinity", "-Infinity"}) {
    const Json value = parse_json("{\"a\": " + name + "}", "f.json");
    CHECK(value == Json(JsonObject{{"a", name}}));
    CHECK(error_of([&] { JsonFields(value, "f.json").number("a", -1, 1); }) != "no error");
  }
}

TEST_CASE("json: text that RFC 8259 does not allow is refused, with its position") {
  CHECK(parse_error("[1,]") == "f.json: not valid JSON at byte 3: expected a value");
  // clang-format off
  for (const char* bad : {"", " ", "[", "[1", "[1 2]", "[,1]", "{", "{\"a\"}", "{\"a\":}", "{\"a\":1,}",
                          "{a:1}", "{'a':1}", "{1:2}", "{\"a\" 1}", "]", "1 2", "[]]", "nul", "nulll",
                          "True", "Nan", "Inf", "-Inf", "+Infinity", "nan", "01", "-", "+1", ".5", "1.",
                          "1.e3", "1e", "1e+", "-01", "0x10", "--1", "\"", "\"a", "\"\\\"", "\"\\x\"",
                          "\"\\", "\"a\nb\"", "// x\n1", "\xEF\xBB\xBF[]", "\v1", "1e999", "-1e999"}) {
    // clang-format on
    CAPTURE(bad);
    CHECK(contains(parse_error(bad), "f.json: not valid JSON at byte "));
  }
  CHECK(contains(parse_error(std::string("[1]\0", 4)), "byte 3: more text after the value"));
  CHECK(contains(parse_error(std::string("[\0]", 3)), "byte 1: expected a value"));
  CHECK(contains(parse_error(std::string("\"a\0\"", 4)), "byte 2: a control character"));
}

TEST_CASE("json: duplicate keys and deep nesting are refused") {
  CHECK(contains(parse_error(R"([{"a": 1, "b": 2, "\u0061": 3}])"), "byte 1: the key \"a\" appears twice"));
  CHECK(reread(R"({"a": {"a": 1}})") == R"({"a": {"a": 1}})");
  CHECK(reread(nested(64)) == nested(64));
  CHECK(contains(parse_error(nested(65)), "byte 64: more than 64 levels"));
  CHECK(contains(parse_error(std::string(1'000'000, '[')), "more than 64 levels"));
}

TEST_CASE("json: fields are read, and their types checked") {
  const JsonFields f(parse_json(R"({"T": 1000, "beta": 0.02, "clip": true, "act": "silu", "dim": null,
                                    "channels": [8, 16], "blocks": ["Down", "Up"], "betas": [0, 0.5]})",
                                "c.json"),
                     "c.json");
  CHECK(f.integer("T", 1, 1000) == 1000);
  CHECK(f.number("T", 0, 1e9) == 1000);
  CHECK(f.number("beta", 0, 1) == 0.02);
  CHECK(f.boolean("clip"));
  CHECK(f.string("act") == "silu");
  CHECK(f.integers("channels", 1, 16) == std::vector<int64_t>{8, 16});
  CHECK(f.numbers("betas", 0, 1) == std::vector<double>{0, 0.5});
  CHECK(f.strings("blocks") == std::vector<std::string>{"Down", "Up"});
  CHECK(f.members().size() == 8);
  CHECK(f.has("T"));
  CHECK_FALSE(f.has("dim"));
  CHECK_FALSE(f.has("none"));
  CHECK(f.find("dim") != nullptr);
  CHECK(f.find("none") == nullptr);
  // The fallback is the value of a key that is absent, but not of one that is null.
  CHECK(f.integer("none", 1, 2, 32) == 32);
  CHECK(f.number("none", 1, 2, 1e-5) == 1e-5);
  CHECK(f.boolean("none", false) == false);
  CHECK(f.string("none", "linear") == "linear");
  CHECK(f.integer("T", 1, 1000, 7) == 1000);
  CHECK(error_of([&] { f.integer("dim", 1, 9, 8); }) ==
        "c.json: \"dim\" must be a whole number from 1 to 9, found null");
}

TEST_CASE("json: a field of a wrong type or range is named with its value") {
  const JsonFields f(parse_json(R"({"T": 1000, "x": 2.0, "s": "silu", "l": [1, "a"]})", ""), "c.json");
  CHECK(error_of([&] { f.get("none"); }) == "c.json: \"none\" is missing");
  CHECK(error_of([&] { f.integer("none", 0, 1); }) == "c.json: \"none\" is missing");
  CHECK(error_of([&] { f.integer("T", 1, 999); }) ==
        "c.json: \"T\" must be a whole number from 1 to 999, found 1000");
  CHECK(error_of([&] { f.integer("x", 1, 9); }) ==
        "c.json: \"x\" must be a whole number from 1 to 9, found 2.0");
  CHECK(error_of([&] { f.number("x", 0, 1.5); }) ==
        "c.json: \"x\" must be a number from 0 to 1.5, found 2.0");
  CHECK(contains(error_of([&] { f.number("s", 0, 1); }), "found \"silu\""));
  CHECK(contains(error_of([&] { f.boolean("T"); }), "must be true or false, found 1000"));
  CHECK(contains(error_of([&] { f.string("T"); }), "must be a string, found 1000"));
  CHECK(contains(error_of([&] { f.strings("s"); }), "must be a list [...], found \"silu\""));
  CHECK(contains(error_of([&] { f.integers("l", 0, 9); }), "c.json: \"l\"[1] must be a whole number"));
  CHECK(error_of([&] { JsonFields(JsonArray{1}, "c.json"); }) ==
        "c.json must be a JSON object {...}, found [1]");
}

TEST_CASE("json: a message shows a key and a value escaped and shortened") {
  const std::string key = "\x1b[2J" + std::string(5000, 'k'), many = "\u03b5" + std::string(5000, 'a');
  const JsonFields f(JsonObject{{key, many}, {"l", JsonArray(5000, 1)}}, "c.json");
  CHECK(error_of([&] { f.boolean(key); }) == "c.json: \"\\u001b[2J" + std::string(51, 'k') +
                                                 "...\" (4949 more) must be true or false, found \"\u03b5" +
                                                 std::string(59, 'a') + "...\" (4941 more)");
  CHECK(contains(error_of([&] { f.string("l"); }), "found [1, 1, 1, 1, 1, 1, 1, 1, 1, 1..., 1, 1, 1"));
  CHECK(brief("a\n") == "\"a\\u000a\"");
  CHECK(brief(JsonArray{"\x7f"}) == "[\"\\u007f\"]");
  CHECK(contains(parse_error("{\"\\u009b\": 1, \"\\u009b\": 2}"), "the key \"\\u009b\" appears twice"));
}

TEST_CASE("json: all members are read as strings, or the first other one is named") {
  const JsonFields good(parse_json(R"({"b": "x", "a": "y"})", "c.json"), "c.json");
  CHECK(good.all_strings() == std::vector<std::pair<std::string, std::string>>{{"b", "x"}, {"a", "y"}});
  const JsonFields bad(parse_json(R"({"b": "x", "a": 1})", "c.json"), "c.json");
  CHECK(error_of([&] { bad.all_strings(); }) == "c.json: \"a\" must be a string, found 1");
}

TEST_CASE("json: a configuration file of more than a mebibyte is refused by its size") {
  const ScratchFolder folder;
  const int64_t most = 1 << 20;
  const std::string spaces(size_t(most), ' ');
  CHECK(read_json(folder.put("c.json", "{}" + spaces.substr(2))) == Json(JsonObject{}));
  CHECK(contains(error_of([&] { read_json(folder.put("c.json", "{}" + spaces.substr(1))); }),
                 "c.json: it has 1048577 bytes, expected at most 1048576"));
  CHECK(
      contains(error_of([&] { read_json(folder.put("c.json", "{")); }), "c.json: not valid JSON at byte 1"));
}

// The texts that need the most memory: short values in long lists, members, nested lists, one long string.
TEST_CASE("json: parsing takes at most 64 bytes of memory for each byte of the text") {
  std::string members = "{";
  for (int i = 0; i < 200'000; ++i) members += text(i ? "," : "", "\"", i, "\":0");
  for (const std::string& text :
       {"[" + repeated("0,", 262'145) + "0]", "[" + repeated("[],", 262'145) + "0]",
        "[" + repeated("[0],", 131'073) + "0]", members + "}", "\"" + std::string(3'000'000, 'a') + "\"",
        "[" + repeated("0,", 1000) + "0]", std::string("[0]")}) {
    const int64_t peak = peak_of_allocations([&] { parse_json(text, ""); });
    INFO(text.substr(0, 10), ": ", text.size(), " bytes, ", peak, " of memory");
    CHECK(peak > int64_t(text.size()) / 2);
    CHECK(peak <= 64 * int64_t(text.size()) + 200);
    CHECK(peak <= 4 * int64_t(text.size()) + 120'000'000);
  }
}

TEST_CASE("json: more than 500,000 values are refused") {
  CHECK(std::get<JsonArray>(parse_json("[" + repeated("0,", 499'998) + "0]", "").value).size() == 499'999);
  CHECK(contains(parse_error("[" + repeated("0,", 499'999) + "0]"), "byte 999999: more than 500000 values"));
}

}  // namespace ddpm::test
