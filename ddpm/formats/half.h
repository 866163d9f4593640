// Numbers of 16 bits, widened to float. Every one of them is a float, so nothing is rounded.
// F16 (IEEE 754 binary16): sign, 5 bits of exponent, 10 of fraction. BF16: the upper half of a float.
// Checked by: tests/ddpm/formats/test_half.cpp.
#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace ddpm {

// Returns the value of an F16. A NaN stays a NaN, without its payload.
inline float from_half(uint16_t bits) {
  const float sign = bits >> 15 ? -1 : 1;
  const int exponent = bits >> 10 & 31, fraction = bits & 1023;
  if (exponent == 31)
    return fraction ? std::numeric_limits<float>::quiet_NaN() : sign * std::numeric_limits<float>::infinity();
  // Subnormal numbers have no leading one, and the exponent of the smallest normal ones.
  const int significand = exponent ? 1024 + fraction : fraction;
  return sign * std::ldexp(float(significand), (exponent ? exponent : 1) - 25);
}

// Returns the value of a BF16.
inline float from_bfloat16(uint16_t bits) { return std::bit_cast<float>(uint32_t(bits) << 16); }

}  // namespace ddpm
