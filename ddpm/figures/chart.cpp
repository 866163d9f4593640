// See ddpm/figures/chart.h. Checked by: tests/ddpm/figures/test_svg.cpp.
#include "ddpm/figures/chart.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/types.h"

namespace ddpm {

namespace {

// Space around the curves, for labels and ticks.
constexpr double left_margin = 66, right_margin = 18, bottom_margin = 42;
constexpr double swatch = 18;  // length of the piece of curve in a legend

// Numbers far from 1 are left out, so that no quotient of two of them overflows, and no margin around them.
bool fits(double value, Scale scale) {
  return std::abs(value) <= 1e100 && (scale == Scale::linear || value >= 1e-100);
}

bool drawable(const Chart& chart, const Curve& curve, size_t i) {
  return fits(curve.x[i], chart.x_scale) && fits(curve.y[i], chart.y_scale);
}

// Returns the range of the numbers `Curve::*values` of all drawable points.
Range range(const Chart& chart, std::vector<double> Curve::*values) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  Range found{infinity, -infinity};
  for (const Curve& curve : chart.curves)
    for (size_t i = 0; i < curve.x.size(); ++i)
      if (drawable(chart, curve, i))
        found = {std::min(found.from, (curve.*values)[i]), std::max(found.to, (curve.*values)[i])};
  ENSURE(found.from <= found.to, "the chart ", chart.title, " has no point to draw");
  return found;
}

// Returns a range of at least two numbers: numbers that hardly differ become a range around them.
Range widened(Range range, Scale scale) {
  const double size = std::max(std::abs(range.from), std::abs(range.to));
  if (range.to - range.from > 1e-9 * size) return range;
  if (scale == Scale::logarithmic) return {range.from / 2, range.to * 2};
  const double margin = std::max(0.5, size / 1000);
  return {range.from - margin, range.to + margin};
}

// Returns the range with a margin for the y axis.
Range with_margin(Range range, Scale scale) {
  if (scale == Scale::logarithmic) {
    const double factor = std::pow(range.to / range.from, 0.04);
    return {range.from / factor, range.to * factor};
  }
  const Range with_0{std::min(range.from, 0.0), std::max(range.to, 0.0)};
  return {with_0.from * 1.05, with_0.to * 1.05};
}

// Draws the legend in lines as wide as the box. Returns the height of the lines.
double draw_legend(Svg& svg, Box box, const std::vector<Curve>& curves) {
  double x = box.x, baseline = box.y + font_size;
  for (const Curve& curve : curves) {
    if (curve.label.empty()) continue;
    const double width = swatch + 6 + text_width(curve.label);
    if (x > box.x && x + width > box.x + box.width) x = box.x, baseline += line_height;
    svg.curve({{x, baseline - 4}, {x + swatch, baseline - 4}}, curve.stroke);
    svg.label({x + swatch + 6, baseline}, Anchor::start, curve.label);
    x += width + 12;
  }
  return baseline - box.y + 8;
}

// Returns the ticks of a horizontal axis, as many as have room for their labels: at most 6.
std::vector<double> ticks_with_room(const Axis& axis) {
  for (int most = 6;; --most) {
    const std::vector<double> ticks = axis.ticks(most);
    bool room = true;
    for (size_t i = 1; i < ticks.size(); ++i) {
      const double labels = text_width(number_label(ticks[i - 1])) + text_width(number_label(ticks[i]));
      room = room && axis.at(ticks[i]) - axis.at(ticks[i - 1]) > labels / 2 + 4;
    }
    if (room || most == 2) return ticks;
  }
}

void draw_axes(Svg& svg, Box plot, const Chart& chart, const Axis& x_axis, const Axis& y_axis) {
  const double right = plot.x + plot.width, bottom = plot.y + plot.height;
  for (const double tick : ticks_with_room(x_axis)) {
    const double x = x_axis.at(tick);
    svg.grid_line({x, plot.y}, {x, bottom});
    svg.label({x, bottom + 16}, Anchor::middle, number_label(tick));
  }
  for (const double tick : y_axis.ticks(8)) {
    const double y = y_axis.at(tick);
    svg.grid_line({plot.x, y}, {right, y});
    svg.label({plot.x - 6, y + 4}, Anchor::end, number_label(tick));
  }
  svg.axis_line({plot.x, plot.y}, {plot.x, bottom});
  svg.axis_line({plot.x, bottom}, {right, bottom});
  svg.label({plot.x + plot.width / 2, bottom + 34}, Anchor::middle, chart.x_label);
  svg.upward_label({plot.x - left_margin + 12, plot.y + plot.height / 2}, chart.y_label);
}

void draw_curve(Svg& svg, const Chart& chart, const Curve& curve, const Axis& x_axis, const Axis& y_axis) {
  std::vector<Position> piece;  // points since the last gap
  const auto finish_piece = [&] {
    if (!piece.empty()) svg.curve(piece, curve.stroke);
    piece.clear();
  };
  for (size_t i = 0; i < curve.x.size(); ++i) {
    if (!drawable(chart, curve, i)) {
      finish_piece();
      continue;
    }
    const Position next{x_axis.at(curve.x[i]), y_axis.at(curve.y[i])};
    const bool last = i + 1 == curve.x.size() || !drawable(chart, curve, i + 1);
    if (piece.empty() || last || std::hypot(next.x - piece.back().x, next.y - piece.back().y) >= 1)
      piece.push_back(next);
  }
  finish_piece();
}

}  // namespace

bool has_points(const Chart& chart) {
  for (const Curve& curve : chart.curves)
    for (size_t i = 0; i < curve.x.size(); ++i)
      if (drawable(chart, curve, i)) return true;
  return false;
}

void draw_chart(Svg& svg, Box box, const Chart& chart) {
  const double left = box.x + left_margin, width = box.width - left_margin - right_margin;
  svg.heading({left, box.y + font_size}, chart.title);
  const double legend_y = box.y + line_height + 4;
  const double top = legend_y + draw_legend(svg, {left, legend_y, width, 0}, chart.curves);
  const Box plot{left, top, width, box.y + box.height - bottom_margin - top};

  const Range x = widened(range(chart, &Curve::x), chart.x_scale);
  const Range y = with_margin(widened(range(chart, &Curve::y), chart.y_scale), chart.y_scale);
  const Axis x_axis(chart.x_scale, x, {plot.x, plot.x + plot.width});
  const Axis y_axis(chart.y_scale, y, {plot.y + plot.height, plot.y});
  draw_axes(svg, plot, chart, x_axis, y_axis);
  for (const Curve& curve : chart.curves) draw_curve(svg, chart, curve, x_axis, y_axis);
}

}  // namespace ddpm
