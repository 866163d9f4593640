// Links, anchors, file names, rows and cases that documents name, on doctored text.
#include <doctest/doctest.h>

#include "tests/documents/links.h"
#include "tests/support/scratch.h"

namespace ddpm::test {

using namespace documents;

TEST_CASE("links: anchors are GitHub's") {
  CHECK(anchor("The page to see first") == "the-page-to-see-first");
  CHECK(anchor("Beside PyTorch, and what bounds the rest") == "beside-pytorch-and-what-bounds-the-rest");
  CHECK(anchor("`make test`: a_b (Eq. (7))") == "make-test-a_b-eq-7");
  CHECK(anchor("A \u2013 B \u00d7 C\u2026") == "a--b--c");
  CHECK(anchor("The [README](README.md) of \u03b5") == "the-readme-of-\u03b5");
}

TEST_CASE("links: headings outside of fences, numbered where they repeat") {
  const std::vector<Heading> all = headings("# A\n```\n# no\n```\n## B\n## B\n#c\n");
  REQUIRE(all.size() == 3);
  CHECK(all[1].anchor == "b");
  CHECK(all[1].depth == 2);
  CHECK(all[2].anchor == "b-1");
  CHECK(all[2].line == 6);
}

TEST_CASE("links: files, anchors and lines that exist are accepted") {
  CHECK(joined(link_complaints("# A b\n[x](#a-b) ![y](.github/pictures/mnist.png) [z](https://x.org/y#z)\n"
                               "[k](kernels/README.md#two-roofs) [l](ddpm/forward.cpp#L3) [m](ddpm)\n",
                               "")) == "");
  CHECK(joined(link_complaints("[x](cpu/tile.h) [y](../README.md)\n", "kernels/")) == "");
}

TEST_CASE("links: a dead link, anchor or line is named") {
  const auto wrong = [](const std::string& text) { return joined(link_complaints(text, "kernels/")); };
  CHECK(wrong("\n[x](cpu/tiles.h)\n") ==
        "line 2: the link to cpu/tiles.h: there is no kernels/cpu/tiles.h: name a file or folder\n");
  CHECK(wrong("# A\n## B\n[x](#c)\n") ==
        "line 3: the link to #c: there is no heading with the anchor #c: name one of a, b\n");
  CHECK(contains(wrong("[x](../README.md#c)\n"), "there is no heading with the anchor #c"));
  CHECK(wrong("[x](cpu/tile.h#L9999)\n") ==
        "line 1: the link to cpu/tile.h#L9999: kernels/cpu/tile.h has no line 9999\n");
}

TEST_CASE("links: file names in backticks exist") {
  CHECK(joined(file_complaints(
            "`ddpm/forward.cpp` `tests/equations/` `cpu/tile.h` `mnist/x` `images/s` `a / b.h`\n"
            "`runs/NAME/log.csv` `build/digits.png` `equations/posterior.cpp` `ddpm/`\n")) == "");
  CHECK(joined(file_complaints("\n`ddpm/forwards.cpp`\n")) ==
        "line 2: there is no `ddpm/forwards.cpp`: name a file or folder that exists\n");
  CHECK(file_complaints("`tests/equation/` and `cpu/tiles.h`\n").size() == 2);
}

TEST_CASE("links: rows and cases that a document names exist") {
  CHECK(joined(name_complaints("ROW='Eq. (7)' ROW='Eq. (2' ROW='Algorithm 2'\n"
                               "-tc='links: rows and cases*' -tc='*make equations*'\n")) == "");
  CHECK(
      joined(name_complaints("\nROW='Eq. (99)'\n")) ==
      "line 2: no row of make equations begins with \"Eq. (99)\": name an equation or algorithm, Eq. (7)\n");
  CHECK(joined(name_complaints("-tc='links: cows'\n")) ==
        "line 1: no test case is named \"links: cows\": name one of tests/, * stands for any text\n");
}

}  // namespace ddpm::test
