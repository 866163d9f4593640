// The tools of the figures (ddpm/figures): base64, SVG text, axes and ticks, charts, sheets.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "ddpm/data/image.h"
#include "ddpm/figures/base64.h"
#include "ddpm/figures/chart.h"
#include "ddpm/figures/figure.h"
#include "ddpm/figures/sheet.h"
#include "ddpm/formats/png.h"
#include "tests/support/near.h"
#include "tests/support/scratch.h"
#include "tests/support/xml.h"

namespace ddpm::test {

namespace {

using Values = std::vector<double>;

// Equal up to rounding.
bool same(const Values& a, const Values& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](double x, double y) { return near(x, y, 1e-12, 1e-9); });
}

Values ticks(Scale scale, double from, double to, int most) {
  return Axis(scale, {from, to}, {0, 1}).ticks(most);
}

std::string drawn(const Chart& chart) {
  Svg svg(400, 300, "a chart");
  draw_chart(svg, {0, 0, 400, 300}, chart);
  CHECK(xml_fault(svg.file()) == "");
  return svg.file();
}

}  // namespace

TEST_CASE("base64: the test vectors of RFC 4648, and bytes above 127") {
  CHECK(base64("") == "");
  CHECK(base64("f") == "Zg==");
  CHECK(base64("fo") == "Zm8=");
  CHECK(base64("foo") == "Zm9v");
  CHECK(base64("foob") == "Zm9vYg==");
  CHECK(base64("fooba") == "Zm9vYmE=");
  CHECK(base64("foobar") == "Zm9vYmFy");
  CHECK(base64("\xff\xff\xfe") == "///+");
  CHECK(base64("\x01\xff\x02") == "Af8C");
}

TEST_CASE("xml: the check notices what is not well-formed") {
  CHECK(xml_fault("<a><b c=\"d\"/>1 &lt; 2</a>\n") == "");
  for (const std::string bad : {"<a>", "<a></b>", "</a>", "<a b=c/>", "a & b", "<a", "<a>1 > 2</a>"}) {
    INFO(bad);
    CHECK(xml_fault(bad) != "");
  }
}

TEST_CASE("svg: text is escaped, lengths have one decimal, and every element closes") {
  Svg svg(100.04, 50.06, "a < b & \"c\" > d");
  svg.label({1.25, 20}, Anchor::end, "1 < 2");
  svg.heading({0, 10}, "&");
  svg.upward_label({3, 4}, ">");
  svg.curve({{0, 1}, {2.06, 3}}, {Colour::green, true});
  svg.curve({{5, 6}}, {});
  svg.axis_line({0, 0}, {1, 0});
  svg.grid_line({0, 0}, {0, 1});
  svg.image({1, 2, 3, 4}, "foobar");
  const std::string file = svg.file();
  CHECK(xml_fault(file) == "");
  CHECK(contains(file, "width=\"100\" height=\"50.1\" viewBox=\"0 0 100 50.1\""));
  CHECK(contains(file, "<title>a &lt; b &amp; &quot;c&quot; &gt; d</title>"));
  CHECK(contains(file, "text-anchor=\"end\">1 &lt; 2</text>"));
  CHECK(contains(file, "<text class=\"heading\" x=\"0\" y=\"10\">&amp;</text>"));
  CHECK(contains(file, "rotate(-90 3 4)\">&gt;</text>"));
  CHECK(contains(file, "<path class=\"curve green dashed\" d=\"M0,1 2.1,3\"/>"));
  CHECK(contains(file, "<path class=\"curve grey\" d=\"M5,6h0\"/>"));
  CHECK(contains(file, "<image x=\"1\" y=\"2\" width=\"3\" height=\"4\" preserveAspectRatio=\"none\""
                       " href=\"data:image/png;base64,Zm9vYmFy\"/>"));
  CHECK_THROWS_AS(svg.curve({}, {}), std::logic_error);
}

TEST_CASE("axis: values land where they should, on both scales and in both directions") {
  const Axis linear(Scale::linear, {10, 30}, {100, 0});
  CHECK(near(linear.at(10), 100, 1e-9));
  CHECK(near(linear.at(15), 75, 1e-9));
  CHECK(near(linear.at(30), 0, 1e-9));
  const Axis logarithmic(Scale::logarithmic, {10, 10000}, {0, 300});
  CHECK(near(logarithmic.at(10), 0, 1e-9));
  CHECK(near(logarithmic.at(100), 100, 1e-9));
  CHECK(near(logarithmic.at(10000), 300, 1e-9));
  CHECK_THROWS_AS(Axis(Scale::linear, {1, 1}, {0, 1}), std::logic_error);
  CHECK_THROWS_AS(Axis(Scale::linear, {0, INFINITY}, {0, 1}), std::logic_error);
  CHECK_THROWS_AS(Axis(Scale::logarithmic, {0, 1}, {0, 1}), std::logic_error);
}

TEST_CASE("axis: ticks are 1, 2 or 5 times powers of ten, as many as fit, ends included") {
  CHECK(same(ticks(Scale::linear, 0, 1000, 6), {0, 200, 400, 600, 800, 1000}));
  CHECK(same(ticks(Scale::linear, 0, 1000, 5), {0, 500, 1000}));
  CHECK(same(ticks(Scale::linear, 1, 1000, 6), {200, 400, 600, 800, 1000}));
  CHECK(same(ticks(Scale::linear, -0.3, 0.3, 7), {-0.3, -0.2, -0.1, 0, 0.1, 0.2, 0.3}));
  CHECK(same(ticks(Scale::linear, 0, 0.02, 6), {0, 0.005, 0.01, 0.015, 0.02}));
  CHECK(same(ticks(Scale::logarithmic, 1, 20, 6), {1, 2, 5, 10, 20}));
  CHECK(same(ticks(Scale::logarithmic, 1e-4, 1, 6), {1e-4, 1e-3, 1e-2, 1e-1, 1}));
  CHECK(same(ticks(Scale::logarithmic, 1e-4, 1e4, 6), {1e-4, 1e-2, 1, 1e2, 1e4}));
  CHECK(same(ticks(Scale::logarithmic, 0.021, 0.043, 6), {0.025, 0.03, 0.035, 0.04}));
  for (const Scale scale : {Scale::linear, Scale::logarithmic})
    for (double to = 1.01; to < 1e8; to *= 1.7)
      for (const int most : {2, 6, 8}) {
        const Values found = ticks(scale, 1, to, most);
        INFO(to, " ", most);
        CHECK(found.size() <= size_t(most));
        CHECK(std::is_sorted(found.begin(), found.end()));
        CHECK(std::all_of(found.begin(), found.end(), [&](double t) { return t > 0.99 && t < 1.01 * to; }));
      }
}

TEST_CASE("axis: the text of a number is short") {
  CHECK(number_label(0) == "0");
  CHECK(number_label(1000) == "1000");
  CHECK(number_label(0.02) == "0.02");
  CHECK(number_label(3 * 0.1) == "0.3");
  CHECK(number_label(-2e-5) == "-2e-5");
  CHECK(number_label(1.5e6) == "1.5e6");
  CHECK(number_label(1e-4 * (1 - 1e-12)) == "1e-4");
  CHECK(number_label(0.078587, 2) == "0.079");
  CHECK(number_label(9.99e-4, 2) == "0.001");  // rounding comes first
  CHECK(number_label(9.9999996e-5) == "1e-4");
  CHECK(number_label(999999.7) == "1e6");
  CHECK(number_label(5e-324, 2) == "4.9e-324");
}

TEST_CASE("chart: a point of known data lands at the known place") {
  Chart chart{"title", "x (unit)", "y (unit)"};
  chart.curves = {{"curve", {Colour::blue, false}, {0, 10, 20}, {0, 100, 50}}};
  const std::string file = drawn(chart);
  for (const std::string words : {"title", "x (unit)", "y (unit)", "curve"})
    CHECK(contains(file, ">" + words + "</text>"));
  // The plot spans x = 66 to 382 and ends at y = 258. Its top is 100 * 1.05.
  const size_t axis = file.find("class=\"axis\" d=\"M66,");
  REQUIRE(axis != file.npos);
  const double top = std::stod(file.substr(file.find(',', axis) + 1));
  const auto y = [&](double value) {
    const double at = 258 - value / 105 * (258 - top);
    return number_label(std::round(10 * at) / 10);
  };
  CHECK(contains(file, text("class=\"curve blue\" d=\"M66,258 224,", y(100), " 382,", y(50), "\"")));
}

TEST_CASE("chart: gaps, legends without points, single points and near points") {
  Chart chart{"title", "x", "y", Scale::linear, Scale::logarithmic, {}};
  chart.curves = {{"a", {Colour::blue, false}, {1, 2, 3, 4, 5}, {1, 2, 0, NAN, 3}},
                  {"legend only", {Colour::grey, true}, {}, {}}};
  std::string file = drawn(chart);
  CHECK(count_of(file, "class=\"curve blue\"") == 3);  // the legend's, and two pieces
  CHECK(count_of(file, "h0\"") == 1);
  CHECK(count_of(file, "class=\"curve grey dashed\"") == 1);

  Values x(100'000), y(100'000);
  for (size_t i = 0; i < x.size(); ++i) x[i] = double(i), y[i] = 1 + double(i);
  chart.curves = {{"", {}, x, y}};
  file = drawn(chart);
  CHECK(file.size() < 12'000);
  chart.curves = {{"", {}, {0, 9.99, 10}, {1, 1, 1}}};
  file = drawn(chart);
  const size_t second = file.find(" 381.7,");
  REQUIRE(second != file.npos);
  CHECK(contains(file.substr(second, 20), " 382,"));  // the last point is kept, though near the second

  chart.curves = {{"", {}, {7}, {3}}};  // one point: its range is widened
  CHECK(contains(drawn(chart), "h0\""));
  chart.curves = {{"", {}, {7}, {-3}}};
  CHECK_THROWS_AS(drawn(chart), std::logic_error);
}

TEST_CASE("chart: numbers far from 1 leave gaps, on both scales") {
  for (const Scale scale : {Scale::linear, Scale::logarithmic}) {
    Chart chart{"title", "x", "y", Scale::linear, scale, {}};
    chart.curves = {{"", {Colour::blue, false}, {1, 2, 3, 4}, {1e-300, 1e300, 1e101, -1e101}}};
    CHECK(has_points(chart) == (scale == Scale::linear));
    chart.curves[0].y = {1e-99, 1e300, INFINITY, 1e99};
    CHECK(has_points(chart));
    CHECK(count_of(drawn(chart), "h0\"") == 2);
  }
  CHECK_FALSE(has_points({"title", "x", "y"}));
}

TEST_CASE("sheet: images in rows, texts below their columns, headings and caption") {
  const std::vector<real> images{-1, 1, 1, -1, 1, 1};  // three images 1x2x1
  const Sheet sheet{
      "title", {1, 2, 1}, {{"heading"}, {"t", {}, {"0", "5", "<"}}, {"x_t", images}}, {"words"}};
  const std::string file = sheet_svg(sheet, 3);
  CHECK(xml_fault(file) == "");
  CHECK(contains(file, ">heading</text>"));
  CHECK(contains(file, ">words</text>"));
  CHECK(contains(file, "x=\"160\""));  // 64 + (640 - 64) / 6
  CHECK(contains(file, "x=\"352\""));
  const Picture picture = grid(images.data(), 3, 1, 2, 1, 3, 1);
  CHECK(count_of(file, base64(encode_png(picture.pixels.data(), picture.H, picture.W, 1))) == 1);
}

}  // namespace ddpm::test
