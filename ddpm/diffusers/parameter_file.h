// Converts weights between their layout in memory and their layout in safetensors files.
// nn/parameters.h lists the layouts (Layout).
// Checked by: tests/ddpm/diffusers/test_diffusers.cpp.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "ddpm/formats/safetensors.h"
#include "nn/parameters.h"

namespace ddpm {

// Returns the values of `tensor` as float32, in the file's layout for the parameter `like`, under
// the name `name`. Throws std::logic_error if the tensor's shape is not that of `like`.
NamedArray to_array(const Parameter& like, const std::string& name, const Tensor& tensor);

// The arrays of one safetensors file, by name. An array can be taken only once.
class ArrayFile {
 public:
  // Reads all arrays of the file, which belongs to these parameters. Throws Error as read_safetensors does,
  // and, before it reads them, if they are many times as large as the parameters.
  ArrayFile(const std::string& path, const Parameters& parameters);

  // Returns the type of numbers that were widened to float32, F16 or BF16. "" if all were float32.
  const std::string& halves() const { return halves_; }
  // If every array's name begins with the same text before `name`, as in "module.conv_in.bias", takes this
  // text off all names and returns it. Returns "" if an array is called `name`, or if there is no such text.
  std::string take_prefix_off(const std::string& name);

  // Returns true if the file has an array of this name that was not taken yet.
  bool has(const std::string& name) const { return arrays_.count(name) > 0; }
  // Removes an array from this object and returns it. Throws Error if has(name) is false.
  NamedArray take(const std::string& name);
  // Takes the array and overwrites `tensor` with it, in the memory layout of the parameter `like`.
  // Throws Error if has(name) is false, or if the array has another shape or holds NaN or infinity.
  void load(const std::string& name, const Parameter& like, const Tensor& tensor);
  // Throws Error if an array was not taken.
  void expect_empty() const;

 private:
  std::string path_, halves_;
  std::map<std::string, NamedArray> arrays_;
};

}  // namespace ddpm
