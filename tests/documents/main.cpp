// build/documents: rewrites the marked blocks of the documents (tests/documents/blocks.h).
//   build/documents numbers      runs the commands of measured blocks; make numbers calls it.
//                                ONLY=text takes those whose command contains the text
//   build/documents walkthrough  writes blocks of the other kinds, values and line numbers; make walkthrough
// Exit status: 1 if something could not be written. It then stays as it was, and a sentence names it.
#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "ddpm/formats/file.h"
#include "tests/documents/contents.h"
#include "tests/documents/measured.h"
#include "tests/documents/shell.h"
#include "tests/support/source.h"

namespace ddpm::documents {

namespace {

// Throws Error if the marks of a document are wrong: a block without an end must not be rewritten.
void expect_good_marks(const std::string& document, const std::string& content) {
  const Complaints wrong = read_page(content).complaints;
  if (!wrong.empty()) fail(document, ", ", wrong[0]);
}

// Runs the command of a block and returns the document with what it printed. If the command fails, prints a
// sentence and returns "".
std::string measured_again(const std::string& document, const std::string& content, const Block& block) {
  std::printf("%s, line %d: %s\n", document.c_str(), block.line, block.argument.c_str());
  std::fflush(stdout);
  const auto begin = std::chrono::steady_clock::now();
  const Printed printed = run_shell(block.argument);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
  if (printed.ok) {
    std::printf("  %.0f s\n", seconds.count());
    return with_content(content, block, measured_content(printed.output, block.argument));
  }
  std::printf("  failed after %.0f s: the block in %s stays as it was\n", seconds.count(), document.c_str());
  return "";
}

bool numbers() {
  const char* variable = std::getenv("ONLY");
  const std::string only = variable ? variable : "";
  int taken = 0, failed = 0;
  for (const std::string& document : all_documents()) {
    std::string content = test::read_source(document);
    expect_good_marks(document, content);
    for (size_t i = 0; i < read_page(content).blocks.size(); ++i) {
      const Block block = read_page(content).blocks[i];
      if (block.kind != "measured" || block.argument.find(only) == only.npos) continue;
      ++taken;
      const std::string rewritten = measured_again(document, content, block);
      failed += rewritten.empty();
      if (!rewritten.empty()) write_file(document, content = rewritten);
    }
  }
  if (taken == 0) fail("no measured block has a command that contains \"", only, "\"");
  return failed == 0;
}

bool walkthrough() {
  bool good = true;
  for (const std::string& document : all_documents()) {
    const std::string content = test::read_source(document);
    const Rewritten right = rewritten(content, document.substr(0, document.rfind('/') + 1));
    for (const std::string& complaint : right.complaints) {
      std::fprintf(stderr, "%s, %s\n", document.c_str(), complaint.c_str());
      good = false;
    }
    if (right.text == content) continue;
    write_file(document, right.text);
    std::printf("rewrote %s\n", document.c_str());
  }
  return good;
}

}  // namespace

}  // namespace ddpm::documents

int main(int count, char** arguments) {
  const std::string what = count == 2 ? arguments[1] : "";
  try {
    if (what == "numbers") return ddpm::documents::numbers() ? 0 : 1;
    if (what == "walkthrough") return ddpm::documents::walkthrough() ? 0 : 1;
    ddpm::fail("say what to write: numbers or walkthrough");
  } catch (const std::exception& error) {
    std::fprintf(stderr, "documents: %s\n", error.what());
    return 1;
  }
}
