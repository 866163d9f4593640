// Checks networks in diffusers' format (ddpm/diffusers/network.cpp, weights.cpp): four networks with outputs
// that other programs computed (tests/golden/), what is written, and refusal of networks and files that do
// not match. The scheduler: tests/ddpm/diffusers/test_scheduler.cpp.
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "ddpm/diffusers/model.h"
#include "ddpm/formats/json.h"
#include "ddpm/formats/npy.h"
#include "ddpm/formats/safetensors.h"
#include "tests/support/command.h"
#include "tests/support/near.h"
#include "tests/support/tiny.h"

namespace ddpm::test {

namespace {

namespace fs = std::filesystem;

UnetConfig with_dropout() {
  UnetConfig config = small_config();
  config.dropout = 0.25;  // not diffusers' default
  return config;
}

// A folder with a small network whose weights all differ.
struct Model {
  ScratchFolder scratch;
  std::string folder = scratch / "model";
  Unet network{with_dropout()};

  Model() {
    network.parameters().initialize(1);
    perturb(network.parameters());
    fs::create_directory(folder);
    write_network(folder, network.config());
    write_scheduler(folder, {});
    write_weights(folder, network.parameters());
  }
  std::string weights_path() const { return folder + "/unet/diffusion_pytorch_model.safetensors"; }

  // Replaces the first `from` in a file of the folder by `to`.
  void edit(const std::string& file, const std::string& from, const std::string& to) const {
    std::string text = read_bytes(folder + "/" + file);
    const size_t at = text.find(from);
    REQUIRE_MESSAGE(at != text.npos, from);
    scratch.put("model/" + file, text.replace(at, from.size(), to));
  }
  // Writes the weights after a change, and returns the error of reading them.
  template <typename Change>
  std::string error_after(Change change) const {
    std::vector<NamedArray> arrays = read_safetensors(weights_path());
    change(arrays);
    write_safetensors(weights_path(), arrays);
    Unet other(network.config());
    return error_of([&] { read_weights(folder, other.parameters()); });
  }
};

NamedArray& find_array(std::vector<NamedArray>& arrays, const std::string& name) {
  const auto found =
      std::find_if(arrays.begin(), arrays.end(), [&](const NamedArray& a) { return a.name == name; });
  REQUIRE(found != arrays.end());
  return *found;
}

}  // namespace

TEST_CASE("diffusers: networks with the paper's options and with the library's give known outputs") {
  const ScratchFolder scratch;
  for (const std::string name :
       {"nested", "flat-legacy-names", "library-rgb-three-levels", "library-half", "library-bfloat16"})
    for (const int t : {1, 500, 1000}) {
      const std::string golden = "tests/golden/" + name, output = scratch / "e.npy";
      succeed(
          text("predict --run ", golden, " --input ", golden, "/input.npy --t ", t, " --output ", output));
      const Npy got = read_npy(output), want = read_npy(text(golden, "/epsilon_t", t, ".npy"));
      REQUIRE(got.shape == want.shape);
      float largest = 0;
      for (const float value : want.data) largest = std::max(largest, std::fabs(value));
      CHECK(mismatch(got.data.data(), want.data.data(), want.data.size(), 1e-5 * largest) == "");
    }
}

TEST_CASE("diffusers: a network is read as it was written, bit for bit") {
  const Model model;
  const UnetConfig config = read_network(model.folder);
  Unet other(config);
  read_weights(model.folder, other.parameters());
  std::vector<real> want = weights(model.network.parameters());
  for (real& w : want) w = float(w);
  CHECK(weights(other.parameters()) == want);
  CHECK(config.attention == model.network.config().attention);
  CHECK(config.image_size == 8);
  CHECK(config.dropout == 0.25);
  const std::string before = read_bytes(model.weights_path());
  write_weights(model.folder, other.parameters());
  CHECK(read_bytes(model.weights_path()) == before);
}

TEST_CASE("diffusers: options of the library's defaults are written as its keys, and read again") {
  const ScratchFolder scratch;
  UnetConfig config = with_library_defaults(small_config());
  config.norm_epsilon = 3e-5;
  write_network(scratch / ".", config);
  const UnetConfig again = read_network(scratch / ".");
  CHECK(again.head_channels == 4);
  CHECK(again.down_padding == 1);
  CHECK(again.norm_epsilon == 3e-5);
  CHECK(again.cosine_first);
  CHECK(again.frequency_shift == 0);
  const JsonFields unet(read_json(scratch / "unet/config.json"), "unet");
  CHECK(unet.integer("attention_head_dim", 1, 99) == 4);
  CHECK(unet.integer("downsample_padding", 0, 9) == 1);
  CHECK(unet.number("norm_eps", 0, 1) == 3e-5);
  CHECK(unet.boolean("flip_sin_to_cos"));
  CHECK(unet.integer("freq_shift", 0, 9) == 0);
}

TEST_CASE("diffusers: the files hold what DDPMPipeline reads") {
  const Model model;
  const auto text_of = [&](const std::string& file) { return read_bytes(model.folder + "/" + file); };
  const JsonFields index(parse_json(text_of("model_index.json"), "index"), "index");
  CHECK(index.string("_class_name") == "DDPMPipeline");
  CHECK(index.strings("unet") == std::vector<std::string>{"diffusers", "UNet2DModel"});
  CHECK(index.strings("scheduler") == std::vector<std::string>{"diffusers", "DDPMScheduler"});
  const JsonFields unet(parse_json(text_of("unet/config.json"), "unet"), "unet");
  CHECK(unet.strings("down_block_types") == std::vector<std::string>{"DownBlock2D", "AttnDownBlock2D"});
  CHECK(unet.strings("up_block_types") == std::vector<std::string>{"AttnUpBlock2D", "UpBlock2D"});
  CHECK(unet.integers("block_out_channels", 1, 99) == std::vector<int64_t>{8, 16});
  CHECK(unet.get("attention_head_dim") == Json(nullptr));
  CHECK(unet.boolean("flip_sin_to_cos") == false);
  CHECK(unet.integer("freq_shift", 0, 9) == 1);
  CHECK(unet.integer("downsample_padding", 0, 9) == 0);
  CHECK(unet.number("norm_eps", 0, 1) == 1e-6);
  for (const std::string key :
       {"_diffusers_version", "act_fn", "center_input_sample", "in_channels", "layers_per_block",
        "mid_block_scale_factor", "norm_num_groups", "out_channels", "sample_size", "time_embedding_type"})
    CHECK_MESSAGE(unet.find(key), key);
  const JsonFields scheduler(parse_json(text_of("scheduler/scheduler_config.json"), "s"), "s");
  CHECK(scheduler.string("variance_type") == "fixed_large");
  CHECK(scheduler.string("beta_schedule") == "linear");
  CHECK(scheduler.get("trained_betas") == Json(nullptr));
}

TEST_CASE("diffusers: weights that do not match the network are refused by name") {
  const std::string name = "mid_block.resnets.0.conv1.weight";
  const Model model;
  const std::string intact = read_bytes(model.weights_path());
  const auto error_after = [&](auto change) {
    model.scratch.put("model/unet/diffusion_pytorch_model.safetensors", intact);
    return model.error_after(change);
  };
  CHECK(error_after([](auto&) {}) == "no error");
  CHECK(contains(error_after([&](auto& a) { find_array(a, name).name = "renamed"; }), name + " is missing"));
  CHECK(contains(error_after([](auto& a) { a.push_back({"extra", {1}, {0}}); }), "no tensor \"extra\""));
  CHECK(contains(error_after([&](auto& a) {
                   find_array(a, name).shape = {16, 144};
                 }),
                 name + " has shape (16, 144), this network needs (16, 16, 3, 3)"));
  CHECK(contains(error_after([&](auto& a) { find_array(a, name).data[5] = NAN; }),
                 name + " holds the value nan"));
  CHECK(
      contains(error_after([&](auto& a) { find_array(a, name).data[5] = INFINITY; }), "holds the value inf"));

  model.scratch.put("model/unet/diffusion_pytorch_model.safetensors", intact.substr(0, intact.size() - 4));
  Unet other(model.network.config());
  CHECK(contains(error_of([&] { read_weights(model.folder, other.parameters()); }), model.weights_path()));
  model.scratch.put("model/unet/diffusion_pytorch_model.safetensors", intact);
  model.edit("unet/diffusion_pytorch_model.safetensors", "\"F32\"", "\"I32\"");
  CHECK(contains(error_of([&] { read_weights(model.folder, other.parameters()); }), "I32"));
  fs::remove(model.weights_path());
  CHECK(
      contains(error_of([&] { read_weights(model.folder, other.parameters()); }), "there are no weights: "));
  model.scratch.put("model/unet/diffusion_pytorch_model.bin", "pickle");
  CHECK(contains(error_of([&] { read_weights(model.folder, other.parameters()); }), "convert it"));
}

TEST_CASE("diffusers: a network that is not the paper's is refused with key and value") {
  const std::string changes[][3] = {
      {"\"silu\"", "\"gelu\"", "\"act_fn\" is \"gelu\"; only \"silu\""},
      {"\"attention_head_dim\": null", "\"attention_head_dim\": 5",
       "cannot be divided into heads of 5 channels"},
      {"\"attention_head_dim\": null", "\"attention_head_dim\": 0", "\"attention_head_dim\" must be"},
      {"\"attention_head_dim\": null", "\"attention_head_dim\": [8]", "\"attention_head_dim\" must be"},
      {"\"freq_shift\": 1", "\"freq_shift\": 2", "\"freq_shift\" must be"},
      {"\"downsample_padding\": 0", "\"downsample_padding\": 2", "\"downsample_padding\" must be"},
      {"\"norm_eps\": 1e-06", "\"norm_eps\": 0", "\"norm_eps\" must be"},
      {"\"flip_sin_to_cos\": false", "\"flip_sin_to_cos\": 1", "\"flip_sin_to_cos\" must be"},
      {"\"positional\"", "\"fourier\"", "\"time_embedding_type\" is \"fourier\""},
      {"\"AttnDownBlock2D\"", "\"SkipDownBlock2D\"", "\"down_block_types\""},
      {"\"AttnUpBlock2D\"", "\"UpBlock2D\"", "\"up_block_types\""},
      {"\"UNet2DModel\"", "\"UNet2DConditionModel\"", "\"_class_name\" is \"UNet2DConditionModel\"; only"},
      {"\"dropout\": 0.25", "\"class_embed_type\": \"timestep\"", "\"class_embed_type\" is \"timestep\""},
      {"\"dropout\": 0.25", "\"novelty\": 3", "\"novelty\" is 3"},
      {"\"dropout\": 0.25", "\"dropout\": 2", "\"dropout\" must be"},
      {"\"dropout\": 0.25", "\"\\u001b[2J\": 2", "\"\\u001b[2J\" is 2; the key is unknown"},
      {"\"silu\"", "\"" + std::string(5000, 'g') + "\"", "ggg...\" (4940 more); only \"silu\""},
      {"\"sample_size\": 8", "\"sample_size\": [8, 16]",
       "\"sample_size\" is [8, 16]; only one number, or two that are equal"},
      {"\"sample_size\": 8", "\"sample_size\": 9", "divisible by 2"},
      {"\"norm_num_groups\": 4", "\"norm_num_groups\": 3", "groups"},
      {"\"norm_num_groups\": 4", "\"norm_num_groups\": -1", "\"norm_num_groups\" must be"},
      {"\"out_channels\": 1", "\"out_channels\": 2", "\"out_channels\" is 2; only 1, as in_channels, for"},
      {"\"layers_per_block\": 1", "\"layers_per_block\": 1e9", "\"layers_per_block\" must be"},
      {"\"block_out_channels\": [", "\"block_out_channels\": [0,", "\"block_out_channels\""},
      {"{", "[", "config.json"}};
  for (const auto& change : changes) {
    const Model model;
    const std::string& expected = change[2];
    model.edit("unet/config.json", change[0], change[1]);
    const std::string error = error_of([&] { read_network(model.folder); });
    INFO(error);
    CHECK_MESSAGE(contains(error, expected), expected);
    CHECK(contains(error, "unet/config.json"));
  }
  CHECK(contains(error_of([] { read_network("/nowhere/at/all"); }), "holds no network"));
}

TEST_CASE("diffusers: a network is read with diffusers' defaults") {
  const ScratchFolder scratch;
  scratch.put("config.json", "{\"block_out_channels\": [32, 64], \"sample_size\": 8, "
                             "\"down_block_types\": [\"DownBlock2D\", \"AttnDownBlock2D\"], "
                             "\"up_block_types\": [\"AttnUpBlock2D\", \"UpBlock2D\"]}");
  const UnetConfig config = read_network(scratch / ".");
  CHECK(config.image_channels == 3);
  CHECK(config.blocks == 2);
  CHECK(config.groups == 32);
  CHECK(config.dropout == 0);
  CHECK(config.head_channels == 8);
  CHECK(config.down_padding == 1);
  CHECK(config.norm_epsilon == 1e-5);
  CHECK(config.cosine_first);
  CHECK(config.frequency_shift == 0);

  const Model grey;
  grey.edit("unet/config.json", "\"out_channels\": 1,", "");
  CHECK(contains(error_of([&] { read_network(grey.folder); }),
                 "\"out_channels\" is left out; only 1, as in_channels,"));
}

}  // namespace ddpm::test
