// See ddpm/formats/npy_reader.h. Checked by: tests/ddpm/formats/test_npy_reader.cpp.
#include "ddpm/formats/npy_reader.h"

#include <algorithm>
#include <cstring>

#include "ddpm/formats/quote.h"
#include "ddpm/formats/shape.h"
#include "kernels/types.h"

namespace ddpm {

namespace {

constexpr int64_t most_at_once = 16'384;  // numbers that are read at once

template <typename Number>
double number_at(const char* bytes) {
  Number number;
  std::memcpy(&number, bytes, sizeof(number));
  return double(number);
}

struct NumberType {
  std::string name;  // as in numpy, without the byte order
  int64_t size;
  double (*value)(const char*);
};

// Returns the type with this name. Throws Error if there is none.
const NumberType& find_type(const std::string& type, const std::string& path) {
  static const NumberType types[] = {
      {"b1", 1, number_at<uint8_t>},  {"u1", 1, number_at<uint8_t>},  {"i1", 1, number_at<int8_t>},
      {"u2", 2, number_at<uint16_t>}, {"i2", 2, number_at<int16_t>},  {"u4", 4, number_at<uint32_t>},
      {"i4", 4, number_at<int32_t>},  {"u8", 8, number_at<uint64_t>}, {"i8", 8, number_at<int64_t>},
      {"f4", 4, number_at<float>},    {"f8", 8, number_at<double>}};
  const bool ordered = !type.empty() && std::string("<>|=").find(type[0]) != std::string::npos;
  for (const NumberType& known : types)
    if (ordered && type.substr(1) == known.name) return known;
  fail(path, " holds numbers of type ", quote(type),
       ", expected whole numbers, float32 or float64; convert it in ",
       "Python with numpy.save(path, x.astype('<f4'))");
}

}  // namespace

NpyReader::NpyReader(const std::string& path) : file_(path), header_(read_npy_header(file_, path)) {
  const NumberType& type = find_type(header_.type, path);
  size_ = type.size, value_ = type.value, swapped_ = header_.type[0] == '>';
  const std::optional<int64_t> floats = byte_count(header_.shape);  // 4 bytes for each number
  count_ = floats.value_or(-4) / 4;
  if (file_.left() % size_ != 0 || file_.left() / size_ != count_)
    fail(path, " has shape ", shape_text(header_.shape), " but ", file_.left(),
         " bytes of data: it was cut short or damaged; copy it again");
}

std::span<const double> NpyReader::next() {
  const int64_t count = std::min(most_at_once, file_.left() / size_);
  bytes_.resize(size_t(count * size_));
  numbers_.resize(size_t(count));
  file_.read(bytes_.data(), count * size_);
  for (int64_t i = 0; i < count; ++i) {
    char* number = bytes_.data() + i * size_;
    if (swapped_) std::reverse(number, number + size_);
    numbers_[size_t(i)] = value_(number);
  }
  return numbers_;
}

}  // namespace ddpm
