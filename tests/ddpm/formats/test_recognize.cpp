// Checks that files of other kinds are recognized by their first bytes (ddpm/formats/recognize.h), and that
// every reader of foreign files says so.
#include "ddpm/formats/recognize.h"

#include <doctest/doctest.h>

#include <vector>

#include "ddpm/formats/cifar10.h"
#include "ddpm/formats/idx.h"
#include "ddpm/formats/json.h"
#include "ddpm/formats/npy.h"
#include "ddpm/formats/safetensors.h"
#include "tests/support/scratch.h"

namespace ddpm::test {

namespace {

using namespace std::string_literals;

const std::string pointer =
    "version https://git-lfs.github.com/spec/v1\noid sha256:" + std::string(64, 'a') + "\nsize 4291234\n";
const std::string page = "\n<!DOCTYPE html>\n<html><head><title>403 Forbidden</title></head></html>\n";
const std::string pickle = "\x80\x02}q\0."s;

// Returns the beginning of a zip archive whose first member has this name.
std::string zip_of(const std::string& member) {
  return text("PK\3\4", std::string(22, '\0'), char(member.size()), std::string(3, '\0'), member, "data");
}

std::string kind_of(const std::string& begin) { return other_kind("w", begin, "DO THIS"); }

}  // namespace

TEST_CASE("recognize: a pointer, a page, gzip, zip archives, a pickle and byte order marks") {
  CHECK(kind_of(pointer) ==
        "is a Git LFS pointer, not the file itself (4291234 bytes): get it with  git lfs pull");
  CHECK(kind_of(pointer.substr(0, 40)) ==
        "is a Git LFS pointer, not the file itself: get it with  git lfs pull");
  for (const std::string& text : {page, "<HTML>"s, "<?xml version"s, "  <Error><Code>AccessDenied"s})
    CHECK(kind_of(text).starts_with("is a web page, not data: "));
  CHECK(kind_of("\x1f\x8b\x08\0"s) == "is compressed by gzip: unpack it with  mv w w.gz && gunzip w.gz");
  CHECK(kind_of(zip_of("archive/data.pkl")) == "is a zip archive, such as torch.save writes: DO THIS");
  CHECK(kind_of("PK\3\4") == "is a zip archive, such as torch.save writes: DO THIS");
  CHECK(kind_of(zip_of("arr_0.npy")) ==
        "is an .npz, a zip archive of arrays: take one in Python with  numpy.save(\"arr_0.npy\", "
        "numpy.load(\"w\")[\"arr_0\"])");
  CHECK(kind_of(zip_of("\x1b[2J.npy")).find('\x1b') == std::string::npos);
  for (const char protocol : {'\2', '\5'})
    CHECK(kind_of("\x80"s + protocol) == "is a Python pickle, which is not read here: DO THIS");
  CHECK(kind_of("\x93NUMPY") == "is an array of numpy: give it a name that ends in .npy");
  CHECK(other_kind("x.npy", "\x93NUMPY", "") == "");  // cut short
  for (const std::string& picture : {"\x89PNG\r\n"s, "\xff\xd8\xff\xe0"s})
    CHECK(kind_of(picture).starts_with("is a picture, which is not read here: "));
  for (const std::string& mark : {"\xef\xbb\xbf{}"s, "\xff\xfe{\0"s, "\xfe\xff\0{"s})
    CHECK(kind_of(mark) == "begins with a byte order mark: save it as UTF-8 without one");
}

TEST_CASE("recognize: what may be a file of a reader's own kind is left to the reader") {
  for (const std::string& own : {"{}"s, " \n"s, "<"s, "\0\0\x08\x03"s, "\3\x1f\x8b"s, "\x1f"s, "\x80"s,
                                 "\x80\x06"s, "PK\1\2"s, "version 2"s})
    CHECK_MESSAGE(kind_of(own) == "", own);
}

TEST_CASE("recognize: every reader of foreign files says what it was given instead") {
  const ScratchFolder folder;
  const auto refusals = [&](const std::string& bytes) {
    const std::string path = folder.put("w", bytes);
    return std::vector<std::string>{
        error_of([&] { read_safetensors(path); }), error_of([&] { read_json(path); }),
        error_of([&] { read_idx_images(path); }),  error_of([&] { read_idx_labels(path); }),
        error_of([&] { read_npy(path); }),         error_of([&] { read_cifar10_batch(path); })};
  };
  const std::string filler(600, '\0');
  for (const auto& [bytes, kind] : {std::pair{pointer, "is a Git LFS pointer"},
                                    {""s, "is empty: download or copy it again"},
                                    {page, "is a web page"},
                                    {"\x1f\x8b\x08\0"s + filler, "is compressed by gzip"},
                                    {zip_of("archive/data.pkl") + filler, "is a zip archive"},
                                    {zip_of("x.npy") + filler, "is an .npz"},
                                    {pickle + filler, "is a Python pickle"},
                                    {"\xef\xbb\xbf{}"s + filler, "begins with a byte order mark"}})
    for (const std::string& error : refusals(bytes))
      CHECK_MESSAGE(contains(error, text(folder / "w", " ", kind)), error);
  // Longer than CIFAR-10's files may be, as a batch of the Python version is.
  const std::string batch = folder.put("data_batch_1.bin", pickle + std::string(31'000'000, 'x'));
  CHECK(contains(error_of([&] { read_cifar10_batch(batch); }), "fetch CIFAR-10's binary version"));
}

TEST_CASE("recognize: weights of torch.save are refused with the line that converts them") {
  const ScratchFolder folder;
  for (const std::string& bytes : {zip_of("archive/data.pkl"), pickle + "padding"})
    CHECK(contains(error_of([&] { read_safetensors(folder.put("model.bin", bytes)); }),
                   "convert it in Python with  safetensors.torch.save_file(torch.load(\"model.bin\"), "
                   "\"model.safetensors\")"));
}

// A header of 640 bytes begins as a pickle does, one of 559,903 as gzip does.
TEST_CASE("recognize: weights whose length looks like another kind are read") {
  const ScratchFolder folder;
  for (const size_t length : {640u, 559'903u}) {
    std::string bytes(8, '\0');
    for (int i = 0; i < 8; ++i) bytes[size_t(i)] = char(uint64_t(length) >> 8 * i);
    CHECK(kind_of(bytes) != "");
    CHECK(read_safetensors(folder.put("w", bytes + "{}" + std::string(length - 2, ' '))).empty());
  }
}

TEST_CASE("recognize: IDX files in the other byte order are refused with how to write them") {
  const ScratchFolder folder;
  const std::string images = folder.put("i", "\3\x08\0\0\1\0\0\0\1\0\0\0\1\0\0\0x"s);
  const std::string labels = folder.put("l", "\1\x08\0\0\1\0\0\0x"s);
  const std::string advice = "in the other byte order: write each integer with its highest byte first, "
                             "in Python by struct.pack(\">I\", n)";
  CHECK(contains(error_of([&] { read_idx_images(images); }), advice));
  CHECK(contains(error_of([&] { read_idx_labels(labels); }), advice));
}

}  // namespace ddpm::test
