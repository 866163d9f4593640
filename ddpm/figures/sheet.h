// A sheet: rows of images and of texts, one per column. Checked by: tests/ddpm/figures/test_svg.cpp.
#pragma once

#include <string>
#include <vector>

#include "tensor/tensor.h"

namespace ddpm {

// One row of a sheet: images, or texts. A row with neither is a heading.
struct SheetRow {
  std::string label;                    // at the left of the row
  std::vector<real> images = {};        // (columns, H, W, C) in [-1, 1]; other values are clipped
  std::vector<std::string> texts = {};  // (columns)
};

struct Sheet {
  std::string title;
  Shape image;  // (H, W, C) of every image, C = 1 (grey) or 3 (RGB)
  std::vector<SheetRow> rows;
  std::vector<std::string> caption;  // lines below the rows
};

// Returns the sheet as an SVG file's text. Every image row must have `columns` images. Throws Error if a
// row is too large for a PNG file.
std::string sheet_svg(const Sheet&, int columns);

}  // namespace ddpm
