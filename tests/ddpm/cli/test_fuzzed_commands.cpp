// Feeds mistyped command lines to the program: each ends with success or one sentence, and changes no file
// but those that it names for output.
#include <doctest/doctest.h>

#include <algorithm>
#include <iterator>
#include <set>

#include "tests/support/mutator.h"
#include "tests/support/presentable.h"
#include "tests/support/runs.h"

namespace ddpm::test {

namespace {

namespace fs = std::filesystem;

using Arguments = std::vector<std::string>;

// Makes a folder the current one while the object lives: outputs have relative names.
class InFolder {
 public:
  explicit InFolder(const std::string& folder) { fs::current_path(folder); }
  ~InFolder() { fs::current_path(before_); }
  InFolder(const InFolder&) = delete;

 private:
  const fs::path before_ = fs::current_path();
};

Arguments split(const std::string& words) {
  std::istringstream in(words);
  return {std::istream_iterator<std::string>(in), {}};
}

// Command lines that take some milliseconds.
const std::vector<std::string> lines{
    "train --data images --out new" + small + "--steps 2 --stop-after 2",
    "train --resume --out run --stop-after 2 --threads 1",
    "sample --run run --count 2 --batch 2 --out s.png --npy s.npy --threads 1",
    "predict --run run --input x.npy --t 2 --output e.npy --threads 1",
    "schedule --T 10 --kind linear --beta-1 0.01 --beta-T 0.3 --csv",
    "describe --run run --batch 8",
    "describe --preset tiny",
    "score --run run --data images --count 2 --seeds 1 --classifier c.safetensors --threads 1",
    "figure schedule --T 20 --out schedule.svg",
    "figure forward --data images --image 3 --T 20 --out forward.svg",
    "figure reverse --run run --count 1 --out reverse.svg --threads 1",
    "figure training --run run --out training.svg --force"};

// What may be typed in place of anything else. No number is large and valid: that would be long work.
const std::vector<std::string> words = [] {
  std::vector<std::string> all =
      split("0 1 2 3 -1 0.5 1e-400 1e400 nan inf none on off 1,2 1,,2 = -- -h --help"
            " 99999999999999999999 --steps --T=3 --out --resume=off --weights=raw"
            " images run train figure x.npy run/training missing images/run"
            " c.safetensors \x1b[2J \xff\xfe \u202e");
  all.insert(all.end(), {"", std::string(5000, 'x'), "--" + std::string(5000, 'y'), std::string(300, ',')});
  return all;
}();

// Returns the line after one or two mistakes.
Arguments mistyped(Arguments line, Mutator& mutator) {
  for (size_t mistakes = 1 + mutator.below(2); mistakes > 0 && !line.empty(); --mistakes) {
    const size_t at = mutator.below(line.size()), other = mutator.below(line.size());
    const auto place = line.begin() + int64_t(at);
    switch (mutator.below(8)) {
      case 0: line.erase(place); break;
      case 1: line.insert(place, mutator.choice(words)); break;
      case 2: std::swap(line[at], line[other]); break;
      case 3: line.insert(place, line[other]); break;
      case 4: line[at] = mutator.choice(words); break;
      case 5:
      case 6:
        if (!line[at].starts_with("--") && at > 0) line[at] = mutator.choice(words);
        break;
      default:
        if (!line[at].empty())
          line[at][mutator.below(line[at].size())] = "a-=.,1 \n\x1b\xc3"[mutator.below(10)];
    }
  }
  return line;
}

// Training stops soon, whatever option was lost.
Arguments bounded(Arguments line) {
  const bool has = std::find(line.begin(), line.end(), "--stop-after") != line.end();
  if (!line.empty() && line[0] == "train" && !has) line.insert(line.end(), {"--stop-after", "2"});
  return line;
}

std::string joined(const Arguments& line) {
  std::string all;
  for (const std::string& argument : line) all += " " + argument;
  return all;
}

}  // namespace

TEST_CASE("fuzzed commands: each succeeds or is refused in one sentence, and changes only its outputs") {
  const Runs runs;
  const InFolder inside(runs.folder / "");
  std::string train = lines[0];
  succeed(train.replace(train.find("--out new"), 9, "--out run").replace(train.find("--T 4"), 5, "--T 10"));
  succeed("sample --run run --count 2 --batch 2 --out x.png --npy x.npy --threads 1");
  succeed(lines[7]);  // trains the classifier
  const auto run = snapshot("run");
  const auto data = snapshot("images");
  const std::set<fs::path> kept{"run", "images", "x.npy", "c.safetensors"};
  Mutator mutator(1);
  std::map<int, int> codes;
  for (int i = 0; i < 600; ++i) {
    const Arguments line = bounded(mistyped(split(lines[size_t(i) % lines.size()]), mutator));
    std::ostringstream out, err;
    const int code = run_command(line, {out, err});
    CAPTURE(i);
    CAPTURE(joined(line));
    CAPTURE(err.str());
    CHECK((code == 0 || code == 1 || code == 2));
    CHECK((code == 0) == !contains(err.str(), "ddpm: "));
    CHECK(presentable(err.str()) == "");
    CHECK(snapshot("run") == run);
    ++codes[code];
    for (const auto& entry : fs::directory_iterator("."))
      if (!kept.count(entry.path().filename())) fs::remove_all(entry.path());
  }
  fs::remove("images/classifier.safetensors");  // where score puts it if --classifier is lost
  CHECK(snapshot("images") == data);
  CHECK(codes[0] > 30);
  CHECK(codes[1] > 5);
  CHECK(codes[2] > 200);
}

}  // namespace ddpm::test
