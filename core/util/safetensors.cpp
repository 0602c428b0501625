#include "core/util/safetensors.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "core/util/encoding.h"
#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

static_assert(std::endian::native == std::endian::little, "safetensors data is little-endian");

using Json = nlohmann::json;

constexpr std::size_t kPrefixBytes = 8;
constexpr std::uint64_t kMaxHeaderBytes = 100'000'000;  // the limit of the reference implementation
constexpr std::size_t kMaxRank = 8;

struct DtypeSize {
  std::string_view name;
  std::int64_t bytes;
};
constexpr DtypeSize kDtypes[] = {{"F64", 8}, {"I64", 8}, {"U64", 8},  {"F32", 4}, {"I32", 4},
                                 {"U32", 4}, {"F16", 2}, {"BF16", 2}, {"I16", 2}, {"U16", 2},
                                 {"I8", 1},  {"U8", 1},  {"BOOL", 1}};

/// An entry of the header, checked by itself.
struct Entry {
  std::string name;
  std::string dtype;
  std::vector<std::int64_t> shape;
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

struct Header {
  std::map<std::string, std::string> metadata;
  std::vector<Entry> entries;  // by position in the data
  std::size_t data_offset = 0;
};

class Reader {
 public:
  Reader(std::string_view bytes, std::string_view name) : bytes_(bytes), name_(name) {}

  Header read() const {
    Header header;
    const std::uint64_t length = header_length();
    header.data_offset = kPrefixBytes + static_cast<std::size_t>(length);
    const Json json = parse_json(bytes_.substr(kPrefixBytes, static_cast<std::size_t>(length)));
    if (!json.is_object()) fail("the header is not a JSON object");
    for (const auto& [key, value] : json.items()) {
      if (key == "__metadata__") {
        header.metadata = metadata(value);
      } else {
        header.entries.push_back(entry(key, value));
      }
    }
    check_layout(header);
    return header;
  }

 private:
  [[noreturn]] void fail(const std::string& text) const {
    throw Error(ErrorKind::kData, std::string(name_) + ": not a valid safetensors file: " + text);
  }
  [[noreturn]] void fail_tensor(const std::string& tensor, const std::string& text) const {
    fail("tensor '" + printable(tensor) + "': " + text);
  }

  void refuse_foreign() const {
    if (bytes_.size() > kPrefixBytes && bytes_[kPrefixBytes] == '{') return;
    const auto refuse = [&](const char* what) {
      throw Error(ErrorKind::kData, std::string(name_) + ": this is " + what +
                                        ", which can run code when opened; expected safetensors");
    };
    if (bytes_.starts_with("PK\x03\x04")) refuse("a zip archive (torch.save or TorchScript)");
    if (bytes_.size() > 1 && bytes_[0] == '\x80' && bytes_[1] >= 2 && bytes_[1] <= 5) {
      refuse("a Python pickle (torch.save)");
    }
    const std::string_view start = bytes_.substr(0, 4096);
    if (const auto what = start.empty() ? std::nullopt : foreign_content(start)) fail(*what);
  }

  std::uint64_t header_length() const {
    refuse_foreign();
    if (bytes_.size() < kPrefixBytes) {
      fail(std::to_string(bytes_.size()) + " bytes, the header length alone takes 8");
    }
    std::uint64_t length = 0;
    std::memcpy(&length, bytes_.data(), kPrefixBytes);
    const bool fits =
        length <= std::min<std::uint64_t>(kMaxHeaderBytes, bytes_.size() - kPrefixBytes);
    if (!fits && bytes_.size() > kPrefixBytes && bytes_[kPrefixBytes] != '{') {
      fail("it does not begin with a header of tensors; a file of another kind?");
    }
    if (length > kMaxHeaderBytes) {
      fail("header length " + std::to_string(length) + ", the limit is " +
           std::to_string(kMaxHeaderBytes));
    }
    if (length > bytes_.size() - kPrefixBytes) {
      fail("header length " + std::to_string(length) + ", but the file has only " +
           std::to_string(bytes_.size()) + " bytes (cut off?)");
    }
    return length;
  }

  Json parse_json(std::string_view text) const {
    // The parser keeps the last of two equal keys; a second reader might keep the first.
    std::vector<std::set<std::string>> keys;
    std::string problem;
    const auto watch = [&](int depth, Json::parse_event_t event, Json& value) {
      if (depth > 8 && problem.empty()) problem = "the header is nested too deeply";
      if (event == Json::parse_event_t::object_start) keys.emplace_back();
      if (event == Json::parse_event_t::object_end) keys.pop_back();
      if (event == Json::parse_event_t::key &&
          !keys.back().insert(value.get<std::string>()).second && problem.empty()) {
        problem = "duplicate name '" + printable(value.get<std::string>()) + "'";
      }
      return depth <= 8;
    };
    Json json;
    try {
      json = Json::parse(text, watch);
    } catch (const Json::exception&) {
      fail("the header is not JSON");
    }
    if (!problem.empty()) fail(problem);
    return json;
  }

  std::map<std::string, std::string> metadata(const Json& value) const {
    std::map<std::string, std::string> result;
    if (!value.is_object()) fail("__metadata__ is not an object");
    for (const auto& [key, text] : value.items()) {
      if (!text.is_string()) fail("__metadata__ '" + printable(key) + "' is not a string");
      result[key] = text.get<std::string>();
    }
    return result;
  }

  static bool is_count(const Json& value) {
    return value.is_number_unsigned() &&
           value.get<std::uint64_t>() <= std::uint64_t{std::numeric_limits<std::int64_t>::max()};
  }

  Entry entry(const std::string& name, const Json& value) const {
    Entry result;
    result.name = name;
    if (!value.is_object() || value.size() != 3 || !value.contains("dtype") ||
        !value.contains("shape") || !value.contains("data_offsets")) {
      fail_tensor(name, "expected dtype, shape and data_offsets");
    }
    const Json& dtype = value["dtype"];
    if (!dtype.is_string() || element_bytes(dtype.get<std::string>()) == 0) {
      fail_tensor(name, "unknown dtype");
    }
    result.dtype = dtype.get<std::string>();
    const Json& shape = value["shape"];
    if (!shape.is_array() || shape.size() > kMaxRank) fail_tensor(name, "bad shape");
    for (const Json& dim : shape) {
      if (!is_count(dim)) fail_tensor(name, "bad shape");
      result.shape.push_back(dim.get<std::int64_t>());
    }
    const Json& offsets = value["data_offsets"];
    if (!offsets.is_array() || offsets.size() != 2 || !is_count(offsets[0]) ||
        !is_count(offsets[1])) {
      fail_tensor(name, "bad data_offsets");
    }
    result.begin = offsets[0].get<std::uint64_t>();
    result.end = offsets[1].get<std::uint64_t>();
    check_size(result);
    return result;
  }

  void check_size(const Entry& entry) const {
    const auto element = static_cast<std::uint64_t>(element_bytes(entry.dtype));
    std::uint64_t bytes = element;
    for (const std::int64_t dim : entry.shape) {
      if (__builtin_mul_overflow(bytes, static_cast<std::uint64_t>(dim), &bytes)) {
        fail_tensor(entry.name, "the shape overflows");
      }
    }
    if (entry.end < entry.begin || entry.end - entry.begin != bytes) {
      fail_tensor(entry.name, "shape and dtype need " + std::to_string(bytes) +
                                  " bytes, data_offsets are [" + std::to_string(entry.begin) +
                                  ", " + std::to_string(entry.end) + "]");
    }
    if (entry.begin % element != 0) {
      fail_tensor(entry.name, "data at " + std::to_string(entry.begin) + " is not aligned to " +
                                  std::to_string(element) + " bytes");
    }
  }

  void check_layout(Header& header) const {
    std::sort(header.entries.begin(), header.entries.end(), [](const Entry& a, const Entry& b) {
      return std::tie(a.begin, a.end, a.name) < std::tie(b.begin, b.end, b.name);
    });
    std::uint64_t position = 0;
    for (const Entry& entry : header.entries) {
      if (entry.begin != position) {
        fail_tensor(entry.name,
                    std::string(entry.begin < position ? "overlaps" : "leaves a hole after") +
                        " the tensor before it at " + std::to_string(position));
      }
      position = entry.end;
    }
    const std::uint64_t available = bytes_.size() - header.data_offset;
    if (position != available) {
      fail("the header describes " + std::to_string(position) + " bytes of data, the file has " +
           std::to_string(available) + (position > available ? " (cut off?)" : ""));
    }
  }

  std::string_view bytes_;
  std::string_view name_;
};

}  // namespace

std::int64_t element_bytes(std::string_view dtype) {
  for (const DtypeSize& known : kDtypes) {
    if (known.name == dtype) return known.bytes;
  }
  return 0;
}

std::string format_tensor_file(const TensorFile& file) {
  // Widest elements first keeps every tensor aligned without padding between them.
  std::vector<const std::pair<const std::string, StoredTensor>*> order;
  for (const auto& item : file.tensors) order.push_back(&item);
  std::stable_sort(order.begin(), order.end(), [](const auto* a, const auto* b) {
    return element_bytes(a->second.dtype) > element_bytes(b->second.dtype);
  });
  Json header = Json::object();
  if (!file.metadata.empty()) header["__metadata__"] = file.metadata;
  std::size_t position = 0;
  for (const auto* item : order) {
    const StoredTensor& tensor = item->second;
    header[item->first] = {{"dtype", tensor.dtype},
                           {"shape", tensor.shape},
                           {"data_offsets", {position, position + tensor.bytes.size()}}};
    position += tensor.bytes.size();
  }
  std::string text = header.dump();
  text.resize((text.size() + 7) / 8 * 8, ' ');
  const std::uint64_t length = text.size();
  std::string bytes(kPrefixBytes, '\0');
  std::memcpy(bytes.data(), &length, kPrefixBytes);
  bytes.reserve(kPrefixBytes + text.size() + position);
  bytes += text;
  for (const auto* item : order) bytes += item->second.bytes;
  return bytes;
}

TensorFile parse_tensor_file(std::string_view bytes, std::string_view name) {
  const Header header = Reader(bytes, name).read();
  TensorFile file;
  file.metadata = header.metadata;
  for (const Entry& entry : header.entries) {
    const std::string_view data =
        bytes.substr(header.data_offset + static_cast<std::size_t>(entry.begin),
                     static_cast<std::size_t>(entry.end - entry.begin));
    file.tensors[entry.name] = {entry.dtype, entry.shape, std::string(data)};
  }
  return file;
}

std::map<std::string, std::string> parse_tensor_metadata(std::string_view bytes,
                                                         std::string_view name) {
  return Reader(bytes, name).read().metadata;
}

std::vector<float> read_floats(const TensorFile& file, const std::string& name) {
  const auto found = file.tensors.find(name);
  if (found == file.tensors.end() || found->second.dtype != "F32") {
    throw Error(ErrorKind::kData, "the weights have no F32 tensor '" + name + "'");
  }
  std::vector<float> values(found->second.bytes.size() / sizeof(float));
  std::memcpy(values.data(), found->second.bytes.data(), values.size() * sizeof(float));
  return values;
}

StoredTensor store_floats(std::vector<std::int64_t> shape, std::span<const float> values) {
  StoredTensor tensor{"F32", std::move(shape), {}};
  tensor.bytes.assign(reinterpret_cast<const char*>(values.data()), values.size_bytes());
  return tensor;
}

}  // namespace nas
