// ddpm score: rates samples with a classifier trained on real images (ddpm/score/figures.h). For
// comparison, it also rates the same number of real images.
// Checked by: tests/ddpm/cli/test_score_command.cpp.
#include <cmath>
#include <iomanip>
#include <optional>
#include <ostream>
#include <sstream>

#include "ddpm/cli/commands.h"
#include "ddpm/cli/estimate.h"
#include "ddpm/cli/sampler.h"
#include "ddpm/cli/score_classifier.h"
#include "ddpm/cli/shared.h"
#include "ddpm/data/batch.h"
#include "ddpm/data/order.h"
#include "ddpm/formats/npy.h"
#include "ddpm/formats/shape.h"
#include "ddpm/run/preflight.h"
#include "ddpm/score/figures.h"
#include "kernels/kernels.h"

namespace ddpm {

namespace {

constexpr int64_t reference_images = 10000;
constexpr int judged_at_once = 64;

// ---- The images ----------------------------------------------------------------

// Appends the classifier's results for `count` images to `judged`. Takes the images from position
// `first` on, in a fixed random order.
void judge_real(const Classifier& classifier, const Dataset& data, int64_t first, int64_t count,
                Judged& judged) {
  for (int64_t done = 0; done < count; done += judged_at_once) {
    std::vector<int64_t> indices;
    for (int64_t i = done; i < std::min(count, done + judged_at_once); ++i)
      indices.push_back(shuffled(first + i, data.size(), 0));
    judge(classifier, load_images(data, indices), judged);
  }
}

// Reads the arrays in a comma-separated list of files, as written by `ddpm sample --npy`. Throws Error
// unless each is (N,C,H,W) in [-1, 1] with the same N >= 2. Throws UsageError if a file name is empty.
std::vector<Npy> read_samples(const std::string& list, const Dataset& data) {
  std::vector<Npy> files;
  std::istringstream paths(list);
  for (std::string path; std::getline(paths, path, ',');) {
    if (path.empty()) throw UsageError("--samples has an empty name in its list");
    Npy file = read_npy(path);
    const std::vector<int64_t> image{data.C, data.H, data.W}, &shape = file.shape;
    if (shape.size() != 4 || !std::equal(image.begin(), image.end(), shape.begin() + 1) || shape[0] < 2)
      fail(path, ": the shape is ", shape_text(shape), ", expected (N, ", data.C, ", ", data.H, ", ", data.W,
           ") with N >= 2");
    for (const float value : file.data)
      if (!(value >= -1 && value <= 1))
        fail(path, ": found the value ", value, ", expected numbers in [-1, 1]");
    if (!files.empty() && shape[0] != files[0].shape[0])
      fail(path, ": found ", shape[0], " images, expected ", files[0].shape[0], " as in the first file");
    files.push_back(std::move(file));
  }
  if (files.empty()) throw UsageError("--samples names no file");
  return files;
}

Judged judge_file(const Classifier& classifier, const Npy& file) {
  Judged judged;
  const int64_t N = file.shape[0], C = file.shape[1], P = file.shape[2] * file.shape[3], one = C * P;
  for (int64_t first = 0; first < N; first += judged_at_once) {
    const int64_t B = std::min<int64_t>(judged_at_once, N - first);
    Tensor x({int(B), int(file.shape[2]), int(file.shape[3]), int(C)});
    for (int64_t b = 0; b < B; ++b)
      for (int64_t c = 0; c < C; ++c)
        for (int64_t p = 0; p < P; ++p)
          x.data()[b * one + p * C + c] = file.data[size_t((first + b) * one + c * P + p)];
    judge(classifier, x, judged);
  }
  return judged;
}

Judged judge_seed(const Classifier& classifier, const Drawing& drawing, int64_t seed, int64_t count,
                  const Console& console) {
  Judged judged;
  drawing.draw(uint64_t(seed), count, text("seed ", seed, ": "), console,
               [&](const Tensor& x) { judge(classifier, x, judged); });
  return judged;
}

// Prints how long the classifier will take to judge so many images, from what some of them take.
void announce_judging(const Classifier& classifier, const Dataset& data, int64_t images,
                      const Console& console) {
  Judged ignored;
  double seconds = 0;
  for (int i = 0; i < 2; ++i) {  // the first run allocates memory and is not counted
    const Stopwatch watch;
    judge_real(classifier, data, 0, judged_at_once, ignored);
    seconds = watch.seconds();
  }
  console.err << estimate_line(seconds / judged_at_once * double(images),
                               "judge " + grouped(double(images)) + " images");
}

// ---- The table -------------------------------------------------------------------

struct Spread {
  double mean, deviation;  // mean and standard deviation over the sets; for one set, deviation is NaN
};
Spread spread(const std::vector<Figures>& all, double Figures::*figure) {
  const auto n = double(all.size());
  double mean = 0, squares = 0;
  for (const Figures& f : all) mean += f.*figure / n;
  for (const Figures& f : all) squares += (f.*figure - mean) * (f.*figure - mean);
  return {mean, std::sqrt(squares / (n - 1))};
}

std::string cell(Spread s, double unit, int digits, const char* sign) {
  std::ostringstream out;
  out << std::fixed << std::setprecision(digits) << s.mean * unit << sign;
  if (std::isfinite(s.deviation)) out << " +- " << s.deviation * unit;
  return out.str();
}

void print_row(std::ostream& out, const std::string& name, const std::string& samples,
               const std::string& real_ones) {
  out << std::left << std::setw(20) << name << std::setw(24) << samples << real_ones << "\n";
}

std::string histogram(const std::vector<Figures>& all) {
  std::array<int64_t, classes> sum{};
  for (const Figures& f : all)
    for (int k = 0; k < classes; ++k) sum[k] += f.histogram[k];
  std::string line;
  for (const int64_t count : sum) line += text(line.empty() ? "" : " ", count);
  return line;
}

void print_figures(std::ostream& out, const std::vector<Figures>& drawn,
                   const std::vector<Figures>& real_ones, int64_t count) {
  const std::string size = text(drawn.size(), " x ", count);
  print_row(out, "", "samples, " + size, "real images, " + size);
  const auto row = [&](const char* name, double Figures::*figure, double unit, int digits, const char* sign) {
    print_row(out, name, cell(spread(drawn, figure), unit, digits, sign),
              cell(spread(real_ones, figure), unit, digits, sign));
  };
  row("confidence > 0.9", &Figures::sure, 100, 1, " %");
  row("mean confidence", &Figures::confidence, 1, 3, "");
  row("inception score", &Figures::inception, 1, 2, "");
  row("Frechet distance", &Figures::frechet, 1, 2, "");
  out << "classes 0 to 9, samples      " << histogram(drawn) << "\n"
      << "classes 0 to 9, real images  " << histogram(real_ones) << "\n"
      << (drawn.size() > 1 ? "+- is the standard deviation over the sets, one per seed or file.\n"
                           : "One set has no standard deviation: use several seeds or files to get one.\n")
      << "Compare Frechet distances and inception scores only at equal numbers of images.\n";
}

// ---- The command -----------------------------------------------------------------

void run_score(Options& options, const Console& console) {
  if (options.has("run") == options.has("samples"))
    throw UsageError("give either --run RUN or --samples F.npy, not both");
  for (const std::string name : {"count", "seeds", "seed", "weights", "variance", "clip", "batch"})
    if (options.has("samples") && options.given(name))
      throw UsageError("--" + name + " has no effect on --samples; use it with --run");
  configure_kernels(options, console);
  const auto [train, test] = open_data(options, console);
  require_classifier_size(train->H, train->W);
  expect_labels(options, *train, *test);
  if (train->size() < 2 || test->size() < 2)
    fail(options.value("data"), " holds ", train->size(), " training and ", test->size(),
         " test images, expected at least 2 of each");

  // Checks the samples before training the classifier, which may take a minute.
  std::vector<Npy> files;
  std::optional<Drawing> drawing;
  if (options.has("samples"))
    files = read_samples(options.value("samples"), *test);
  else
    expect_same_images(drawing.emplace(options, console).network(), *test);
  if (drawing) drawing->announce(options.integer("count"), options.integer("seeds"), console);

  const auto classifier = obtain_classifier(options, *train, console);
  const int64_t count = drawing ? options.integer("count") : files[0].shape[0];
  const int64_t sets = drawing ? options.integer("seeds") : int64_t(files.size());
  const int64_t references = std::min(reference_images, train->size()),
                labelled = test->labelled ? std::min(max_test_images, test->size()) : 0;
  announce_judging(*classifier, *train, references + labelled + 2 * sets * count, console);
  if (test->labelled)
    console.out << "the classifier labels " << std::fixed << std::setprecision(2)
                << 100 * accuracy(*classifier, *test) << " % of the test images correctly" << std::endl;
  Judged reference;
  judge_real(*classifier, *train, 0, references, reference);
  const Moments of_training = moments(reference.features, feature_count);
  if (!vary(of_training))
    fail(classifier->name,
         " gives all images the same features: if they are not all alike, delete it to train another");
  std::vector<Figures> drawn, real_ones;
  for (int64_t set = 0; set < sets; ++set) {
    const Judged judged =
        drawing ? judge_seed(*classifier, *drawing, options.integer("seed") + set, count, console)
                : judge_file(*classifier, files[size_t(set)]);
    drawn.push_back(figures(judged, of_training));
    Judged judged_real;
    judge_real(*classifier, *test, set * count, count, judged_real);
    real_ones.push_back(figures(judged_real, of_training));
  }
  print_figures(console.out, drawn, real_ones, count);
}

std::vector<Option> score_table() {
  Option run = run_option();
  run.meaning += ", to draw from";
  std::vector<Option> options = {
      run,
      {"samples", "LIST", "", "instead of --run: files of `ddpm sample --npy`, F.npy or F.npy,G.npy,...",
       any_text()},
      {"data", "D", "data/mnist", "the real images, named as for ddpm train", any_text()},
      {"count", "N", "64", "images per seed", whole(2, 1'000'000)},
      {"seeds", "K", "3", "number of seeds", whole(1, 1000)},
      {"seed", "N", "0", "the first seed", whole(0, INT64_MAX - 1000)},
      {"classifier", "F", "",
       "file of the classifier, trained if missing [classifier.safetensors in the data's folder]",
       any_text()}};
  const std::vector<Option> data = data_options();
  options.insert(options.begin() + 3, data.begin(), data.end());
  for (Option& option : drawing_options()) options.push_back(std::move(option));
  options.insert(options.end(), {threads_option(), convolution_option()});
  return options;
}

}  // namespace

const Command& score_command() {
  static const Command command{"score", "rate samples with a classifier trained on the real images",
                               score_table(), run_score};
  return command;
}

}  // namespace ddpm
