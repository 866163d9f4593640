// See ddpm/figures/sheet.h. Checked by: tests/ddpm/figures/test_svg.cpp.
#include "ddpm/figures/sheet.h"

#include "ddpm/data/image.h"
#include "ddpm/figures/figure.h"
#include "ddpm/figures/svg.h"
#include "ddpm/formats/png.h"

namespace ddpm {

namespace {

constexpr double label_width = 64, gap = 4;

// Returns the row's images as one picture, beside each other.
Picture strip(const SheetRow& row, const Shape& image, int columns) {
  return grid(row.images.data(), columns, image[0], image[1], image[2], columns, 1);
}

// Returns the height of a row of images, as wide as the page beside the labels.
double strip_height(const Shape& image, int columns) {
  const double pixels_across = columns * (image[1] + 1) + 1, pixels_down = image[0] + 2;
  return (figure_width - label_width) * pixels_down / pixels_across;
}

double row_height(const SheetRow& row, const Shape& image, int columns) {
  if (!row.images.empty()) return strip_height(image, columns) + gap;
  return row.texts.empty() ? line_height + 12 : line_height;
}

void draw_row(Svg& svg, double top, const SheetRow& row, const Shape& image, int columns) {
  const double baseline = top + font_size, width = figure_width - label_width;
  if (!row.images.empty()) {
    const Picture picture = strip(row, image, columns);
    const double height = strip_height(image, columns);
    svg.label({0, top + height / 2 + 4}, Anchor::start, row.label);
    svg.image({label_width, top, width, height},
              encode_png(picture.pixels.data(), picture.H, picture.W, picture.C));
  } else if (row.texts.empty()) {
    svg.heading({0, baseline + 9}, row.label);
  } else {
    svg.label({0, baseline}, Anchor::start, row.label);
    for (size_t i = 0; i < row.texts.size(); ++i)
      svg.label({label_width + width * (double(i) + 0.5) / columns, baseline}, Anchor::middle, row.texts[i]);
  }
}

}  // namespace

std::string sheet_svg(const Sheet& sheet, int columns) {
  double height = gap;
  for (const SheetRow& row : sheet.rows) height += row_height(row, sheet.image, columns);
  Svg svg(figure_width, height + line_height * double(sheet.caption.size()) + 8, sheet.title);
  double top = 0;
  for (const SheetRow& row : sheet.rows) {
    draw_row(svg, top, row, sheet.image, columns);
    top += row_height(row, sheet.image, columns);
  }
  for (const std::string& line : sheet.caption) {
    top += line_height;
    svg.label({0, top}, Anchor::start, line);
  }
  return svg.file();
}

}  // namespace ddpm
