// ddpm/formats/csv.h: what is written is read back, and malformed files are refused in one sentence.
#include <doctest/doctest.h>

#include <cmath>

#include "ddpm/formats/csv.h"
#include "tests/support/allocations.h"
#include "tests/support/scratch.h"

namespace ddpm::test {

TEST_CASE("csv: 17 digits, an empty cell for NaN, and the same numbers back") {
  const ScratchFolder folder;
  const CsvTable table{{"step", "loss"}, {{1, 0.1}, {2, NAN}, {3, -1e-300}}};
  CHECK(csv_text(table) == "step,loss\n1,0.10000000000000001\n2,\n3,-1e-300\n");
  const CsvTable read = read_csv(folder.put("a.csv", csv_text(table)), {"loss", "step"});
  CHECK(read.names == table.names);
  CHECK(read.column("step") == std::vector<double>{1, 2, 3});
  REQUIRE(read.rows.size() == 3);
  CHECK(read.rows[0][1] == 0.1);
  CHECK(std::isnan(read.rows[1][1]));
  CHECK(read.rows[2][1] == -1e-300);
  CHECK_THROWS_AS(read.column("other"), std::logic_error);
}

TEST_CASE("csv: a last line without a newline is ignored") {
  const ScratchFolder folder;
  CHECK(read_csv(folder.put("a.csv", "a,b\n1,2\n3,"), {}).rows.size() == 1);
}

TEST_CASE("csv: malformed files are refused with the path and the place") {
  const ScratchFolder folder;
  const auto error = [&](const std::string& bytes) {
    return error_of([&] { read_csv(folder.put("a.csv", bytes), {"a", "b"}); });
  };
  CHECK(error("b,a\n1,2\n") == "no error");
  CHECK(contains(error("a,c\n1,2\n"), "a.csv has no column b"));
  CHECK(contains(error("a,b\n"), "a.csv has no rows yet"));
  CHECK(contains(error(""), "a.csv has no column a"));
  CHECK(contains(error("a,b\n1,2\n1,2,3\n"), "a.csv, line 3: found 3 cells, expected 2"));
  CHECK(contains(error("a,b\n1,2x\n"), "a.csv, line 2: found \"2x\", expected a number"));
  for (const std::string cell : {"0x1p3", "0X8", " 1", "1 ", "\t1", "+1", "1\r"})
    CHECK_MESSAGE(contains(error("a,b\n1," + cell + "\n"), "a.csv, line 2: found "), cell);
  CHECK(error("a,b\n-1e-3,1E+06\n") == "no error");
  CHECK(contains(error_of([&] { read_csv(folder / "none.csv", {}); }), "none.csv"));
  CHECK(contains(error("a,b\n1,\x1b[2J\n"), "found \"\\u001b[2J\", expected a number"));
}

// The files that need the most memory: rows of one empty cell, rows of many, a line of names.
TEST_CASE("csv: reading takes at most 128 bytes of memory for each byte of the file") {
  const ScratchFolder folder;
  const std::string commas(300'000, ',');
  for (const std::string& bytes : {"a\n" + std::string(300'000, '\n'), commas + "\n" + commas + "\n"}) {
    folder.put("a.csv", bytes);
    const int64_t peak = peak_of_allocations([&] { read_csv(folder / "a.csv", {}); });
    INFO(bytes.substr(0, 2), ": ", bytes.size(), " bytes, ", peak, " of memory");
    CHECK(peak > int64_t(bytes.size()));
    CHECK(peak <= 128 * int64_t(bytes.size()));
  }
}

}  // namespace ddpm::test
