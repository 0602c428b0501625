#include "core/onnx/message_reader.h"

#include "core/onnx/external_data.h"
#include "core/onnx/outline.h"
#include "core/ops/op_schema.h"
#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

std::string dims_text(const OnnxTensor& tensor) {
  std::vector<std::string> dims;
  for (const std::int64_t dim : tensor.dims) dims.push_back(std::to_string(dim));
  return dims.empty() ? "1" : join(dims, " x ");
}

}  // namespace

void MessageReader::fail(const std::string& what) {
  throw Error(ErrorKind::kData, what);
}

void MessageReader::take_items(std::size_t count) {
  if (count > limits_.items - items_) {
    fail("it holds more than " + std::to_string(limits_.items) + " names and numbers");
  }
  items_ += count;
}

std::string MessageReader::text(std::string_view bytes, std::size_t limit, const char* what) {
  if (bytes.size() > limit) {
    fail(std::string(what) + " has " + std::to_string(bytes.size()) + " bytes, the limit is " +
         std::to_string(limit));
  }
  if (bytes.size() > limits_.total_text_bytes - text_bytes_) {
    fail("its names and texts have more than " + std::to_string(limits_.total_text_bytes) +
         " bytes");
  }
  text_bytes_ += bytes.size();
  take_items(1);
  return std::string(bytes);
}

std::string MessageReader::name(const ProtobufField& field) {
  return text(field.as_bytes(), limits_.name_bytes, "a name");
}

void MessageReader::append_ints(const ProtobufField& field, std::vector<std::int64_t>& values) {
  if (field.wire_type == 2) {
    take_items(field.bytes.size());  // at least one byte each
    const std::vector<std::int64_t> more = packed_ints(field.bytes);
    values.insert(values.end(), more.begin(), more.end());
  } else {
    take_items(1);
    values.push_back(field.as_int());
  }
}

void MessageReader::append_reals(const ProtobufField& field, std::vector<float>& values) {
  if (field.wire_type != 2) {
    take_items(1);
    values.push_back(field.as_float());
    return;
  }
  if (field.bytes.size() % 4 != 0) fail("a list of numbers ends within one");
  take_items(field.bytes.size() / 4);
  ProtobufReader list(field.bytes);
  while (!list.at_end()) values.push_back(list.float32());
}

std::pair<std::string, std::string> MessageReader::entry(std::string_view bytes) {
  std::pair<std::string, std::string> entry;
  ProtobufReader fields(bytes);
  while (const auto field = fields.next()) {
    if (field->number == 1) entry.first = name(*field);
    if (field->number == 2) entry.second = text(field->as_bytes(), limits_.text_bytes, "a text");
  }
  take_items(2);
  return entry;
}

OnnxTensor MessageReader::tensor(std::string_view bytes) {
  take_items(4);
  OnnxTensor tensor;
  std::optional<std::string_view> raw;
  bool external = false;
  std::size_t typed_bytes = 0;
  std::vector<std::int64_t> elsewhere;
  ProtobufReader fields(bytes);
  while (const auto field = fields.next()) {
    switch (field->number) {
      case 1:
        append_ints(*field, tensor.dims);
        break;
      case 2:
        tensor.type = static_cast<OnnxType>(field->as_int());
        break;
      case 8:
        tensor.name = name(*field);
        break;
      case 9:
        raw = field->as_bytes();
        break;
      case 4:
      case 5:
      case 7:
      case 10:
      case 11:
        typed_bytes += field->wire_type == 2 ? field->bytes.size() : 1;
        break;
      case kNumbersElsewhere:
        if (model_.file != nullptr) elsewhere = packed_ints(field->as_bytes());
        break;
      case 13:
        external_entry(field->as_bytes(), tensor);
        break;
      case 14:
        external = field->as_int() == 1;
        break;
      default:
        break;
    }
  }
  check_shape(tensor);
  if (elsewhere.size() == 2 && !external) {
    tensor.place = OnnxTensor::Place::kInFile;
    tensor.offset = elsewhere[0];
    tensor.length = elsewhere[1];
    check_size(tensor, tensor.length);
  } else {
    place(tensor, bytes, raw, external, typed_bytes);
  }
  return tensor;
}

void MessageReader::external_entry(std::string_view bytes, OnnxTensor& tensor) {
  const auto [key, value] = entry(bytes);
  if (key == "location") tensor.location = value;
  if (key != "offset" && key != "length") return;
  const auto number = parse_int(value);
  if (!number || *number < 0) fail("external data with " + key + " = " + printable(value));
  (key == "offset" ? tensor.offset : tensor.length) = *number;
}

void MessageReader::check_shape(const OnnxTensor& tensor) const {
  const auto fail_tensor = [&](const std::string& what) {
    fail("tensor '" + printable(tensor.name) + "' " + what);
  };
  if (tensor.dims.size() > limits_.rank) {
    fail_tensor("has " + std::to_string(tensor.dims.size()) + " dimensions, the limit is " +
                std::to_string(limits_.rank));
  }
  for (const std::int64_t dim : tensor.dims) {
    if (dim < 0) fail_tensor("has a dimension of " + std::to_string(dim));
  }
  if (tensor.elements() > kMaxExtent) {
    fail_tensor("claims " + dims_text(tensor) + " numbers, the limit is " +
                std::to_string(kMaxExtent));
  }
}

void MessageReader::check_size(const OnnxTensor& tensor, std::int64_t bytes) {
  const std::int64_t needed = bytes_of(tensor.type) * tensor.elements();
  if (bytes_of(tensor.type) == 0 || bytes == needed) return;
  fail("tensor '" + printable(tensor.name) + "': " + to_string(tensor.type) + " numbers " +
       dims_text(tensor) + " take " + std::to_string(needed) + " bytes, it has " +
       std::to_string(bytes));
}

void MessageReader::place(OnnxTensor& tensor, std::string_view message,
                          std::optional<std::string_view> raw, bool external,
                          std::size_t typed_bytes) const {
  const std::string what = "tensor '" + printable(tensor.name) + "': ";
  if (external) {
    check_external_location(model_, tensor);
    tensor.place = OnnxTensor::Place::kExternal;
    return;
  }
  const std::int64_t count = tensor.elements();
  if (raw && (typed_bytes == 0 || !raw->empty())) {
    check_size(tensor, static_cast<std::int64_t>(raw->size()));
    tensor.place = OnnxTensor::Place::kRaw;
    tensor.bytes = *raw;
    return;
  }
  // Numbers of four bits lie two in a byte; we do not read such types.
  if (static_cast<std::size_t>(count) > typed_bytes && bytes_of(tensor.type) > 0) {
    fail(what + "has " + dims_text(tensor) + " numbers, but data for at most " +
         std::to_string(typed_bytes));
  }
  tensor.place = OnnxTensor::Place::kFields;
  tensor.bytes = message;
}

}  // namespace nas
