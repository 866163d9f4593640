// A model whose files can be changed into what other programs write.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "ddpm/diffusers/model.h"
#include "ddpm/formats/json.h"
#include "tests/support/scratch.h"
#include "tests/support/tiny.h"

namespace ddpm::test {

using Changes = std::vector<std::pair<std::string, Json>>;

// A model as this program writes it. Its config files and weights can be changed.
struct Foreign {
  ScratchFolder scratch;
  std::string folder = scratch / "model";
  Unet network{small_config()};
  Notes notes;

  Foreign() {
    network.parameters().initialize(1);
    write_network(folder, network.config());
    write_scheduler(folder, {});
    write_weights(folder, network.parameters());
  }
  // Sets members of a config file; a name that begins with "-" removes one.
  void set(const std::string& file, const Changes& changes) const {
    JsonObject members = std::get<JsonObject>(read_json(folder + "/" + file).value);
    for (const auto& [key, value] : changes) {
      const std::string name = key.starts_with("-") ? key.substr(1) : key;
      std::erase_if(members, [&](const auto& member) { return member.first == name; });
      if (name == key) members.emplace_back(key, value);
    }
    scratch.put("model/" + file, write_json(members));
  }
  void set_network(const Changes& changes) const { set("unet/config.json", changes); }
  void set_scheduler(const Changes& changes) const { set("scheduler/scheduler_config.json", changes); }

  UnetConfig network_config() { return notes.clear(), read_network(folder, &notes); }
  DiffusionConfig scheduler() { return notes.clear(), read_scheduler(folder, &notes); }
  std::string network_error() {
    return error_of([&] { network_config(); });
  }
  std::string scheduler_error() {
    return error_of([&] { scheduler(); });
  }
  std::string weights_error() {
    notes.clear();
    return error_of([&] { read_weights(folder, network.parameters(), &notes); });
  }
  std::string weights_path(const std::string& name = "diffusion_pytorch_model.safetensors") const {
    return folder + "/unet/" + name;
  }
};

}  // namespace ddpm::test
