// Reader and writer for safetensors files, which hold named arrays: float32, or F16 and BF16, which are
// widened.
// diffusers' weights, the training state and the classifier are stored in this format.
// Layout: length of the header in bytes (8 bytes, little-endian), header (JSON), data of all arrays.
// Header: {"name": {"dtype": "F32", "shape": [...], "data_offsets": [begin, end]}, ...}
// The offsets are in bytes and count from the end of the header.
// Format: https://github.com/huggingface/safetensors. Checked by: tests/ddpm/formats/test_safetensors.cpp.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "ddpm/formats/file.h"

namespace ddpm {

// A named array of floats. The shape {} is a scalar. An array with a dimension of 0 is empty.
struct NamedArray {
  std::string name;
  std::vector<int64_t> shape;
  std::vector<float> data;     // row-major; its length is the product of the shape
  std::string stored = "F32";  // the type in the file that was read: F32, F16 or BF16
};

// Returns all arrays of the file, in the order of their data.
// Throws Error with the path if the file cannot be read, is truncated or is of another kind
// (ddpm/formats/recognize.h); if its header is malformed or
// longer than 16,000,000 bytes (the largest training state has 4,000,000); if a name appears twice; if a
// dtype is not F32, F16 or BF16; or if a byte of the data does not belong to exactly one array.
// Memory: the data, and for the header at most 100 bytes for each of its bytes. A long header takes at most
// 8 bytes for each of its bytes and 120 MB (see parse_json). What the header claims takes none.
// If the arrays have more numbers than `most`, throws Error before it reads them.
std::vector<NamedArray> read_safetensors(const std::string& path, int64_t most = INT64_MAX);

// Returns what to do with weights that torch.save wrote to `path`: the line of Python that converts them.
std::string how_to_convert(const std::string& path);

// Creates or replaces the file atomically, with the arrays in the given order, as F32. Equal arguments give
// equal bytes: the header is padded with spaces to a multiple of 8 bytes.
// `metadata` becomes the header's member "__metadata__". diffusers expects {"format", "pt"} there.
// Throws Error as write_file does, or if a name is not UTF-8. Throws std::logic_error if a name is a
// duplicate or "__metadata__", or if a shape does not match its data.
void write_safetensors(const std::string& path, const std::vector<NamedArray>& arrays,
                       const std::vector<std::pair<std::string, std::string>>& metadata = {},
                       Existing = Existing::replace);

}  // namespace ddpm
