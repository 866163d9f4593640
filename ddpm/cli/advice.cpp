// See ddpm/cli/advice.h.
#include "ddpm/cli/advice.h"

#include <map>

namespace ddpm {

namespace {

// Maps Error::reason and Note::reason to the advice.
const std::map<std::string, std::string> advice{
    {"dark", "if these are black and white, name them with --range A,B"},
    {"diverged", "lower --lr or lengthen --warmup"},
    {"no raw weights", "use --weights ema"},
    {"no run", "start it without --resume"},
    {"no threads", "lower --threads or OMP_NUM_THREADS"},
    {"no weights", "a run has them from its first save on (--save-every), or again after train --resume"},
    {"not finite", "the training has diverged (see log.csv), or has hardly begun (then use --clip on)"},
    {"range unknown", "say which numbers are black and white with --range A,B (scikit-learn's digits: 0,16)"},
    {"run begun", "continue it with --resume, or delete the folder to begin again"},
    {"run exists", "continue it with --resume, or name a new folder with --out"},
    {"run taken", "name a new folder with --out"},
    {"save failed", "mend that, then continue with --resume"},
    {"transposed", "turn them with --transpose"},
    {"weights without state", "sample from it, or name a new folder with --out"},
    {"x_0 lost", "use fewer steps or smaller betas, or sample with --clip off"},
};

}  // namespace

std::string advised(const std::string& sentence, const std::string& reason) {
  const auto found = advice.find(reason);
  return found == advice.end() ? sentence : text(sentence, ": ", found->second);
}

std::string advised(const Error& error) { return advised(error.what(), error.reason); }

}  // namespace ddpm
