// See ddpm/figures/svg.h. Checked by: tests/ddpm/figures/test_svg.cpp.
#include "ddpm/figures/svg.h"

#include <cstdio>

#include "ddpm/figures/base64.h"
#include "kernels/types.h"

namespace ddpm {

namespace {

// Contrast of each colour: at least 3 against white and against #0d1117, GitHub's dark background.
// Blue, orange, green and purple follow the hues of Okabe and Ito's palette for colour-blind readers.
const char* const style =
    "<style>"
    "text{font-family:sans-serif;font-size:13px;fill:#7a828b}"
    ".heading{font-weight:bold}"
    "path{fill:none;stroke-linecap:round;stroke-linejoin:round}"
    ".axis{stroke:#7a828b;stroke-width:1}"
    ".grid{stroke:#7a828b;stroke-width:1;stroke-opacity:0.25}"
    ".curve{stroke-width:1.8}"
    ".dashed{stroke-dasharray:6 4;stroke-width:1.5}"
    ".blue{stroke:#2f7fd6}.orange{stroke:#d9730d}.green{stroke:#009e73}.purple{stroke:#b866a8}"
    ".grey{stroke:#7a828b}"
    "image{image-rendering:pixelated}"
    "</style>\n";

// Returns the text with the characters that XML reserves replaced by entities.
std::string escaped(std::string_view words) {
  std::string safe;
  for (const char c : words) {
    if (c == '&')
      safe += "&amp;";
    else if (c == '<')
      safe += "&lt;";
    else if (c == '>')
      safe += "&gt;";
    else if (c == '"')
      safe += "&quot;";
    else
      safe += c;
  }
  return safe;
}

// Returns a length to a tenth of a unit, without a trailing ".0".
std::string length(double value) {
  char digits[64];
  const int n = std::snprintf(digits, sizeof(digits), "%.1f", value);
  const std::string number(digits, size_t(n));
  return number.ends_with(".0") ? number.substr(0, number.size() - 2) : number;
}

std::string place(Position at) { return text("x=\"", length(at.x), "\" y=\"", length(at.y), "\""); }

std::string path(const std::vector<Position>& points, const std::string& look) {
  ENSURE(!points.empty(), "a path of no points");
  std::string steps;
  for (const Position& point : points)
    steps += text(steps.empty() ? "M" : " ", length(point.x), ",", length(point.y));
  if (points.size() == 1) steps += "h0";  // a line of length 0, which round caps make a dot
  return text("<path class=\"", look, "\" d=\"", steps, "\"/>\n");
}

const char* name(Anchor anchor) {
  return anchor == Anchor::start ? "start" : anchor == Anchor::middle ? "middle" : "end";
}

const char* name(Colour colour) {
  static const char* const names[] = {"blue", "orange", "green", "purple", "grey"};
  return names[int(colour)];
}

}  // namespace

double text_width(std::string_view words) { return 0.52 * font_size * double(words.size()); }

Svg::Svg(double width, double height, const std::string& title)
    : body_(text("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"", length(width), "\" height=\"",
                 length(height), "\" viewBox=\"0 0 ", length(width), " ", length(height), "\">\n<title>",
                 escaped(title), "</title>\n", style)) {}

void Svg::label(Position at, Anchor anchor, const std::string& words) {
  body_ += text("<text ", place(at), " text-anchor=\"", name(anchor), "\">", escaped(words), "</text>\n");
}

void Svg::heading(Position at, const std::string& words) {
  body_ += text("<text class=\"heading\" ", place(at), ">", escaped(words), "</text>\n");
}

void Svg::upward_label(Position at, const std::string& words) {
  body_ += text("<text ", place(at), " text-anchor=\"middle\" transform=\"rotate(-90 ", length(at.x), " ",
                length(at.y), ")\">", escaped(words), "</text>\n");
}

void Svg::axis_line(Position from, Position to) { body_ += path({from, to}, "axis"); }

void Svg::grid_line(Position from, Position to) { body_ += path({from, to}, "grid"); }

void Svg::curve(const std::vector<Position>& points, Stroke stroke) {
  body_ += path(points, text("curve ", name(stroke.colour), stroke.dashed ? " dashed" : ""));
}

void Svg::image(Box box, std::string_view png) {
  body_ += text("<image ", place({box.x, box.y}), " width=\"", length(box.width), "\" height=\"",
                length(box.height), "\" preserveAspectRatio=\"none\" href=\"data:image/png;base64,",
                base64(png), "\"/>\n");
}

std::string Svg::file() const { return body_ + "</svg>\n"; }

}  // namespace ddpm
