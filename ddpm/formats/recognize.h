// Recognizes by its first bytes a file of another kind than its reader wants: what it is, and what to do.
// Checked by: tests/ddpm/formats/test_recognize.cpp.
#pragma once

#include <string>
#include <string_view>

namespace ddpm {

// Returns what follows the file's name in a sentence: "is a web page, not data: ...", or "" if `begin`, the
// first bytes of a file called `name`, belongs to none of these: an empty file, a Git LFS pointer, a web
// page, gzip, a zip archive (.npz, torch.save), a Python pickle, an array of numpy, a picture, text with a
// byte order mark. `python` says what to do with what Python wrote.
std::string other_kind(const std::string& name, std::string_view begin, const std::string& python);

// Throws Error with the path if other_kind recognizes the file, or if it cannot be read.
void refuse_other_kinds(const std::string& path, const std::string& python = "write it as text");

}  // namespace ddpm
