#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace nas {

/// One tensor of a safetensors file. dtype: "F32", "F64", "I64", "BF16", ... (the format's own
/// names).
struct StoredTensor {
  std::string dtype;
  std::vector<std::int64_t> shape;
  std::string bytes;  ///< little-endian, row-major
  friend bool operator==(const StoredTensor&, const StoredTensor&) = default;
};

/// The content of a safetensors file (https://huggingface.co/docs/safetensors): 8-byte header
/// length, JSON header, raw data. Reading executes nothing.
struct TensorFile {
  std::map<std::string, std::string> metadata;
  std::map<std::string, StoredTensor> tensors;
};

/// The numbers of an F32 tensor. Throws Error(kData) where the file has none of this name.
std::vector<float> read_floats(const TensorFile& file, const std::string& name);
/// An F32 tensor; `shape` multiplies to the number of values.
StoredTensor store_floats(std::vector<std::int64_t> shape, std::span<const float> values);

/// Bytes of one element, or 0 for an unknown dtype.
std::int64_t element_bytes(std::string_view dtype);

std::string format_tensor_file(const TensorFile& file);

/// Throws Error(kData) in one line, starting with `name`: header too long (limit 100 MB) or cut
/// off, bad JSON, duplicate or malformed entries, data with overlaps, holes or misalignment, shape
/// and bytes that disagree, and by name for pickles, zip archives and torch.save files.
TensorFile parse_tensor_file(std::string_view bytes, std::string_view name);

/// Only the metadata, after the same checks.
std::map<std::string, std::string> parse_tensor_metadata(std::string_view bytes,
                                                         std::string_view name);

}  // namespace nas
