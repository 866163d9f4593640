// Checks the tables log.csv and validation.csv (ddpm/run/log.h): their cells, appending, cutting back to a
// checkpoint, and a full disk.
#include <doctest/doctest.h>

#include <cmath>

#include "ddpm/run/log.h"
#include "tests/support/file_size_limit.h"
#include "tests/support/files.h"
#include "tests/support/scratch.h"

namespace ddpm::test {

TEST_CASE("log: the mean loss in each quarter of 1..T") {
  const LossByTime loss = loss_by_time({1, 250, 251, 1000}, {1, 3, 5, 7}, 1000);
  CHECK(loss.mean == 4);
  CHECK(loss.quartile[0] == 2);
  CHECK(loss.quartile[1] == 5);
  CHECK(std::isnan(loss.quartile[2]));
  CHECK(loss.quartile[3] == 7);
  CHECK(cells(loss) == "4,2,5,,7");
  CHECK(loss_by_time({1}, {2}, 1).quartile[0] == 2);  // T below 4
}

TEST_CASE("log: rows are appended, and those after the checkpoint are removed") {
  const ScratchFolder folder;
  const std::string path = folder / "log.csv";
  {
    CsvLog log(path, "step,a,b", 0);
    for (int step = 1; step <= 12; ++step) log.add(step, "x," + text(step / 4.0));
    CHECK(read_bytes(path) == "step,a,b\n");
    log.flush();
  }
  folder.put("log.csv", read_bytes(path) + "13,cut sho");
  CsvLog log(path, "step,a,b", 10);
  CHECK(log.last_cell() == "2.5");
  log.add(11, "y,1");
  log.flush();
  const std::string kept = read_bytes(path);
  CHECK(contains(kept, "\n9,x,2.25\n10,x,2.5\n11,y,1\n"));
  CHECK_FALSE(contains(kept, "12,"));
  CHECK_FALSE(contains(kept, "13,"));
  CHECK(contains(error_of([&] { CsvLog(path, "step,c", 10); }), "does not begin with"));
}

TEST_CASE("log: if the disk is full, the rows are kept for the next flush, and none is written in part") {
  const ScratchFolder folder;
  const std::string path = folder / "log.csv";
  CsvLog log(path, "step,a", 0);
  std::string want = "step,a\n";
  for (int step = 1; step <= 200; ++step) log.add(step, "0.123456789"), want += text(step, ",0.123456789\n");
  std::string error;
  {
    const FileSizeLimit limit(1000);
    error = error_of([&] { log.flush(); });
  }
  CHECK(contains(error, "is the disk full?"));
  CHECK(read_bytes(path) == "step,a\n");
  log.flush();
  CHECK(read_bytes(path) == want);
}

}  // namespace ddpm::test
