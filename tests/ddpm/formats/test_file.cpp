// Checks reading with a limit on the size, atomic writing, and what is refused (ddpm/formats/file.h).
#include <doctest/doctest.h>
#include <sys/stat.h>

#include <filesystem>

#include "ddpm/formats/file.h"
#include "ddpm/formats/temporary_file.h"
#include "tests/support/file_size_limit.h"
#include "tests/support/scratch.h"

namespace ddpm::test {

namespace {

constexpr int64_t any_size = 1 << 20;

}  // namespace

TEST_CASE("file: is read as it was written") {
  ScratchFolder folder;
  std::string bytes;
  for (int i = 0; i < 100'000; ++i) bytes += char(i * i);
  write_file(folder / "a", bytes);
  CHECK(read_file(folder / "a", any_size) == bytes);
  write_file(folder / "a", "");
  CHECK(read_file(folder / "a", 0) == "");
  write_file_parts(folder / "a", {"one", "", " two"});
  CHECK(read_file(folder / "a", 7) == "one two");
  CHECK(folder.entries() == 1);
}

TEST_CASE("file: is read in pieces up to its end") {
  ScratchFolder folder;
  write_file(folder / "a", "abcdef");
  InputFile file(folder / "a");
  char piece[4] = {};
  file.read(piece, 3);
  CHECK(std::string(piece) == "abc");
  CHECK(file.left() == 3);
  CHECK(contains(error_of([&] { file.read(piece, 4); }), "it ends 1 bytes too early"));
}

TEST_CASE("file: one that cannot be read is named with the reason") {
  ScratchFolder folder;
  const auto error = [](const std::string& path) { return error_of([&] { read_file(path, 4); }); };
  CHECK(error(folder / "none") == "cannot read " + (folder / "none") + ": No such file or directory");
  CHECK(contains(error(folder / ""), "it is a folder"));
  mkfifo((folder / "pipe").c_str(), 0600);
  CHECK(contains(error(folder / "pipe"), "not an ordinary file"));
  write_file(folder / "five", "12345");
  CHECK(contains(error(folder / "five"), "it has 5 bytes, expected at most 4"));
}

TEST_CASE("file: one that cannot be written is named with the reason, and no temporary file is left") {
  ScratchFolder folder;
  const auto error = [](const std::string& path) { return error_of([&] { write_file(path, "x"); }); };
  CHECK(contains(error(folder / "none/a"), "there is no folder " + (folder / "none")));
  CHECK(contains(error(folder / ""), "it is a folder"));
  mkfifo((folder / "pipe").c_str(), 0600);
  CHECK(contains(error(folder / "pipe"), "not an ordinary file"));
  write_file(folder / "a", "old");
  CHECK(contains(error(folder / "a/b"), "is not a folder"));
  CHECK(contains(error(folder / std::string(256, 'n')), "File name too long"));
  std::filesystem::create_symlink("none", folder / "link");
  CHECK(contains(error(folder / "link"), "a dangling symbolic link"));
  CHECK(folder.entries() == 3);
}

TEST_CASE("file: try_to_write fails where write_file would, and changes nothing") {
  const ScratchFolder folder;
  folder.put("old", "mine");
  try_to_write(folder / "old");
  try_to_write(folder / "new");
  CHECK(folder.entries() == 1);
  CHECK(read_file(folder / "old", 100) == "mine");
  for (const std::string path : {"/proc/x.png", "/dev/null", "/nowhere/at/all"})
    CHECK(error_of([&] { try_to_write(path); }) == error_of([&] { write_file(path, "x"); }));
  CHECK(contains(error_of([&] { try_to_write("/dev/null"); }), "not an ordinary file"));
}

TEST_CASE("file: a write that fails half-way leaves the old file and no temporary file") {
  ScratchFolder folder;
  write_file(folder / "a", "old");
  std::string message;
  {
    const FileSizeLimit limit(10'000);
    message = error_of([&] { write_file_parts(folder / "a", {"new", std::string(20'000, 'x')}); });
  }
  CHECK(message == "cannot write " + (folder / "a") + ": File too large");
  CHECK(read_file(folder / "a", any_size) == "old");
  CHECK(folder.entries() == 1);
}

TEST_CASE("file: one that is to be kept is not replaced, and the new one is told") {
  const ScratchFolder folder;
  std::filesystem::create_symlink("none", folder / "link");
  std::filesystem::create_directory(folder / "folder");
  folder.put("a", "old");
  for (const std::string name : {"a", "link", "folder"}) {
    const std::string path = folder / name, left = text(path, ".tmp-", getpid(), "-0");
    CHECK(error_of([&] { write_file(path, "new", Existing::keep); }) ==
          path + " has appeared meanwhile and is kept: what was to be there is in " + left);
    CHECK(read_file(left, any_size) == "new");
  }
  CHECK(read_file(folder / "a", any_size) == "old");
  CHECK(folder.entries() == 6);
  write_file(folder / "b", "new", Existing::keep);
  CHECK(read_file(folder / "b", any_size) == "new");
  CHECK(std::filesystem::hard_link_count(folder / "b") == 1);
  CHECK(folder.entries() == 7);
  CHECK(
      contains(error_of([&] { write_file(folder / "none/a", "x", Existing::keep); }), "there is no folder"));
}

TEST_CASE("file: of several that belong together, all are written or none") {
  const ScratchFolder folder;
  const std::string a = folder.put("a", "old"), b = folder / "b";
  {
    const FileSizeLimit limit(100);
    const std::string large(200, 'x');
    CHECK(error_of([&] {
            write_files({{a, {"new"}}, {b, {"1", large}}}, Existing::replace);
          }) == "cannot write " + b + ": File too large");
  }
  CHECK(read_file(a, any_size) == "old");
  CHECK(folder.entries() == 1);
  write_files({{a, {"new", "er"}}, {b, {"1"}}}, Existing::replace);
  CHECK(read_file(a, any_size) == "newer");
  CHECK(read_file(b, any_size) == "1");
  const std::string c = folder / "c", sentence = error_of([&] {
                                        write_files({{a, {"2"}}, {c, {"2"}}, {b, {"2"}}}, Existing::keep);
                                      });
  CHECK(contains(sentence, a + " has appeared"));
  CHECK(contains(sentence, "-0; " + b + " has appeared"));
  CHECK(read_file(c, any_size) == "2");
}

TEST_CASE("file: appending fails as a whole or adds all bytes") {
  ScratchFolder folder;
  const std::string path = folder.put("a", "old");
  append_to_file(path, " new");
  append_to_file(path, "");
  flush_to_disk(path);
  {
    const FileSizeLimit limit(100);
    CHECK(error_of([&] { append_to_file(path, std::string(200, 'x')); }) ==
          "cannot write " + path + ": File too large");
    CHECK(read_file(path, any_size) == "old new");
  }
  append_to_file(path, "er");
  CHECK(read_file(path, any_size) == "old newer");
  for (const std::string& other : {folder / "none", std::string("/")}) {
    CHECK(contains(error_of([&] { append_to_file(other, "x"); }), "cannot write " + other + ": "));
    CHECK(contains(error_of([&] { flush_to_disk(other); }), "cannot write " + other + ": "));
  }
  CHECK_FALSE(std::filesystem::exists(folder / "none"));
}

TEST_CASE("file: temporary_target recognizes the names of all temporary files and no others") {
  const ScratchFolder folder;
  const std::string target = folder / "a.tmp-1-1";
  for (int n = 0; n < 100; ++n) {
    const std::string name = folder.put(text("a.tmp-1-1.tmp-", getpid(), "-", n), "");
    CHECK_MESSAGE(temporary_target(name) == target, name);
  }
  CHECK(error_of([&] { write_file(target, "x"); }) == "cannot write " + target + ": File exists");
  std::filesystem::remove(text(target, ".tmp-", getpid(), "-42"));
  write_file(target, "x");
  CHECK(folder.entries() == 100);

  CHECK(temporary_target("folder/b.json.tmp-77-3") == "folder/b.json");
  for (const std::string name : {"",
                                 "b",
                                 "b.tmp-",
                                 "b.tmp-1",
                                 "b.tmp-1-",
                                 "b.tmp--1",
                                 "b.tmp-x-1",
                                 "b.tmp-1-x",
                                 "b.tmp-1-1x",
                                 "b.tmp-1-1.zip",
                                 "b.tmp-01-1",
                                 "b.tmp-1-01",
                                 "b.tmp-+1-1",
                                 "b.tmp- 1-1",
                                 "b.tmp-0-1",
                                 "b.tmp--1-1",
                                 "b.tmp-1--1",
                                 "b.tmp-1-100",
                                 "b.tmp-99999999999999999999-1",
                                 "b.tmp-1_1",
                                 "b.tmp-2024.txt",
                                 "btmp-1-1",
                                 "b.tmp-1-1/c"})
    CHECK_MESSAGE(temporary_target(name) == "", name);
}

TEST_CASE("file: its name may have up to 255 bytes") {
  const ScratchFolder folder;
  for (int length = 235; length <= 255; ++length) {
    const std::string path = folder / std::string(size_t(length), 'n');
    INFO(length);
    try_to_write(path);
    CHECK(folder.entries() == 0);
    write_file(path, "old");
    {
      const FileSizeLimit limit(10);
      CHECK(error_of([&] { write_file(path, "eleven bytes"); }) ==
            "cannot write " + path + ": File too large");
    }
    CHECK(read_file(path, any_size) == "old");
    write_file(path, "new");
    CHECK(read_file(path, any_size) == "new");
    CHECK(folder.entries() == 1);
    std::filesystem::remove(path);
  }
}

TEST_CASE("file: the permissions of a new one follow the umask") {
  ScratchFolder folder;
  const mode_t before = umask(027);
  write_file(folder / "a", "x");
  umask(before);
  CHECK((std::filesystem::status(folder / "a").permissions() == std::filesystem::perms{0640}));
}

TEST_CASE("file: one that is write-protected is not replaced") {
  ScratchFolder folder;
  write_file(folder / "a", "old");
  std::filesystem::permissions(folder / "a", std::filesystem::perms{0444});
  if (geteuid() == 0) return;  // root may write everywhere
  CHECK(contains(error_of([&] { write_file(folder / "a", "new"); }), "Permission denied"));
  CHECK(read_file(folder / "a", any_size) == "old");
}

TEST_CASE("file: writing through a symbolic link replaces its target and keeps the link") {
  ScratchFolder folder;
  write_file(folder / "target", "old");
  std::filesystem::create_symlink("target", folder / "link");
  write_file(folder / "link", "new");
  CHECK(std::filesystem::is_symlink(folder / "link"));
  CHECK(read_file(folder / "target", any_size) == "new");
  CHECK(folder.entries() == 2);
}

}  // namespace ddpm::test
