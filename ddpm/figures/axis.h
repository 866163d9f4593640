// An axis of a chart: it maps values to lengths on a linear or logarithmic scale, and chooses its ticks.
// Checked by: tests/ddpm/figures/test_svg.cpp.
#pragma once

#include <string>
#include <vector>

namespace ddpm {

enum class Scale { linear, logarithmic };

struct Range {
  double from, to;
};

class Axis {
 public:
  // Maps values.from to lengths.from and values.to to lengths.to. Throws std::logic_error unless
  // values.from < values.to, both finite, and values.from > 0 on a logarithmic scale.
  Axis(Scale scale, Range values, Range lengths);

  // Returns the length of a value. The value must be positive on a logarithmic scale.
  double at(double value) const;
  // Returns at most `most` >= 2 values for ticks: multiples of 1, 2 or 5 times a power of ten on a linear
  // scale; on a logarithmic scale 1, 2 and 5 times the powers of ten, or the powers, or some of them.
  std::vector<double> ticks(int most) const;

 private:
  Scale scale_;
  Range values_, lengths_;
};

// Returns a value as text with up to `digits` significant digits: "0.02", "1000".
// Uses a power of ten, "2e-5", below 1e-3 and from 1e6 on. `value` must be finite.
std::string number_label(double value, int digits = 6);

}  // namespace ddpm
