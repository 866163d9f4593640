// See ddpm/formats/safetensors.h. Checked by: tests/ddpm/formats/test_safetensors.cpp.
#include "ddpm/formats/safetensors.h"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <optional>
#include <set>
#include <tuple>

#include "ddpm/formats/file.h"
#include "ddpm/formats/half.h"
#include "ddpm/formats/json.h"
#include "ddpm/formats/quote.h"
#include "ddpm/formats/recognize.h"
#include "ddpm/formats/shape.h"
#include "kernels/types.h"

namespace ddpm {

namespace {

constexpr uint64_t max_safetensors_header = 16'000'000;  // bytes; the reference implementation takes 10^8
constexpr int64_t length_bytes = sizeof(uint64_t);
constexpr const char* metadata_key = "__metadata__";

// A tensor's entry in the header. Its data are the bytes [begin, end) after the header.
struct Entry {
  std::string name, dtype;
  std::vector<int64_t> shape;
  int64_t begin, end;
};

// Returns the size in bytes of a number of the type, 0 if the type is not read.
int64_t number_bytes(const std::string& dtype) {
  return dtype == "F32" ? 4 : dtype == "F16" || dtype == "BF16" ? 2 : 0;
}

// Whether the header begins with { as the format wants it. A file of another kind hardly has this there.
bool begins_as_json(const std::string& path) {
  InputFile file(path);
  char begin[length_bytes + 1] = {};
  file.read(begin, std::min<int64_t>(file.left(), sizeof begin));
  return begin[length_bytes] == '{';
}

// Reads the file up to its data. Returns the header: JSON text.
std::string read_safetensors_header(InputFile& file, const std::string& path) {
  const bool is_json = begins_as_json(path);
  if (!is_json) refuse_other_kinds(path, how_to_convert(path));
  const std::string not_whole = ": it is not a safetensors file, or was cut short; download it again";
  if (file.left() < length_bytes) fail(path, " has only ", file.left(), " bytes", not_whole);
  uint64_t length = 0;
  file.read(&length, length_bytes);
  if (length > uint64_t(file.left()) && length <= max_safetensors_header && is_json)
    fail(path, " ends ", int64_t(length) - file.left(), " bytes early, within its header: download it again");
  if (length > uint64_t(file.left()))
    fail(path, " claims a header of ", length, " bytes, but only ", file.left(), " follow", not_whole);
  if (length == 0) fail(path, " begins with zeros, not with a header", not_whole);
  if (length > max_safetensors_header)
    fail(path, " has a header of ", length, " bytes, at most ", max_safetensors_header, " are allowed");
  std::string header(length, '\0');
  file.read(header.data(), int64_t(length));
  return header;
}

void check_metadata(const Json& metadata, const std::string& path) {
  if (metadata == Json(nullptr)) return;  // as some writers leave it
  JsonFields(metadata, text(path, ": ", metadata_key)).all_strings();
}

// Converts a member of the header to an Entry. Throws Error if a field is malformed or the shape does not
// match the number of bytes.
Entry read_entry(const std::string& name, const Json& json, const std::string& path) {
  const std::string where = text(path, ": tensor ", quote(name));
  const JsonFields fields(json, where);
  const std::string dtype = fields.string("dtype");
  if (!number_bytes(dtype))
    fail(where, " is of type ", quote(dtype),
         ", only F32, F16 and BF16 are read; convert the weights to float32");

  Entry entry{name, dtype, fields.integers("shape", 0, INT64_MAX), 0, 0};
  const std::vector<int64_t> offsets = fields.integers("data_offsets", 0, INT64_MAX);
  if (offsets.size() != 2 || offsets[0] > offsets[1])
    fail(where, ": data_offsets must be [begin, end] with begin <= end");
  entry.begin = offsets[0];
  entry.end = offsets[1];
  const std::optional<int64_t> as_floats = byte_count(entry.shape);
  if (!as_floats || *as_floats / int64_t(sizeof(float)) * number_bytes(dtype) != entry.end - entry.begin)
    fail(where, " has shape ", shape_text(entry.shape), " of ", dtype, ", which does not match its ",
         entry.end - entry.begin, " bytes of data");
  return entry;
}

// Sorts the entries by their position in the file. Throws Error unless every byte of the data belongs
// to exactly one tensor.
void check_layout(std::vector<Entry>& entries, int64_t data_bytes, const std::string& path) {
  std::stable_sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return std::tie(a.begin, a.end) < std::tie(b.begin, b.end);
  });
  int64_t expected = 0;
  for (const Entry& entry : entries) {
    if (entry.begin != expected)
      fail(path, ": tensor ", quote(entry.name), " begins at byte ", entry.begin, " of the data",
           ", expected ", expected, ": tensors must not overlap or leave holes");
    expected = entry.end;
  }
  if (expected > data_bytes) fail(path, " ends ", expected - data_bytes, " bytes early: download it again");
  if (expected != data_bytes)
    fail(path, ": the last tensor ends at byte ", expected, " of the data, the file at byte ", data_bytes);
}

// Throws Error if the tensors have more numbers than `most`.
void expect_at_most(int64_t most, const std::vector<Entry>& entries, const std::string& path) {
  int64_t numbers = 0;
  for (const Entry& entry : entries) numbers += (entry.end - entry.begin) / number_bytes(entry.dtype);
  if (numbers > most)
    fail(path, " holds ", numbers, " numbers, at most ", most, " belong here: it is of another network");
}

// Reads the numbers of a tensor, which come next in the file, and widens them to floats.
std::vector<float> read_numbers(InputFile& file, const Entry& entry) {
  const int64_t bytes = entry.end - entry.begin;
  std::vector<float> numbers(size_t(bytes / number_bytes(entry.dtype)));
  if (entry.dtype == "F32") {
    file.read(numbers.data(), bytes);
    return numbers;
  }
  std::vector<uint16_t> halves(numbers.size());
  file.read(halves.data(), bytes);
  std::transform(halves.begin(), halves.end(), numbers.begin(),
                 entry.dtype == "F16" ? from_half : from_bfloat16);
  return numbers;
}

std::string make_header(const std::vector<NamedArray>& arrays,
                        const std::vector<std::pair<std::string, std::string>>& metadata) {
  JsonObject header;
  if (!metadata.empty()) header.emplace_back(metadata_key, JsonObject(metadata.begin(), metadata.end()));
  std::set<std::string> names{metadata_key};
  int64_t begin = 0;
  for (const NamedArray& array : arrays) {
    const auto bytes = int64_t(bytes_of(array.data).size());
    ENSURE(byte_count(array.shape) == bytes, array.name, " ", shape_text(array.shape), " ", bytes);
    ENSURE(names.insert(array.name).second, array.name, " is a duplicate or reserved name");
    header.emplace_back(array.name, JsonObject{{"dtype", "F32"},
                                               {"shape", JsonArray(array.shape.begin(), array.shape.end())},
                                               {"data_offsets", JsonArray{begin, begin + bytes}}});
    begin += bytes;
  }
  std::string text = write_json(header, 0);
  text.resize((text.size() + 7) / 8 * 8, ' ');
  return text;
}

}  // namespace

std::string how_to_convert(const std::string& path) {
  const std::filesystem::path old = path;
  return text("convert it in Python with  safetensors.torch.save_file(torch.load(",
              quote(old.filename().string()), "), ",
              quote(old.filename().replace_extension(".safetensors").string()), ")");
}

std::vector<NamedArray> read_safetensors(const std::string& path, int64_t most) {
  InputFile file(path);
  const std::string header = read_safetensors_header(file, path);
  const int64_t data_bytes = file.left();

  const JsonFields fields(parse_json(header, path + ": header"), path + ": header");
  std::vector<Entry> entries;
  for (const auto& [name, json] : fields.members()) {
    if (name == metadata_key)
      check_metadata(json, path);
    else
      entries.push_back(read_entry(name, json, path));
  }
  check_layout(entries, data_bytes, path);
  expect_at_most(most, entries, path);

  std::vector<NamedArray> arrays;
  for (const Entry& entry : entries)
    arrays.push_back({entry.name, entry.shape, read_numbers(file, entry), entry.dtype});
  return arrays;
}

void write_safetensors(const std::string& path, const std::vector<NamedArray>& arrays,
                       const std::vector<std::pair<std::string, std::string>>& metadata, Existing existing) {
  const std::string header = make_header(arrays, metadata);
  const uint64_t length = header.size();
  char length_field[length_bytes];
  std::memcpy(length_field, &length, length_bytes);

  std::vector<std::string_view> parts{{length_field, length_bytes}, header};
  for (const NamedArray& array : arrays) parts.push_back(bytes_of(array.data));
  write_file_parts(path, parts, existing);
}

}  // namespace ddpm
