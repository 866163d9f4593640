// What tests of whole runs share: a folder of runs with the images they train
// on, and logs without what differs each time.
#pragma once

#include "tests/support/command.h"

namespace ddpm::test {

struct Runs {
  ScratchFolder folder;
  std::string data = put_images(folder);

  std::string run(const std::string& name) const { return folder / name; }
  std::string train(const std::string& name, const std::string& more) const {
    return "train --data " + data + " --out " + run(name) + small + more;
  }
  std::string resume(const std::string& name) const { return "train --resume --out " + run(name) + " "; }
};

// The log without its last column, the seconds.
inline std::string without_seconds(const std::string& log) {
  std::istringstream in(log);
  std::string kept;
  for (std::string row; std::getline(in, row);) kept += row.substr(0, row.rfind(',')) + "\n";
  return kept;
}

}  // namespace ddpm::test
