// Writer for SVG pictures of text, lines, curves and images.
// A picture is one self-contained file: it names no font file and no other file. Its colours are legible
// on white and on dark backgrounds, and the palette for colour-blind readers too. Lengths are in SVG user
// units ("px"); x points right, y points down. Format: https://www.w3.org/TR/SVG11.
// Checked by: tests/ddpm/figures/test_svg.cpp.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ddpm {

struct Position {
  double x, y;
};

struct Box {
  double x, y, width, height;  // x, y: the upper left corner
};

// The point of a text that lies at its position.
enum class Anchor { start, middle, end };

// Colour of a curve: grey is also the colour of text and axes.
enum class Colour { blue, orange, green, purple, grey };

// Look of a curve. A second cue beside the colour, the dash, tells curves apart in grey print.
struct Stroke {
  Colour colour = Colour::grey;
  bool dashed = false;
};

constexpr double font_size = 13, line_height = 18;

// Returns an estimate of the width of a text. The reader's sans-serif font is not known here.
double text_width(std::string_view words);

class Svg {
 public:
  // Begins a picture of this size. `title` is the text for readers that cannot see the picture.
  Svg(double width, double height, const std::string& title);

  // Adds a line of text. `at` is the position of the baseline.
  void label(Position at, Anchor, const std::string& words);
  // Adds a line of bold text, anchored at its start.
  void heading(Position at, const std::string& words);
  // Adds a text that reads upwards and is centred at `at`.
  void upward_label(Position at, const std::string& words);
  // Adds a line of an axis.
  void axis_line(Position from, Position to);
  // Adds a faint line, as behind curves.
  void grid_line(Position from, Position to);
  // Adds a polyline. One point gives a dot. Throws std::logic_error if there is no point.
  void curve(const std::vector<Position>& points, Stroke);
  // Adds an image, stretched to the box without smoothing. `png` is a PNG file's bytes.
  void image(Box, std::string_view png);

  // Returns the picture as an SVG file's text.
  std::string file() const;

 private:
  std::string body_;
};

}  // namespace ddpm
