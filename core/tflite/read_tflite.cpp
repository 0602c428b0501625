#include "core/tflite/read_tflite.h"

#include <algorithm>
#include <cmath>

#include "core/ops/op_schema.h"
#include "core/tflite/operators.h"
#include "core/tflite/table_reader.h"
#include "core/util/encoding.h"
#include "core/util/file.h"
#include "core/util/text.h"

namespace nas {
namespace {

constexpr std::string_view kMark = "TFL3";

[[noreturn]] void fail(const std::string& text) {
  throw Error(ErrorKind::kData, text);
}

/// What operators point to: one entry of `operator_codes`.
struct OperatorCode {
  std::int32_t code = 0;
  std::string custom_code{};
  std::int32_t version = 1;
};

// The numbers of fields are those of schema.fbs, counted from 0.
class Reader {
 public:
  Reader(TfliteModel& model, std::string_view bytes, const TfliteLimits& limits)
      : model_(model),
        file_(bytes),
        limits_(limits),
        bytes_(bytes, limits.items, limits.text_bytes) {}

  void read() {
    bytes_.check(bytes_.verifier.Verify<flatbuffers::uoffset_t>(0));
    const auto* start = reinterpret_cast<const std::uint8_t*>(file_.data());
    bytes_.check(bytes_.verifier.VerifyOffset(start, 0));
    const TableReader root(bytes_, flatbuffers::GetRoot<flatbuffers::Table>(start));
    model_.version = root.number<std::uint32_t>(0, 0);
    if (model_.version != 3) {
      throw Error(ErrorKind::kUnsupported, "version " + std::to_string(model_.version) +
                                               " of the format; version 3 is read");
    }
    root.each_table(1, limits_.operators, "operator code",
                    [&](const TableReader& table, std::size_t) { read_code(table); });
    model_.description = root.text(3);
    root.each_table(4, limits_.tensors, "buffer",
                    [&](const TableReader& table, std::size_t) { read_buffer(table); });
    read_subgraphs(root);
    root.each_table(6, limits_.tensors, "metadata entry",
                    [&](const TableReader& table, std::size_t) { read_metadata(table); });
  }

 private:
  void read_code(const TableReader& table) {
    bytes_.take_items(1);
    // Codes above 127 do not fit the older field, which older files alone have.
    const std::int32_t old_code = table.number<std::int8_t>(0, 0);
    codes_.push_back({.code = std::max(old_code, table.number<std::int32_t>(3, 0)),
                      .custom_code = table.text(1),
                      .version = table.number<std::int32_t>(2, 1)});
  }

  void read_buffer(const TableReader& table) {
    bytes_.take_items(1);
    std::string_view data = table.bytes(0);
    // Files with more than 2 GB keep numbers behind the FlatBuffer, where 0 and 1 mean nowhere.
    const auto offset = table.number<std::uint64_t>(1, 0), size = table.number<std::uint64_t>(2, 0);
    if (offset > 1) {
      if (offset > file_.size() || size > file_.size() - offset) CheckedBytes::fail_offset();
      data = file_.substr(offset, size);
    }
    model_.buffers.push_back({.bytes = data});
  }

  void read_metadata(const TableReader& table) {
    bytes_.take_items(1);
    const auto buffer = table.number<std::uint32_t>(1, 0);
    check_buffer(buffer);
    model_.metadata.emplace_back(table.text(0), buffer);
  }

  void read_subgraphs(const TableReader& root) {
    model_.subgraphs = root.table_count(2);
    if (model_.subgraphs == 0) fail("it holds no network (no subgraph)");
    root.each_table(2, limits_.operators, "subgraph", [&](const TableReader& table, std::size_t i) {
      if (i == 0) read_subgraph(table);
    });
  }

  void read_subgraph(const TableReader& table) {
    table.each_table(0, limits_.tensors, "tensor",
                     [&](const TableReader& inner, std::size_t) { read_tensor(inner); });
    model_.inputs = tensor_list(table, 1, false);
    model_.outputs = tensor_list(table, 2, false);
    table.each_table(3, limits_.operators, "operator",
                     [&](const TableReader& inner, std::size_t) { read_operator(inner); });
    model_.name = table.text(4);
  }

  void read_tensor(const TableReader& table) {
    bytes_.take_items(8);
    TfliteTensor tensor;
    tensor.shape = table.list<std::int32_t>(0);
    tensor.type = static_cast<TfliteType>(table.number<std::int8_t>(1, 0));
    tensor.buffer = table.number<std::uint32_t>(2, 0);
    tensor.name = table.text(3);
    check_shape(tensor);
    if (const auto quantisation = table.table(4)) read_quantisation(*quantisation, tensor);
    tensor.is_variable = table.number<std::uint8_t>(5, 0) != 0;
    if (table.table(6)) {
      throw Error(ErrorKind::kUnsupported, "a sparse tensor; write the model with dense ones");
    }
    tensor.shape_signature = table.list<std::int32_t>(7);
    check_buffer(tensor.buffer);
    check_size(tensor);
    model_.tensors.push_back(std::move(tensor));
  }

  void read_quantisation(const TableReader& table, TfliteTensor& tensor) {
    TfliteQuantisation& quantisation = tensor.quantisation;
    quantisation.scales = table.list<float>(2);
    quantisation.zero_points = table.list<std::int64_t>(3);
    quantisation.dimension = table.number<std::int32_t>(6, 0);
    const std::size_t count = quantisation.scales.size();
    if (quantisation.zero_points.empty()) quantisation.zero_points.assign(count, 0);
    if (quantisation.zero_points.size() != count) {
      fail(std::to_string(count) + " scales, but " +
           std::to_string(quantisation.zero_points.size()) + " zero points");
    }
    for (const float scale : quantisation.scales) {
      if (!std::isfinite(scale) || scale < 0) fail("a scale that is not a positive number");
    }
    if (count <= 1) return;
    // Older converters state of a bias the dimension of its layer's weights.
    if (tensor.shape.size() == 1) quantisation.dimension = 0;
    const std::int32_t dimension = quantisation.dimension;
    const auto rank = static_cast<std::int32_t>(tensor.shape.size());
    if (dimension < 0 || dimension >= rank ||
        tensor.shape[static_cast<std::size_t>(dimension)] != static_cast<std::int64_t>(count)) {
      fail(std::to_string(count) + " scales do not fit dimension " + std::to_string(dimension) +
           " of its shape");
    }
  }

  void check_shape(const TfliteTensor& tensor) const {
    if (tensor.shape.size() > limits_.rank) {
      fail(std::to_string(tensor.shape.size()) + " dimensions, the limit is " +
           std::to_string(limits_.rank));
    }
    std::int64_t elements = 1;
    for (const std::int32_t dim : tensor.shape) {
      if (dim < 0) fail("a dimension of " + std::to_string(dim));
      elements *= dim;  // both below 2^31
      if (elements > kMaxExtent) fail("more than " + std::to_string(kMaxExtent) + " numbers");
    }
  }

  void check_size(const TfliteTensor& tensor) const {
    const std::string_view data = model_.buffers[tensor.buffer].bytes;
    const std::int64_t expected = bytes_of(tensor.type, tensor.elements());
    if (data.empty() || expected < 0 || static_cast<std::int64_t>(data.size()) == expected) return;
    fail(std::to_string(tensor.elements()) + " numbers of " + to_string(tensor.type) + " take " +
         std::to_string(expected) + " bytes, its buffer has " + std::to_string(data.size()));
  }

  void check_buffer(std::uint32_t buffer) const {
    if (buffer >= model_.buffers.size()) {
      fail("buffer " + std::to_string(buffer) + " of " + std::to_string(model_.buffers.size()));
    }
  }

  std::vector<std::int32_t> tensor_list(const TableReader& table, int field, bool optional) {
    std::vector<std::int32_t> list = table.list<std::int32_t>(field);
    for (const std::int32_t tensor : list) {
      const bool absent = optional && tensor == TfliteOperator::kAbsent;
      if (!absent && (tensor < 0 || static_cast<std::size_t>(tensor) >= model_.tensors.size())) {
        fail("it names tensor " + std::to_string(tensor) + " of " +
             std::to_string(model_.tensors.size()));
      }
    }
    return list;
  }

  void read_operator(const TableReader& table) {
    bytes_.take_items(8);
    const auto code = table.number<std::uint32_t>(0, 0);
    if (code >= codes_.size()) {
      fail("operator code " + std::to_string(code) + " of " + std::to_string(codes_.size()));
    }
    const OperatorCode& of = codes_[code];
    bytes_.take_text(of.custom_code.size());  // shared in the file, copied here
    TfliteOperator op{.code = of.code, .custom_code = of.custom_code, .version = of.version};
    op.inputs = tensor_list(table, 1, true);
    op.outputs = tensor_list(table, 2, false);
    const TfliteOperatorRecord* record = find_tflite_operator(op.code);
    const auto type = table.number<std::uint8_t>(3, 0);
    // Some converters give an operator the options of another, which mean nothing.
    if (record != nullptr && record->options_type != 0 && type == record->options_type) {
      if (const auto options = table.table(4)) read_options(*options, *record, op);
    }
    model_.operators.push_back(std::move(op));
  }

  void read_options(const TableReader& table, const TfliteOperatorRecord& record,
                    TfliteOperator& op) {
    for (std::size_t i = 0; i < record.options.size(); ++i) {
      const TfliteOption& of = record.options[i];
      const int field = static_cast<int>(i);
      double value = 0;
      switch (of.kind) {
        case TfliteOptionKind::kByte:
        case TfliteOptionKind::kBool:
          value = table.number<std::int8_t>(field, static_cast<std::int8_t>(of.standard));
          break;
        case TfliteOptionKind::kInt:
          value = table.number<std::int32_t>(field, static_cast<std::int32_t>(of.standard));
          break;
        case TfliteOptionKind::kFloat:
          value = static_cast<double>(table.number<float>(field, static_cast<float>(of.standard)));
          break;
        case TfliteOptionKind::kInts:
          op.list = table.list<std::int32_t>(field);
          break;
      }
      op.numbers.push_back(value);
    }
  }

  TfliteModel& model_;
  std::string_view file_;
  const TfliteLimits& limits_;
  CheckedBytes bytes_;
  std::vector<OperatorCode> codes_;
};

}  // namespace

bool is_tflite(std::string_view bytes) {
  return bytes.size() >= 8 && bytes.substr(4, 4) == kMark;
}

TfliteModel parse_tflite(std::string bytes, std::string_view source, const TfliteLimits& limits) {
  TfliteModel model{.source = std::string(source)};
  refuse_foreign_content(std::string_view(bytes).substr(0, 4096), source);
  if (!is_tflite(bytes)) {
    throw Error(ErrorKind::kData,
                printable(source) + ": not a TensorFlow Lite model: the mark TFL3 is not there");
  }
  model.memory = std::make_shared<const std::string>(std::move(bytes));
  try {
    Reader(model, *model.memory, limits).read();
  } catch (const Error& error) {
    throw error.with_context(printable(source));
  }
  return model;
}

TfliteModel read_tflite(const std::filesystem::path& path, const TfliteLimits& limits) {
  return parse_tflite(read_file(path, limits.file_bytes), path.string(), limits);
}

}  // namespace nas
