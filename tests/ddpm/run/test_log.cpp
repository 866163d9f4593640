// Checks the tables log.csv and validation.csv (ddpm/run/log.h): their cells, appending, cutting back to a
// checkpoint, damaged rows, and a full disk.
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
    CHECK(log.last_step() == 0);
    CHECK(log.last_seconds() == 0);
    log.flush();
    CHECK(read_bytes(path) == "step,a,b\n");
    for (int step = 1; step <= 12; ++step) log.add(step, "x," + text(step / 4.0));
    CHECK(read_bytes(path) == "step,a,b\n");
    log.flush();
    log.sync();
  }
  const std::string before = read_bytes(path) + "13,cut sho";
  folder.put("log.csv", before);
  CsvLog log(path, "step,a,b", 10);
  CHECK(read_bytes(path) == before);
  CHECK(log.last_step() == 10);
  CHECK(log.found_step() == 12);
  CHECK(log.last_seconds() == 2.5);
  log.add(11, "y,1");
  log.flush();
  log.add(12, "z,2");
  log.flush();
  CHECK(read_bytes(path) == before.substr(0, before.find("11,x")) + "11,y,1\n12,z,2\n");
  std::filesystem::remove(path);
  log.add(13, "z,3");
  log.flush();
  CHECK(read_bytes(path) == "step,a,b\n13,z,3\n");
}

TEST_CASE("log: a damaged row is named, and the file is left as it is") {
  const ScratchFolder folder;
  const std::string path = folder / "log.csv";
  const auto error = [&](const std::string& table) {
    folder.put("log.csv", table);
    const std::string sentence = error_of([&] { CsvLog(path, "step,a", 10).last_seconds(); });
    CHECK(read_bytes(path) == table);
    return sentence;
  };
  CHECK(error("step,a\n1,0\n2,1e3\n30,damage\n31") == "no error");
  CHECK(contains(error("step,b\n1,1\n"), "log.csv does not begin with the line step,a; move the file away"));
  for (const std::string bad : {"1,1", "0,1", "-5,1", "x,1", "1.5,1", "2", "2 ,1", ",1", "", "2,1,1", "2,",
                                "99999999999999999999,1"}) {
    INFO(bad);
    const std::string sentence = error("step,a\n1,1\n" + bad + "\n");
    CHECK(contains(sentence, path + ", line 3: "));
    CHECK(contains(sentence,
                   bad == "2," ? "found \"\" in the last cell" : "2 cells, the first a step above 1"));
  }
  CHECK(contains(error("step,a\n1,1\n30,1\n2,1\n"), "line 4: expected 2 cells, the first a step above 30"));
  for (const std::string bad : {"nan", "-nan", "inf", "-inf", "-1e300", "-1", "1e300", "1e8", "1x", "x", "1 ",
                                " 1", "\t1", "0x1", "0X1", "+1", "0.9"}) {
    INFO(bad);
    CHECK(contains(error("step,a\n1,1\n2," + bad + "\n3x"), path + ", line 3: found "));
    CHECK(
        contains(error("step,a\n1,1\n2," + bad + "\n3x"),
                 " in the last cell, expected seconds that follow the row before's, 1; move the file away"));
  }
  CHECK(error("step,a\n1,1000000\n2,2000000\n") == "no error");
  CHECK(contains(error("step,a\n1,1000001\n"), "line 2: found \"1000001\""));
  CHECK(contains(error("step,a\n1,1\n2,x\n3,2\n"), "line 4: found \"2\""));
}

TEST_CASE("log: if the disk is full, the rows are kept for the next flush, and none is written in part") {
  const ScratchFolder folder;
  const std::string path = folder / "log.csv";
  CsvLog log(path, "step,a", 0);
  log.flush();
  std::string want = "step,a\n";
  for (int step = 1; step <= 200; ++step) log.add(step, "0.123456789"), want += text(step, ",0.123456789\n");
  std::string error;
  {
    const FileSizeLimit limit(1000);
    error = error_of([&] { log.flush(); });
  }
  CHECK(error == "cannot write " + path + ": File too large");
  CHECK(read_bytes(path) == "step,a\n");
  log.flush();
  CHECK(read_bytes(path) == want);
}

}  // namespace ddpm::test
