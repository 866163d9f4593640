// Figures that depend on the machine stand in measured blocks, which `make numbers` writes: the real
// documents, and doctored text.
#include <doctest/doctest.h>

#include "tests/documents/measured.h"
#include "tests/support/scratch.h"
#include "tests/support/source.h"

namespace ddpm::test {

using namespace documents;

namespace {

// A page with one block of these lines.
std::string page(const std::string& command, const std::string& content) {
  return "# Title\n<!-- measured " + command + " -->\n" + content + "<!-- end -->\n";
}

// What stands in README.md and the pages beside it without a command, although it looks like a measurement.
const std::vector<std::string> allowed{};

}  // namespace

TEST_CASE("measured: every block of the documents has a command that exists, a machine and a date") {
  int blocks = 0;
  for (const std::string& document : all_documents()) {
    const std::string text = read_source(document);
    INFO(document);
    CHECK(joined(read_page(text).complaints) == "");
    CHECK(joined(measured_complaints(text)) == "");
    for (const Block& block : read_page(text).blocks) blocks += block.kind == "measured";
  }
  CHECK(blocks >= 7);
}

TEST_CASE("measured: no figure stands outside of the blocks") {
  for (const std::string document : {"README.md", "kernels/README.md", "ddpm/run/README.md"}) {
    INFO(document);
    CHECK(joined(bare_complaints(read_source(document), allowed)) == "");
  }
}

TEST_CASE("measured: what make numbers writes is accepted") {
  const std::string content = measured_content("\n| a | b |\n\n", "make test");
  CHECK(content.starts_with("| a | b |\n\n*" + machine() + ", 20"));
  CHECK(content.ends_with(": `make test`*\n"));
  CHECK(measured_complaints(page("make test", content)).empty());
  CHECK(contains(machine(), " core"));
}

TEST_CASE("measured: a block without content, machine, date or its own command is named") {
  const std::string last = source_line("a machine", "2026-11-26", "make test") + "\n";
  CHECK(measured_complaints(page("make test", "x\n\n" + last)).empty());
  const std::string wrong =
      "line 2: the block \"make test\" does not end with its machine, date and command: run make numbers";
  for (const std::string& content : {std::string(), std::string("x\n"), last, "x\n\n" + last + "\nmore\n",
                                     "x\n\n" + source_line("", "2026-11-26", "make test") + "\n",
                                     "x\n\n" + source_line("a machine", "26 November", "make test") + "\n",
                                     "x\n\n" + source_line("a machine", "2026-11-26", "make bench") + "\n"}) {
    INFO(content);
    CHECK(measured_complaints(page("make test", content)) == Complaints{wrong});
  }
}

TEST_CASE("measured: a block whose command does not exist is named") {
  const std::string last = source_line("a machine", "2026-11-26", "make tests") + "\n";
  CHECK(measured_complaints(page("make tests", "x\n\n" + last)) ==
        Complaints{"line 2: there is no target \"tests\": name one that make help lists"});
}

TEST_CASE("measured: a bare measurement is named, and what is allowed, code or a block is not") {
  const auto bare = [](const std::string& text) { return bare_complaints(text, {"the paper's"}); };
  for (const std::string text :
       {"at 200 images/s\n", "in 26 s.\n", "5 min 15 s\n", "590 MB\n", "87 % of it\n", "87% of it\n",
        "440 GFLOP/s\n", "in 42 seconds\n", "3 ms\n"}) {
    INFO(text);
    REQUIRE(bare("\n" + text).size() == 1);
    CHECK(contains(bare("\n" + text)[0], "line 2: the measurement \""));
  }
  CHECK(bare("87 % of it\n") ==
        Complaints{"line 1: the measurement \"7 %\" has no command: move it into a measured "
                   "block, or drop it: 87 % of it"});
  CHECK(bare("100 steps, 2 cores, 64 samples, 28x28, Section 3\n").empty());
  CHECK(bare("the paper's 5 hours\n").empty());
  CHECK(bare("`head -3 s`\n").empty());
  CHECK(bare("```\n3 s\n```\n").empty());
  CHECK(bare(page("make test", "3 s\n")).empty());
}

}  // namespace ddpm::test
