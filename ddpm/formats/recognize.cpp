// See ddpm/formats/recognize.h. Checked by: tests/ddpm/formats/test_recognize.cpp.
#include "ddpm/formats/recognize.h"

#include <algorithm>
#include <cctype>
#include <filesystem>

#include "ddpm/formats/file.h"
#include "ddpm/formats/quote.h"
#include "kernels/types.h"

namespace ddpm {

namespace {

constexpr int64_t looked_at = 512;  // bytes

// Returns the size in bytes that a Git LFS pointer states, "" if it states none.
std::string pointer_size(std::string_view pointer) {
  const std::string_view key = "\nsize ";
  const size_t at = pointer.find(key);
  if (at == pointer.npos) return "";
  const std::string_view rest = pointer.substr(at + key.size());
  return std::string(rest.substr(0, std::min<size_t>(rest.find_first_not_of("0123456789"), 20)));
}

// Whether the text begins with the mark of a page or of a server's answer, white space and case aside.
bool is_web_page(std::string_view begin) {
  begin.remove_prefix(std::min(begin.find_first_not_of(" \t\r\n"), begin.size()));
  for (const std::string_view mark : {"<!doctype html", "<html", "<head", "<?xml", "<error"})
    if (std::equal(mark.begin(), mark.end(), begin.begin(),
                   begin.begin() + std::min(mark.size(), begin.size()),
                   [](char m, char c) { return m == std::tolower(uint8_t(c)); }))
      return true;
  return false;
}

// Returns the name of a zip archive's first member: 30 bytes after its beginning, of the length that stands
// 4 bytes before. "" if the archive is cut short.
std::string first_member(std::string_view zip) {
  if (zip.size() < 30) return "";
  const size_t length = size_t(uint8_t(zip[26])) | size_t(uint8_t(zip[27])) << 8;
  return std::string(zip.substr(30, length));
}

std::string zip_kind(const std::string& name, std::string_view zip, const std::string& python) {
  const std::string member = first_member(zip), npy = ".npy";
  if (!member.ends_with(npy)) return "is a zip archive, such as torch.save writes: " + python;
  const std::string array = member.substr(0, member.size() - npy.size());
  return text("is an .npz, a zip archive of arrays: take one in Python with  numpy.save(", quote(member),
              ", numpy.load(", quote(name), ")[", quote(array), "])");
}

}  // namespace

std::string other_kind(const std::string& name, std::string_view begin, const std::string& python) {
  if (begin.empty()) return "is empty: download or copy it again";
  if (begin.starts_with("version https://git-lfs")) {
    const std::string size = pointer_size(begin);
    return text("is a Git LFS pointer, not the file itself", size.empty() ? "" : " (" + size + " bytes)",
                ": get it with  git lfs pull");
  }
  if (is_web_page(begin))
    return "is a web page, not data: the address gave an error or a form; download the file itself";
  if (begin.starts_with("\x1f\x8b"))
    return text("is compressed by gzip: unpack it with  mv ", name, " ", name, ".gz && gunzip ", name, ".gz");
  if (begin.starts_with("PK\3\4")) return zip_kind(name, begin, python);
  if (begin.size() > 1 && begin[0] == '\x80' && '\2' <= begin[1] && begin[1] <= '\5')
    return "is a Python pickle, which is not read here: " + python;
  if (begin.starts_with("\x93NUMPY") && !name.ends_with(".npy"))
    return "is an array of numpy: give it a name that ends in .npy";
  if (begin.starts_with("\x89PNG") || begin.starts_with("\xff\xd8\xff"))
    return "is a picture, which is not read here: images come as one array of numpy, X.npy";
  if (begin.starts_with("\xef\xbb\xbf") || begin.starts_with("\xff\xfe") || begin.starts_with("\xfe\xff"))
    return "begins with a byte order mark: save it as UTF-8 without one";
  return "";
}

void refuse_other_kinds(const std::string& path, const std::string& python) {
  InputFile file(path);
  std::string begin(size_t(std::min(file.left(), looked_at)), '\0');
  file.read(begin.data(), int64_t(begin.size()));
  const std::string kind = other_kind(std::filesystem::path(path).filename().string(), begin, python);
  if (!kind.empty()) fail(path, " ", kind);
}

}  // namespace ddpm
