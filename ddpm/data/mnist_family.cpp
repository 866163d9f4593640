// See ddpm/data/mnist_family.h. Checked by: tests/ddpm/data/test_mnist_family.cpp.
#include "ddpm/data/mnist_family.h"

#include <filesystem>
#include <regex>
#include <set>
#include <vector>

#include "kernels/types.h"

namespace ddpm {

namespace fs = std::filesystem;

namespace {

constexpr int deepest = 2;  // levels of folders below the one that is named
const std::string training = "train-images", images = "-images", images_ending = "idx3-ubyte";

// Returns the name without "-idx3-ubyte" or ".idx3-ubyte", "" if it does not end so.
std::string stem_of(const std::string& name) {
  for (const std::string& ending : {"-" + images_ending, "." + images_ending})
    if (name.ends_with(ending)) return name.substr(0, name.size() - ending.size());
  return "";
}

[[noreturn]] void compressed(const std::string& path) {
  fail(path, " is compressed: unpack it with  gunzip ", path);
}

// Returns the path of the file `stem`-`ending` or `stem`.`ending`, "" if there is neither.
std::string find_file(const std::string& stem, const std::string& ending) {
  const std::string paths[] = {stem + "-" + ending, stem + "." + ending};
  std::error_code none;  // makes is_regular_file return false instead of throwing
  for (const std::string& path : paths)
    if (fs::is_regular_file(path, none)) return path;
  for (const std::string& path : paths)
    if (fs::is_regular_file(path + ".gz", none)) compressed(path + ".gz");
  return "";
}

// What a search through folders has met.
struct Found {
  std::set<std::string> stems;               // of training images, with their folders
  std::string compressed, picture, archive;  // the last of each kind
};

// Notes one file.
void note(const fs::path& file, Found& found) {
  static const std::regex pictures("\\.(bmp|gif|jpe?g|png|webp)", std::regex::icase);
  const std::string name = file.filename().string(), ending = file.extension().string();
  if (stem_of(name).ends_with(training))
    found.stems.insert((file.parent_path() / stem_of(name)).string());
  else if (ending == ".gz" && stem_of(file.stem().string()).ends_with(training))
    found.compressed = file.string();
  else if (std::regex_match(ending, pictures))
    found.picture = file.string();
  else if (ending == ".npy" || ending == ".npz")
    found.archive = file.string();
}

// Searches the folder, and the levels below while no training images are found.
Found search(const std::string& folder) {
  Found found;
  std::vector<fs::path> level{folder};
  for (int depth = 0; depth <= deepest && found.stems.empty(); ++depth) {
    std::vector<fs::path> below;
    for (const fs::path& place : level) {
      std::error_code ignored;  // a folder that may not be read is passed over
      for (const auto& entry : fs::directory_iterator(place, ignored))
        if (entry.is_directory(ignored))
          below.push_back(entry.path());
        else
          note(entry.path(), found);
    }
    level = below;
  }
  return found;
}

// Says what to do about a folder without training images.
[[noreturn]] void nothing_in(const std::string& folder, const Found& found) {
  if (!found.compressed.empty()) compressed(found.compressed);
  if (!found.archive.empty()) fail(folder, " holds no IDX files, but ", found.archive, ": name that file");
  if (!found.picture.empty())
    fail(folder,
         " holds pictures: make them one array, there, in Python:  import glob, numpy, PIL.Image as P;  ",
         "x = [numpy.asarray(P.open(f).convert('RGB').resize((32, 32))) for f in ", "sorted(glob.glob('**/*",
         fs::path(found.picture).extension().string(), "', recursive=True))];  ",
         "numpy.save('images.npy', x)  and name images.npy");
  fail((fs::path(folder) / (training + "-" + images_ending)).string(),
       " is missing: `make data` fetches MNIST into data/mnist");
}

}  // namespace

std::string find_training_images(const std::string& folder) {
  std::error_code none;
  if (!fs::is_directory(folder, none))
    fail("there is no folder ", folder,
         ": `make data` fetches MNIST into data/mnist, or use the built-in digits");
  const Found found = search(folder);
  if (found.stems.empty()) nothing_in(folder, found);
  std::vector<std::string> paths;
  for (const std::string& stem : found.stems) {
    paths.push_back(find_file(stem, images_ending));
    if (paths.back().empty())
      fail(stem, "-", images_ending, " is no ordinary file: a link that leads nowhere?");
  }
  if (paths.size() > 1)
    fail(folder, " holds ", paths.size(), " files of training images: name the one that you mean, such as ",
         paths[0], " or ", paths[1]);
  return paths[0];
}

std::string find_test_images(const std::string& training_images) {
  const std::string stem = stem_of(training_images);
  if (!stem.ends_with(training)) return "";
  const std::string before = stem.substr(0, stem.size() - training.size());
  const std::string first = find_file(before + "t10k-images", images_ending);
  return first.empty() ? find_file(before + "test-images", images_ending) : first;
}

std::string find_labels(const std::string& image_file) {
  const std::string stem = stem_of(image_file);
  if (!stem.ends_with(images)) return "";
  const std::string labels = stem.substr(0, stem.size() - images.size()) + "-labels";
  const std::string bytes = find_file(labels, "idx1-ubyte");
  return bytes.empty() ? find_file(labels, "idx2-int") : bytes;
}

}  // namespace ddpm
