// A folder for runs made by `ddpm train`, with the images that they train on.
#pragma once

#include "tests/support/command.h"
#include "tests/support/images.h"

namespace ddpm::test {

struct Runs {
  ScratchFolder folder;
  std::string data = put_images(folder);

  // Returns the path of a run's folder.
  std::string run(const std::string& name) const { return folder / name; }
  // Return the words of a command that trains a run, and of one that resumes it.
  std::string train(const std::string& name, const std::string& more) const {
    return "train --data " + data + " --out " + run(name) + small + more;
  }
  std::string resume(const std::string& name) const { return "train --resume --out " + run(name) + " "; }
};

// Returns the log without its last column, the seconds, which differ in each run.
inline std::string without_seconds(const std::string& log) {
  std::string kept;
  for (const std::string& row : rows(log)) kept += row.substr(0, row.rfind(',')) + "\n";
  return kept;
}

}  // namespace ddpm::test
