// Checks weights that other programs wrote (ddpm/diffusers/weights.cpp): other names of the file, numbers of
// 16 bits, prefixes of the tensors' names, an average beside the network, and files that are no weights.
#include <doctest/doctest.h>

#include "ddpm/formats/safetensors.h"
#include "tests/support/command.h"
#include "tests/support/foreign.h"

namespace ddpm::test {

namespace fs = std::filesystem;

TEST_CASE("other weights: weights of 16 bits open under the name that goes with them, with a note") {
  for (const std::string name : {"diffusion_pytorch_model.fp16.safetensors",
                                 "diffusion_pytorch_model.bf16.safetensors", "model.safetensors"}) {
    Foreign model;
    fs::rename(model.weights_path(), model.weights_path(name));
    CHECK(model.weights_error() == "no error");
    CHECK(model.notes.empty());
    fs::remove(model.weights_path(name));
    CHECK(contains(model.weights_error(), "there are no weights: "));
    model.scratch.put("model/unet/" + name, "");
    CHECK(contains(model.weights_error(), name + " is empty: download or copy it again"));
  }
}

TEST_CASE("other weights: weights in several files, or under another name, are named with what to do") {
  Foreign model;
  fs::rename(model.weights_path(), model.weights_path("diffusion_pytorch_model.non_ema.safetensors"));
  CHECK(contains(model.weights_error(),
                 "/unet/diffusion_pytorch_model.non_ema.safetensors has none of the usual names: rename it"));
  model.scratch.put("model/unet/diffusion_pytorch_model.safetensors.index.json", "{}");
  CHECK(contains(model.weights_error(),
                 "diffusion_pytorch_model.safetensors.index.json lists weights in several files: "));
}

// Rewrites the weights with every number cut to its upper 16 bits.
TEST_CASE(
    "other weights: a note says that 16 bits were widened, and a number that is not finite is refused") {
  Foreign model;
  std::string file = read_bytes(model.weights_path()), halves;
  const size_t header = size_t(uint8_t(file[0])) + (size_t(uint8_t(file[1])) << 8);
  JsonObject members = std::get<JsonObject>(parse_json(file.substr(8, header), "header").value);
  for (auto& [name, tensor] : members) {
    if (name == "__metadata__") continue;
    for (auto& [key, value] : std::get<JsonObject>(tensor.value)) {
      if (key == "dtype") value = "BF16";
      if (key != "data_offsets") continue;
      for (Json& offset : std::get<JsonArray>(value.value)) offset = std::get<int64_t>(offset.value) / 2;
    }
  }
  for (size_t at = 8 + header; at < file.size(); at += 4) halves += file.substr(at + 2, 2);
  const std::string json = write_json(members, 0);
  const auto put = [&] {
    const std::string length{char(json.size() & 255), char(json.size() >> 8), 0, 0, 0, 0, 0, 0};
    model.scratch.put("model/unet/diffusion_pytorch_model.safetensors", length + json + halves);
  };
  put();
  CHECK(model.weights_error() == "no error");
  REQUIRE(model.notes.size() == 1);
  CHECK(model.notes[0] == model.weights_path() + " holds BF16 numbers, which were widened to float32");
  halves.replace(0, 2, "\x80\x7F");
  put();
  CHECK(contains(model.weights_error(), "holds the value inf"));
}

TEST_CASE("other weights: a prefix of every tensor's name is taken off, with a note") {
  const Foreign intact;
  const std::vector<NamedArray> arrays = read_safetensors(intact.weights_path());
  for (const std::string prefix : {"module.", "_orig_mod.", "unet.", "ema_model.", "module._orig_mod."}) {
    Foreign model;
    std::vector<NamedArray> named = arrays;
    for (NamedArray& array : named) array.name = prefix + array.name;
    write_safetensors(model.weights_path(), named);
    model.network.parameters().initialize(2);
    CHECK(model.weights_error() == "no error");
    CHECK(weights(model.network.parameters()) == weights(intact.network.parameters()));
    REQUIRE(model.notes.size() == 1);
    CHECK(model.notes[0] ==
          model.weights_path() + ": every tensor's name begins with \"" + prefix + "\", which was taken off");
    named.push_back({"step", {1}, {1}});
    write_safetensors(model.weights_path(), named);
    CHECK(contains(model.weights_error(), "the tensor time_embedding.linear_1.weight is missing"));
  }
}

TEST_CASE("other weights: the names of the library's first versions, and what they stored twice, are read") {
  const Foreign intact;
  Foreign model;
  std::vector<NamedArray> named = read_safetensors(intact.weights_path());
  const auto rename = [&](const std::string& today, const std::string& before) {
    int count = 0;
    for (NamedArray& array : named)
      if (const size_t at = array.name.find(today); at != array.name.npos)
        array.name.replace(at, today.size(), before), ++count;
    CHECK(count > 0);
  };
  rename("down_blocks.", "downsample_blocks."), rename("up_blocks.", "upsample_blocks.");
  rename("mid_block.", "mid."), rename(".to_q.", ".query."), rename(".to_out.0.", ".proj_attn.");
  const std::string conv = "downsample_blocks.0.downsamplers.0.conv.",
                    op = "downsample_blocks.0.downsamplers.0.op.";
  for (const std::string end : {"weight", "bias"})
    for (size_t i = 0; i < named.size(); ++i)
      if (named[i].name == conv + end) named.push_back(named[i]), named.back().name = op + end;
  CHECK(named.back().name == op + "bias");
  write_safetensors(model.weights_path(), named);
  model.network.parameters().initialize(2);
  CHECK(model.weights_error() == "no error");
  CHECK(model.notes.empty());
  CHECK(weights(model.network.parameters()) == weights(intact.network.parameters()));
  named.back().name = "downsample_blocks.0.op.bias";
  write_safetensors(model.weights_path(), named);
  CHECK(contains(model.weights_error(), "this network has no tensor \"downsample_blocks.0.op.bias\""));
}

TEST_CASE("other weights: the average beside a network is named, and opens by its own folder") {
  Foreign model;
  fs::copy(model.folder + "/unet", model.folder + "/unet_ema");
  CHECK(model.weights_error() == "no error");
  CHECK(model.notes.at(0) == model.weights_path() +
                                 " is opened; to open the average beside it, name its folder "
                                 "itself: " +
                                 model.folder + "/unet_ema");
  model.set_scheduler({{"num_train_timesteps", 7}});
  for (const std::string end : {"", "/"}) {
    const std::string average = model.folder + "/unet_ema" + end;
    CHECK(read_network(average).image_size == 8);
    CHECK(read_scheduler(average).schedule.T == 7);
    read_weights(average, model.network.parameters());
  }
  CHECK(contains(succeed("sample --help"), "RUN/unet_ema"));
}

TEST_CASE("other weights: a file of far more numbers than the network's is refused before it is read") {
  Foreign model;
  const std::string header = "{\"conv_in.bias\": {\"dtype\": \"F32\", \"shape\": [10000000000], "
                             "\"data_offsets\": [0, 40000000000]}}";
  model.scratch.put("model/unet/diffusion_pytorch_model.safetensors",
                    std::string{char(header.size()), 0, 0, 0, 0, 0, 0, 0} + header);
  CHECK(contains(model.weights_error(), " ends 40000000000 bytes early: download it again"));
  fs::resize_file(model.weights_path(), 8 + header.size() + 40'000'000'000);  // a hole, which takes no room
  CHECK(contains(model.weights_error(), " holds 10000000000 numbers, at most "));
  CHECK(contains(model.weights_error(), " belong here: it is of another network"));
}

TEST_CASE("other weights: pointers, pages and pickles in place of files are named") {
  Foreign model;
  const std::string pointer =
      "version https://git-lfs.github.com/spec/v1\noid sha256:" + std::string(64, '0') + "\nsize 4291234\n";
  model.scratch.put("model/unet/diffusion_pytorch_model.safetensors", pointer);
  CHECK(contains(model.weights_error(), "is a Git LFS pointer, not the file itself (4291234 bytes)"));
  model.scratch.put("model/unet/config.json", "<!DOCTYPE html><html>");
  CHECK(contains(model.network_error(), "config.json is a web page"));
  fs::remove(model.weights_path());
  const std::string line = "convert it in Python with  safetensors.torch.save_file(torch.load("
                           "\"diffusion_pytorch_model.bin\"), \"diffusion_pytorch_model.safetensors\")";
  for (const std::string pickle : {"PK\3\4", "\x80\2}q", "older"}) {
    model.scratch.put("model/unet/diffusion_pytorch_model.bin", pickle);
    CHECK(contains(model.weights_error(), line));
  }
}

}  // namespace ddpm::test
