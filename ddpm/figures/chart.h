// A chart: curves over a pair of axes, with a title and a legend.
// Checked by: tests/ddpm/figures/test_svg.cpp.
#pragma once

#include <string>
#include <vector>

#include "ddpm/figures/axis.h"
#include "ddpm/figures/svg.h"

namespace ddpm {

struct Curve {
  std::string label;  // name in the legend, "" for none
  Stroke stroke;
  // The points, equally many x and y. A curve without points has its name in the legend alone. A
  // point that is not finite or above 1e100, or below 1e-100 on a logarithmic scale, leaves a gap.
  std::vector<double> x, y;
};

struct Chart {
  std::string title, x_label, y_label;  // the labels name the units
  Scale x_scale = Scale::linear, y_scale = Scale::linear;
  std::vector<Curve> curves = {};
};

// Returns whether a curve has a point to draw.
bool has_points(const Chart&);

// Draws the chart into the box. The x axis spans the curves' points; so does the y axis with a small
// margin, and on a linear scale it includes 0. Drops points less than 1 unit from the one before.
// Throws std::logic_error unless has_points(chart).
void draw_chart(Svg&, Box, const Chart&);

}  // namespace ddpm
