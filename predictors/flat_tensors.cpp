#include "predictors/flat_tensors.h"

#include <bit>
#include <cstring>
#include <nlohmann/json.hpp>
#include <set>

#include "core/util/error.h"
#include "core/util/file.h"
#include "core/util/json_reader.h"
#include "core/util/regular_file.h"
#include "core/util/text.h"

namespace nas {
namespace {

constexpr std::size_t kLargestFile = std::size_t{1} << 30;
constexpr std::size_t kMostDimensions = 8;

/// Where a tensor stands, in floats.
struct Entry {
  PredictorTensor tensor;
  std::size_t offset = 0;
  std::size_t size = 1;
};

[[noreturn]] void fail(const std::filesystem::path& path, const std::string& what) {
  throw Error(ErrorKind::kData, path.string() + ": " + what);
}

/// A whole number >= 0 that no sum or product below can overflow with.
std::int64_t whole(const nlohmann::ordered_json& value, const std::filesystem::path& path,
                   const std::string& what) {
  constexpr std::int64_t kMost = std::int64_t{1} << 30;
  if (!value.is_number_integer() || value < 0 || value > kMost) {
    fail(path, what + " is not a whole number from 0 to " + std::to_string(kMost));
  }
  return value.get<std::int64_t>();
}

Entry read_entry(const nlohmann::ordered_json& item, const std::filesystem::path& path) {
  const auto member = [&](const char* name) -> const nlohmann::ordered_json& {
    if (!item.is_object() || !item.contains(name)) {
      fail(path, std::string("expected a list of objects with name, shape and offset_floats; '") +
                     name + "' is missing");
    }
    return item[name];
  };
  if (!member("name").is_string()) fail(path, "the name of a tensor is not a text");
  Entry entry;
  entry.tensor.name = member("name").get<std::string>();
  const std::string what = "tensor '" + printable(entry.tensor.name.substr(0, 80)) + "': ";
  entry.offset =
      static_cast<std::size_t>(whole(member("offset_floats"), path, what + "its offset"));
  if (!member("shape").is_array() || member("shape").size() > kMostDimensions) {
    fail(path, what + "its shape is not a list of at most 8 numbers");
  }
  for (const auto& dimension : member("shape")) {
    entry.tensor.shape.push_back(whole(dimension, path, what + "a dimension"));
    entry.size *= static_cast<std::size_t>(entry.tensor.shape.back());
    if (entry.size > kLargestFile) fail(path, what + "is larger than any file");
  }
  return entry;
}

}  // namespace

PredictorState read_flat_tensors(const std::filesystem::path& json) {
  static_assert(std::endian::native == std::endian::little, "the numbers are little-endian");
  std::filesystem::path numbers = json;
  numbers.replace_extension(".f32le");
  require_regular_file(json);
  require_regular_file(numbers);
  const std::string text = read_file(json, kLargestFile);
  const std::string bytes = read_file(numbers, kLargestFile);
  const std::size_t floats = bytes.size() / sizeof(float);
  if (bytes.size() % sizeof(float) != 0) {
    fail(numbers, std::to_string(bytes.size()) + " bytes are no whole float32 numbers");
  }
  const nlohmann::ordered_json list = parse_json(text, json.string());
  if (!list.is_array() || list.empty()) fail(json, "expected a list of tensors");
  PredictorState state;
  std::set<std::string> names;
  for (const auto& item : list) {
    Entry entry = read_entry(item, json);
    const std::string name = printable(entry.tensor.name.substr(0, 80));
    if (!names.insert(entry.tensor.name).second) fail(json, "tensor '" + name + "' is given twice");
    if (entry.offset > floats || entry.size > floats - entry.offset) {
      fail(json, "tensor '" + name + "' ends behind the " + std::to_string(floats) +
                     " numbers of " + numbers.filename().string());
    }
    std::vector<float> values(entry.size);
    std::memcpy(values.data(), bytes.data() + entry.offset * sizeof(float),
                entry.size * sizeof(float));
    entry.tensor.data.assign(values.begin(), values.end());
    state.tensors.push_back(std::move(entry.tensor));
  }
  state.text = "{}";
  return state;
}

}  // namespace nas
