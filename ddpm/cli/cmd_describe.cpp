// ddpm describe: prints a network's layers, output shapes, skips, parameters, multiply-adds, memory, and what
// differs from the paper's network.
// Checked by: tests/ddpm/cli/test_cli.cpp.
#include <algorithm>
#include <cmath>
#include <ostream>

#include "ddpm/cli/commands.h"
#include "ddpm/cli/shared.h"
#include "ddpm/run/presets.h"
#include "ddpm/run/preflight.h"
#include "nn/layer_table.h"
#include "nn/memory.h"

namespace ddpm {

namespace {

// Prints the rows as a table. Aligns the first three columns left and the others, the numbers, right.
void print_aligned(std::ostream& out, const std::vector<std::vector<std::string>>& rows) {
  std::vector<size_t> widths(rows[0].size());
  for (const auto& row : rows)
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  const size_t first_number = 3;
  for (const auto& row : rows) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      const std::string space(widths[i] - row[i].size(), ' ');
      line += (i ? "  " : "") + (i < first_number ? row[i] + space : space + row[i]);
    }
    out << line << "\n";
  }
}

// Prints the estimated memory of all tensors, without the kernels' scratch memory and the program itself.
void print_memory(std::ostream& out, const Unet& network, int batch) {
  const MemoryEstimate memory = estimate_memory(network, batch);
  const auto megabytes = [](double bytes) { return grouped(std::round(bytes / 1e6)); };
  out << "\ntensor memory at batch " << batch << ", in MB: training " << megabytes(memory.training)
      << " (weights " << megabytes(memory.weights)
      << "; the average, both Adam moments and the gradients as much each; "
      << "activations " << megabytes(memory.activations) << "), sampling " << megabytes(memory.sampling)
      << "\ntraining_bytes=" << digits(memory.training) << "\nsampling_bytes=" << digits(memory.sampling)
      << "\n";
}

// Prints which options make the network another than the paper's, if any: a line "not the paper's: ...".
void print_differences(std::ostream& out, const UnetConfig& network) {
  const UnetConfig paper;
  std::string all;
  const auto add = [&](bool differs, const std::string& what) {
    if (differs) all += (all.empty() ? "" : ", ") + what;
  };
  add(network.head_channels != paper.head_channels, text("heads of ", network.head_channels, " channels"));
  add(network.down_padding != paper.down_padding, "downsampling padded on all sides");
  add(network.norm_epsilon != paper.norm_epsilon, text("epsilon ", network.norm_epsilon, " in group norms"));
  add(network.cosine_first != paper.cosine_first, "cosines before sines of the time");
  add(network.frequency_shift != paper.frequency_shift, text("frequency shift ", network.frequency_shift));
  if (!all.empty()) out << "\nnot the paper's: " << all << "\n";
}

void run_describe(Options& options, const Console& console) {
  if (options.given("preset") && options.given("run")) throw UsageError("give --preset or --run, not both");
  const std::string preset = options.has("preset") ? options.value("preset") : default_preset;
  const Unet network(options.has("run") ? load_network_config(options.value("run"), console)
                                        : find_preset(preset).network,
                     Storage::shapes);

  std::vector<std::vector<std::string>> rows{{"layer", "output", "skip", "parameters", "multiply-adds"}};
  double multiply_adds = 0;
  for (const LayerRow& row : layer_table(network)) {
    const std::string output =
        row.resolution ? text(row.resolution, "x", row.resolution, "x", row.channels) : text(row.channels);
    const std::string skip = row.push  ? text("push s", row.push->index)
                             : row.pop ? text("pop s", row.pop->index)
                                       : "";
    rows.push_back({row.name, output, skip, grouped(row.parameters), grouped(row.multiply_adds)});
    multiply_adds += row.multiply_adds;
  }
  print_aligned(console.out, rows);
  console.out << "\nparameters=" << network.parameters().count()
              << "\nmultiply_adds=" << digits(multiply_adds) << "\n";
  print_memory(console.out, network, int(options.integer("batch")));
  print_differences(console.out, network.config());
}

}  // namespace

const Command& describe_command() {
  static const Command command{
      "describe",
      "print a network's layers: output shapes, skips, parameters, multiply-adds per image, memory",
      {{"preset", "P", "", text("network: ", preset_list(), " [", default_preset, "]"),
        one_of(preset_names())},
       run_option(),
       {"batch", "N", "64", "images per step, for the memory estimate", whole(1, 65536)}},
      run_describe};
  return command;
}

}  // namespace ddpm
