// See ddpm/cli/score_classifier.h. Checked by: tests/ddpm/cli/test_score_command.cpp.
#include "ddpm/cli/score_classifier.h"

#include <filesystem>
#include <ostream>

#include "ddpm/cli/shared.h"
#include "ddpm/formats/quote.h"

namespace ddpm {

namespace fs = std::filesystem;

namespace {

// Returns --classifier if it is given, else the path of classifier.safetensors in the data's folder, or
// beside the data's file. Transposed images have a classifier of their own. The folder of the built-in digits
// is data/digits.
std::string classifier_path(const Options& options) {
  if (options.has("classifier")) return options.value("classifier");
  std::string data = options.value("data");
  if (data == "digits") data = "data/digits";
  if (data.starts_with("cifar10:")) data = data.substr(8);
  const std::string name =
      options.on("transpose") ? "classifier-transposed.safetensors" : "classifier.safetensors";
  return fs::is_regular_file(data) ? data + "." + name : (fs::path(data) / name).string();
}

}  // namespace

void expect_labels(const Options& options, const Dataset& train, const Dataset& test) {
  if (!fs::exists(classifier_path(options))) require_classes(train);
  if (test.labelled) require_classes(test);
}

std::unique_ptr<Classifier> obtain_classifier(const Options& options, const Dataset& train,
                                              const Console& console) {
  const std::string path = classifier_path(options);
  if (fs::exists(path)) return load_classifier(path, train);
  if (fs::path(path).has_parent_path()) fs::create_directories(fs::path(path).parent_path());
  expect_writable(path, Existing::keep);
  LongWork work(console);
  auto classifier = train_classifier(train, work.reporter());
  work.finish();
  if (!classifier) throw Interrupted("stopped; the classifier was not saved");
  save_classifier(path, *classifier, Existing::keep);
  console.out << printable("trained the classifier and saved it as " + path) << "\n";
  return classifier;
}

}  // namespace ddpm
