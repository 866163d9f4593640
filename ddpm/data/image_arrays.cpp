// Images in numpy's format .npy, as bytes 0..255 (open_arrays in ddpm/data/dataset.h). Reads an array twice:
// for its least and greatest number, then for its pixels. Checked by: tests/ddpm/data/test_image_arrays.cpp.
#include <algorithm>
#include <cmath>

#include "ddpm/data/dataset.h"
#include "ddpm/formats/npy_reader.h"
#include "ddpm/formats/shape.h"
#include "kernels/types.h"

namespace ddpm {

namespace {

constexpr int64_t largest_side = 1024;
constexpr double slack = 0.01;  // how far numbers may lie beside a range, as a share of it
constexpr ValueRange bytes{0, 255};

struct ArrayDataset : Dataset {
  std::vector<uint8_t> pixels;  // (N, H, W, C)
  std::string type;             // of the numbers in the file, without their byte order
  ValueRange range{};           // what became 0..255

  int64_t one() const { return int64_t(H) * W * C; }
  int64_t size() const override { return int64_t(pixels.size()) / one(); }
  void image(int64_t index, uint8_t* to) const override {
    ENSURE(0 <= index && index < size(), index, " of ", size());
    std::copy_n(pixels.data() + index * one(), one(), to);
  }
  int label(int64_t) const override {
    fail(file, " holds images without labels, which a new classifier needs");
  }
};

// One dimension of an array: its length, and how far apart its neighbours are among the pixels (N, H, W, C).
struct Axis {
  int64_t length, stride, count = 0;
};

// The place, among the pixels, of one number after the other.
class Walk {
 public:
  // The first axis is the fastest.
  explicit Walk(std::vector<Axis> axes) : axes_(std::move(axes)) {}
  size_t place() const { return size_t(place_); }
  void next() {
    for (Axis& axis : axes_) {
      place_ += axis.stride;
      if (++axis.count < axis.length) return;
      place_ -= axis.count * axis.stride;
      axis.count = 0;
    }
  }

 private:
  std::vector<Axis> axes_;
  int64_t place_ = 0;
};

[[noreturn]] void wrong_shape(const std::vector<int64_t>& shape, const std::string& path) {
  std::string hint;
  const auto side = shape.size() == 2 ? std::llround(std::sqrt(double(shape[1]))) : 0;
  if (side > 0 && side * side == shape[1])
    hint = text("; try numpy.save(path, x.reshape(-1, ", side, ", ", side, "))");
  fail(path, ": the shape is ", shape_text(shape),
       ", expected (N, H, W), (N, H, W, 1 or 3) or (N, 1 or 3, H, W)", hint);
}

// Sets the size of the images. Returns the walk over the file's numbers.
Walk read_shape(const NpyHeader& header, const std::string& path, Dataset& data) {
  const std::vector<int64_t>& shape = header.shape;
  const auto is_colour = [&](size_t axis) {
    return shape.size() == 4 && (shape[axis] == 1 || shape[axis] == 3);
  };
  const bool last = is_colour(3), first = !last && is_colour(1);
  if (shape.size() != 3 && !last && !first) wrong_shape(shape, path);
  const int64_t N = shape[0], H = shape[first ? 2 : 1], W = shape[first ? 3 : 2];
  const int64_t C = last ? shape[3] : first ? shape[1] : 1;
  if (N < 1) fail(path, " holds no images");
  if (H < 1 || W < 1 || H > largest_side || W > largest_side)
    fail(path, " holds images of ", H, "x", W, " pixels, expected 1 to ", largest_side, " rows and columns");
  data.H = int(H), data.W = int(W), data.C = int(C);
  const Axis images{N, H * W * C}, rows{H, W * C}, columns{W, C}, colours{C, 1};
  std::vector<Axis> axes =
      first ? std::vector{images, colours, rows, columns} : std::vector{images, rows, columns, colours};
  if (!header.fortran) std::reverse(axes.begin(), axes.end());
  return Walk(axes);
}

// Returns the least and the greatest number. Throws Error if one is not finite.
ValueRange extremes(NpyReader& reader, const std::string& path) {
  ValueRange found{INFINITY, -INFINITY};
  for (std::span<const double> part = reader.next(); !part.empty(); part = reader.next())
    for (const double number : part) {
      if (!std::isfinite(number)) fail(path, " holds the value ", number, ", expected finite numbers");
      found = {std::min(found.low, number), std::max(found.high, number)};
    }
  return found;
}

bool lies_near(double a, double b, const ValueRange& range) {
  return std::fabs(a - b) <= slack * (range.high - range.low);
}

// Returns the range that numbers of this type and with these extremes plainly have.
ValueRange plain_range(const ValueRange& found, const std::string& type, const std::string& path) {
  if (type == "u1") return bytes;
  for (const ValueRange range : {ValueRange{0, 1}, ValueRange{-1, 1}, bytes})
    if (lies_near(found.low, range.low, range) && lies_near(found.high, range.high, range)) return range;
  fail_for("range unknown", path, " holds values from ", found.low, " to ", found.high,
           ", which is neither 0 to 1 nor -1 to 1 nor 0 to 255");
}

void expect_within(const ValueRange& found, const ValueRange& range, const std::string& path) {
  const ValueRange all{std::min(found.low, range.low), std::max(found.high, range.high)};
  if (!lies_near(all.low, range.low, range) || !lies_near(all.high, range.high, range))
    fail(path, " holds values from ", found.low, " to ", found.high, ", outside of the range ", range.low,
         " to ", range.high);
}

// Overwrites the pixels with the numbers of the file.
void read_pixels(const NpyHeader& header, Walk walk, ArrayDataset& data) {
  NpyReader reader(data.file);
  if (!(reader.header() == header)) fail(data.file, " was changed while it was read");
  data.pixels.resize(size_t(reader.count()));
  const auto [low, high] = data.range;
  for (std::span<const double> part = reader.next(); !part.empty(); part = reader.next())
    for (const double number : part) {
      const double level = std::clamp((number - low) / (high - low), 0.0, 1.0) * 255;
      data.pixels[walk.place()] = uint8_t(std::lround(level));
      walk.next();
    }
}

// Adds what the user should know of the conversion to bytes.
void note_levels(const ValueRange& found, ArrayDataset& data) {
  const bool whole = data.type[0] != 'f', all_bytes = data.range.low == 0 && data.range.high == 255;
  if (!whole || !all_bytes)
    data.notes.push_back({text(data.file, ": values from ", data.range.low, " to ", data.range.high,
                               " are rounded to 256 levels, which the decoder of Section 3.3 is about")});
  else if (found.high < 128)
    data.notes.push_back(note_for("dark", data.file, ": its values lie from ", found.low, " to ", found.high,
                                  ", though bytes go up to 255"));
}

// Opens an array. Without a range, its range must be plain.
std::unique_ptr<ArrayDataset> open_array(const std::string& path, const std::optional<ValueRange>& range) {
  NpyReader reader(path);
  auto data = std::make_unique<ArrayDataset>();
  data->name = data->file = path;
  data->labelled = false;
  data->type = reader.header().type.substr(1);
  const Walk walk = read_shape(reader.header(), path, *data);
  const ValueRange found = extremes(reader, path);
  data->range = range ? *range : plain_range(found, data->type, path);
  expect_within(found, data->range, path);
  read_pixels(reader.header(), walk, *data);
  note_levels(found, *data);
  return data;
}

}  // namespace

Splits open_arrays(const DataSource& source) {
  auto train = open_array(source.spec, source.range);
  if (source.test == "none") return {std::move(train), nullptr};
  auto test = open_array(source.test, train->range);
  if (test->type != train->type)
    fail(train->file, " holds numbers of numpy's type ", train->type, ", but ", test->file, " of type ",
         test->type, ": save both alike");
  return {std::move(train), std::move(test)};
}

}  // namespace ddpm
