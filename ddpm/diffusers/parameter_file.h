// Weights between memory and safetensors: layouts transposed, shapes and
// values checked. The files' layouts are named in nn/parameters.h.
// Checked by: tests/test_diffusers.cpp.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "ddpm/formats/safetensors.h"
#include "nn/parameters.h"

namespace ddpm {

// The values of `tensor`, shaped in memory like the parameter, as the file holds them.
NamedArray to_array(const Parameter& like, const std::string& name, const Tensor& tensor);

// The arrays of one file, to be taken by name.
class ArrayFile {
 public:
  // Errors: those of read_safetensors.
  explicit ArrayFile(const std::string& path);

  bool has(const std::string& name) const { return arrays_.count(name) > 0; }
  // Moves an array out of the file. Errors: it is not there (or not any more).
  NamedArray take(const std::string& name);
  // Overwrites `tensor` with the array of this name, laid out like the parameter.
  // Errors: it is missing, has another shape or holds NaN or infinity.
  void load(const std::string& name, const Parameter& like, const Tensor& tensor);
  // Errors: an array was not taken.
  void expect_empty() const;

 private:
  std::string path_;
  std::map<std::string, NamedArray> arrays_;
};

}  // namespace ddpm
