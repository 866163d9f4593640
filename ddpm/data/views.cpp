// See ddpm/data/views.h. Checked by: tests/ddpm/data/test_views.cpp.
#include "ddpm/data/views.h"

#include <algorithm>

#include "ddpm/data/order.h"
#include "kernels/types.h"

namespace ddpm {

namespace {

constexpr int64_t most_held_out = 1000;
constexpr uint64_t held_out_seed = 0x68656c64;  // "held" in ASCII

// The images at positions first, first + 1, ..., first + count - 1 of a fixed random order.
struct Part : Dataset {
  std::shared_ptr<const Dataset> all;
  int64_t first, count;

  Part(std::shared_ptr<const Dataset> whole, int64_t first, int64_t count)
      : Dataset(*whole), all(std::move(whole)), first(first), count(count) {}
  int64_t size() const override { return count; }
  void image(int64_t index, uint8_t* pixels) const override { all->image(place(index), pixels); }
  int label(int64_t index) const override { return all->label(place(index)); }
  // Returns the index of the image in the whole dataset.
  int64_t place(int64_t index) const {
    ENSURE(0 <= index && index < count, index, " of ", count);
    return shuffled(first + index, all->size(), held_out_seed);
  }
};

struct Transposed : Dataset {
  std::unique_ptr<Dataset> data;

  explicit Transposed(std::unique_ptr<Dataset> original) : Dataset(*original), data(std::move(original)) {
    std::swap(H, W);
  }
  int64_t size() const override { return data->size(); }
  int label(int64_t index) const override { return data->label(index); }
  void image(int64_t index, uint8_t* pixels) const override {
    std::vector<uint8_t> rows(size_t(H) * size_t(W) * size_t(C));
    data->image(index, rows.data());
    for (int64_t i = 0; i < H; ++i)
      for (int64_t j = 0; j < W; ++j)
        std::copy_n(&rows[size_t((j * H + i) * C)], C, pixels + (i * W + j) * C);
  }
};

}  // namespace

Splits hold_out(std::unique_ptr<Dataset> all) {
  const int64_t n = all->size();
  if (n < 2)
    fail(all->file, " holds one image, and there are no test images: at least two images are needed");
  const int64_t held = std::clamp<int64_t>(n / 10, 1, most_held_out);
  all->notes.push_back({text("there are no test images: ", held, " of the ", n, " images of ", all->file,
                             " are held out of training for validation")});
  const std::shared_ptr<const Dataset> whole = std::move(all);
  return {std::make_unique<Part>(whole, held, n - held), std::make_unique<Part>(whole, 0, held)};
}

std::unique_ptr<Dataset> transposed(std::unique_ptr<Dataset> data) {
  return std::make_unique<Transposed>(std::move(data));
}

}  // namespace ddpm
