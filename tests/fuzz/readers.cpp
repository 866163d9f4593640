// The table of readers: see tests/fuzz/readers.h. Most read files: the bytes go to a file in a scratch
// folder, which TMPDIR should place in memory. Checked by: tests/fuzz/test_seeds.cpp.
#include "tests/fuzz/readers.h"

#include <sstream>

#include "ddpm/cli/commands.h"
#include "ddpm/cli/train_options.h"
#include "ddpm/diffusers/model.h"
#include "ddpm/formats/cifar10.h"
#include "ddpm/formats/csv.h"
#include "ddpm/formats/idx.h"
#include "ddpm/formats/json.h"
#include "ddpm/formats/npy.h"
#include "ddpm/formats/safetensors.h"
#include "ddpm/run/checkpoint.h"
#include "nn/memory.h"
#include "tests/support/presentable.h"
#include "tests/support/scratch.h"
#include "tests/support/tiny.h"

namespace ddpm::test {

namespace {

const ScratchFolder& scratch() {
  static const ScratchFolder folder;
  return folder;
}

// Writes the bytes to a file of the scratch folder and returns its path.
std::string file(const std::string& bytes) { return scratch().put("file", bytes); }

// Writes the bytes to folder/name in the scratch folder. Returns the path of the folder.
std::string folder_with(const std::string& folder, const std::string& name, const std::string& bytes) {
  std::filesystem::create_directories(scratch() / folder);
  scratch().put(folder + "/" + name, bytes);
  return scratch() / folder;
}

void json(const std::string& bytes) {
  const Json value = parse_json(bytes, "file");
  ENSURE(parse_json(write_json(value), "again") == value, "JSON changes when it is written and read");
}

void npy(const std::string& bytes) {
  const Npy array = read_npy(file(bytes));
  write_npy(scratch() / "again", array.shape, array.data);
  ENSURE(read_npy(scratch() / "again").shape == array.shape, "an array changes when it is written and read");
}

void csv(const std::string& bytes) {
  const CsvTable table = read_csv(file(bytes), {"step"});
  ENSURE(table.column("step").size() == table.rows.size(), table.rows.size());
}

// One argument a line.
void options(const std::string& bytes) {
  std::istringstream lines(bytes);
  std::vector<std::string> arguments;
  for (std::string line; std::getline(lines, line);) arguments.push_back(line);
  check_command(arguments);
}

void run_options(const std::string& bytes) {
  std::filesystem::create_directories(scratch() / "run/training");
  const Options options = read_run_options(folder_with("run", "training/options.json", bytes));
  make_run_options(options, Bars(1, 8));
}

// The network whose weights and states are the seeds.
UnetConfig least_network() {
  UnetConfig config = smallest_config();
  config.channels = 4;
  config.groups = 2;
  return config;
}

// What `ddpm describe` does with it, which takes no memory for weights.
void network(const std::string& bytes) {
  const Unet described(read_network(folder_with("network", "config.json", bytes)), Storage::shapes);
  ENSURE(estimate_memory(described, 65536).sampling > 0, described.parameters().count());
}

void weights(const std::string& bytes) {
  static const Unet network(least_network());
  read_weights(folder_with("weights", "diffusion_pytorch_model.safetensors", bytes), network.parameters());
}

void state(const std::string& bytes) {
  static Unet network(least_network()), average(least_network());
  static Adam adam(network.parameters(), {});
  std::filesystem::create_directories(scratch() / "state/training");
  TrainingState loaded{network.parameters(), average.parameters(), adam};
  load_state(folder_with("state", "training/state.safetensors", bytes), loaded);
}

}  // namespace

const std::vector<FuzzedReader>& fuzzed_readers() {
  static const std::vector<FuzzedReader> all{
      {"json", json},
      {"safetensors", [](const std::string& bytes) { read_safetensors(file(bytes)); }},
      {"npy", npy},
      {"csv", csv},
      {"idx_images", [](const std::string& bytes) { read_idx_images(file(bytes)); }},
      {"idx_labels", [](const std::string& bytes) { read_idx_labels(file(bytes)); }},
      {"cifar10", [](const std::string& bytes) { read_cifar10_batch(file(bytes)); }},
      {"options", options},
      {"run_options", run_options},
      {"network", network},
      {"scheduler",
       [](const std::string& bytes) {
         read_scheduler(folder_with("schedule", "scheduler_config.json", bytes));
       }},
      {"weights", weights},
      {"state", state}};
  return all;
}

std::string fault_of(const FuzzedReader& reader, const std::string& bytes) {
  try {
    reader.read(bytes);
  } catch (const Error& error) {
    return presentable(text("ddpm: ", error.what(), "\n"));
  }
  return "";
}

}  // namespace ddpm::test
