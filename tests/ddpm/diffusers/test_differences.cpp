// Checks what is refused of config files that other programs wrote (ddpm/diffusers/config_file.h): everything
// that a model asks for and that is not supported here, in one sentence.
#include <doctest/doctest.h>

#include <tuple>

#include "tests/support/command.h"
#include "tests/support/foreign.h"

namespace ddpm::test {

TEST_CASE("differences: options that change Algorithm 2 are refused") {
  for (const auto& [key, value, clip] :
       std::vector<std::tuple<std::string, Json, bool>>{{"clip_sample_range", 2.0, true},
                                                        {"thresholding", true, true},
                                                        {"rescale_betas_zero_snr", true, true},
                                                        {"predict_epsilon", false, true},
                                                        {"use_flow_sigmas", true, true}}) {
    Foreign model;
    model.set_scheduler({{key, value}, {"clip_sample", clip}});
    CHECK(contains(model.scheduler_error(), "\"" + key + "\" is " + write_json(value, 0) + "; only "));
  }
  Foreign model;
  model.set_scheduler({{"clip_sample_range", 2.0}, {"clip_sample", false}});
  CHECK(model.scheduler().reverse.clip == Clip::off);
  CHECK(contains(model.notes.at(0), "\"clip_sample_range\""));
}

TEST_CASE("differences: a learned variance, a velocity and class labels are refused in a sentence") {
  Foreign learned;
  learned.set_network({{"out_channels", 2}});
  learned.set_scheduler({{"variance_type", "learned_range"}});
  const std::string sentence = "\"out_channels\" is 2; only 1, as in_channels, for eps alone, is supported; "
                               "not supported either: \"variance_type\"";
  CHECK(contains(learned.network_error(), "unet/config.json: " + sentence));
  CHECK(learned.scheduler_error() == learned.network_error());
  Foreign velocity;
  velocity.set_scheduler({{"prediction_type", "v_prediction"}});
  CHECK(velocity.network_error() == "no error");
  CHECK(contains(velocity.scheduler_error(),
                 "\"prediction_type\" is \"v_prediction\"; only \"epsilon\" is supported"));
  Foreign classes;
  classes.set_network({{"mid_block_scale_factor", 2}, {"act_fn", "gelu"}, {"num_class_embeds", 10}});
  CHECK(contains(classes.network_error(),
                 "\"num_class_embeds\" is 10; only null is supported; not supported either: "));
}

TEST_CASE("differences: all that is not supported stands in one sentence, the telling first") {
  Foreign model;
  model.set_network({{"resnet_time_scale_shift", "scale_shift"},
                     {"downsample_type", "resnet"},
                     {"upsample_type", "resnet"},
                     {"time_embedding_type", "fourier"},
                     {"out_channels", 2},
                     {"up_block_types", JsonArray{"SkipUpBlock2D", "UpBlock2D"}},
                     {"novelty", 3}});
  model.set_scheduler({{"prediction_type", "v_prediction"}, {"beta_schedule", "sigmoid"}});
  const std::string error = model.network_error();
  CHECK(model.scheduler_error() == error);
  CHECK(error == model.folder +
                     "/unet/config.json: \"out_channels\" is 2; only 1, as in_channels, for eps alone, is "
                     "supported; not supported either: \"prediction_type\", \"up_block_types\", "
                     "\"downsample_type\", \"resnet_time_scale_shift\", \"time_embedding_type\", "
                     "\"upsample_type\", \"novelty\", \"beta_schedule\"");
  const Outcome outcome = ddpm("describe --run " + model.folder);
  CHECK(outcome.code == 1);
  CHECK(contains(outcome.err, "\"upsample_type\", \"novelty\", \"beta_schedule\"\n"));
  CHECK_FALSE(contains(outcome.err, "..."));  // nothing was cut out
}

TEST_CASE("differences: levels narrower than the first are refused by their key") {
  Foreign model;
  model.set_network({{"block_out_channels", JsonArray{12, 8}}});
  CHECK(contains(model.network_error(),
                 "\"block_out_channels\" is [12, 8]; only a list of multiples of its first "
                 "entry, none of them smaller, is supported"));
}

TEST_CASE("differences: of many unknown keys, those that a sentence holds are named and the others counted") {
  Foreign model;
  JsonObject keys;
  for (int i = 10; i < 50; ++i) keys.emplace_back(text("unknown_", i), 1);
  model.set_network(keys);
  const std::string error = model.network_error();
  CHECK(contains(error, "\"unknown_10\" is 1; the key is unknown, so only null is supported; "
                        "not supported either: \"unknown_11\", \"unknown_12\""));
  CHECK(error.ends_with(", \"unknown_21\" and 28 more"));
}

TEST_CASE("differences: one malformed file does not hide what the other asks for") {
  Foreign model;
  model.set_network({{"num_class_embeds", 10}});
  model.scratch.put("model/scheduler/scheduler_config.json", "{");
  CHECK(contains(model.network_error(), "\"num_class_embeds\" is 10"));
  CHECK(contains(model.scheduler_error(), "not valid JSON"));
}

}  // namespace ddpm::test
