// The marked blocks of documents and the commands that documents show, on doctored text.
#include <doctest/doctest.h>

#include "tests/documents/blocks.h"
#include "tests/documents/commands.h"
#include "tests/documents/shell.h"
#include "tests/support/scratch.h"
#include "tests/support/source.h"

namespace ddpm::test {

using namespace documents;

TEST_CASE("documents: a block has a kind, an argument and a content that can be replaced") {
  const std::string page = "text\n<!-- code a.cpp f -->\nold\n<!-- end -->\nmore\n";
  const Page read = read_page(page);
  CHECK(read.complaints.empty());
  REQUIRE(read.blocks.size() == 1);
  const Block& block = read.blocks[0];
  CHECK(block.kind == "code");
  CHECK(block.argument == "a.cpp f");
  CHECK(block.line == 2);
  CHECK(content_of(page, block) == "old\n");
  CHECK(with_content(page, block, "new\n") == "text\n<!-- code a.cpp f -->\nnew\n<!-- end -->\nmore\n");
}

TEST_CASE("documents: a block may be empty, and a fence hides marks") {
  const std::string page = "```\n<!-- code a -->\n```\n<!-- measured make -->\n<!-- end -->\n";
  const Page read = read_page(page);
  CHECK(read.complaints.empty());
  REQUIRE(read.blocks.size() == 1);
  CHECK(read.blocks[0].line == 4);
  CHECK(content_of(page, read.blocks[0]) == "");
}

TEST_CASE("documents: a block without an end, an end without a block and an unknown kind are named") {
  const auto wrong = [](const std::string& page) { return read_page(page).complaints; };
  CHECK(wrong("\n<!-- code a f -->\nx\n") ==
        Complaints{"line 2: the block \"code a f\" has no end: write <!-- end --> below its content"});
  CHECK(wrong("<!-- code a f -->\nx\n<!-- output b -->\ny\n<!-- end -->\n") ==
        Complaints{"line 1: the block \"code a f\" has no end: write <!-- end --> below its content"});
  CHECK(wrong("x\n<!-- end -->\n") == Complaints{"line 2: <!-- end --> ends no block: remove it"});
  CHECK(wrong("<!-- cdoe a f -->\n") ==
        Complaints{"line 1: there is no block of kind \"cdoe\": write measured, output, code or formula"});
}

TEST_CASE("documents: commands that exist are accepted") {
  for (const std::string command :
       {"build/ddpm schedule --T 200", "build/ddpm --help", "build/ddpm train --help", "build/bench summary",
        "build/bench memory network", "make", "make -s deps test", "make build/ddpm",
        "make equations ROW='Eq. (7)'", "bash tests/format.sh --check", "MAKE=x make debug",
        "python3 -m venv x", "build/ddpm schedule --csv | head -3  # a comment",
        "make demo && build/ddpm sample --run runs/demo", "build/ddpm schedule --T 3 2>/dev/null",
        "for s in \"\" --csv; do build/ddpm schedule --T 5 --beta-T $s > /dev/null; echo \"$s: x\"; done",
        "build/tests-float -s -tc='x*' | sed -n 's/.*: //p'",
        "for p in a b; do echo \"$(build/ddpm --help | head)\"; done"})
    CHECK_MESSAGE(command_complaint(command) == "", command);
}

TEST_CASE(
    "documents: a command, an option, a part, a target, a variable or a script that is not there is named") {
  const auto wrong = [](const std::string& command) { return command_complaint(command); };
  CHECK(
      contains(wrong("build/ddpm schedul"), "there is no command \"ddpm schedul\"; did you mean schedule?"));
  CHECK(contains(wrong("build/ddpm schedule --Y 3"), "there is no option \"--Y\""));
  CHECK(contains(wrong("build/ddpm schedule --T 0"), "--T \"0\": give a whole number"));
  CHECK(contains(wrong("make demo && build/ddpm sample --rum x"),
                 "there is no option \"--rum\"; did you mean --run?"));
  CHECK(contains(wrong("build/bench speed"), "build/bench has no part \"speed\""));
  CHECK(wrong("make tests") == "there is no target \"tests\": name one that make help lists");
  CHECK(contains(wrong("make build/tests"), "there is no target \"build/tests\""));
  CHECK(contains(wrong("make test COLOR=red"), "the Makefile knows no COLOR"));
  CHECK(contains(wrong("bash tests/none.sh"), "there is no script \"tests/none.sh\""));
  CHECK(contains(wrong("bash tests/format.sh --all"), "tests/format.sh knows no \"--all\""));
  CHECK(contains(wrong("python3"), "there is no script \"\""));
  CHECK(contains(wrong("date"), "\"date\" runs no program of the repository"));
  CHECK(contains(wrong(""), "\"\" runs no program of the repository"));
  CHECK(contains(wrong("for s in 1 2; do build/ddpm sampel --seed $s; done"), "did you mean sample?"));
  CHECK(contains(wrong("date >make"), "runs no program"));
}

TEST_CASE("documents: commands are found in sh fences and in backticks, with their line") {
  const std::string page =
      "Run `make test`, `make tests` or `x`.\n```sh\nbuild/ddpm schedule \\\n  --Y 3   # no\nls\n```\n"
      "```cpp\nmake nothing\n```\n";
  const Complaints wrong = command_complaints(page);
  REQUIRE(wrong.size() == 2);
  CHECK(wrong[0] == "line 1: `make tests`: there is no target \"tests\": name one that make help lists");
  CHECK(contains(wrong[1], "line 4: "));
  CHECK(contains(wrong[1], "there is no option \"--Y\""));
}

TEST_CASE("documents: every command in the documents exists") {
  for (const std::string& document : all_documents()) {
    INFO(document);
    CHECK(joined(command_complaints(read_source(document))) == "");
  }
}

TEST_CASE("documents: a command's standard output is read, and its failure is noticed") {
  CHECK(run_shell("echo \"it's\"; echo no >/dev/null").output == "it's\n");
  CHECK(run_shell("true").ok);
  CHECK_FALSE(run_shell("false").ok);
  CHECK_FALSE(run_shell("false | cat").ok);
}

}  // namespace ddpm::test
