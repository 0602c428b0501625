#include "core/tflite/write_tflite.h"

#include <flatbuffers/flatbuffers.h>

#include <algorithm>
#include <tuple>

#include "core/tflite/operators.h"
#include "core/util/error.h"

namespace nas {
namespace {

using flatbuffers::FlatBufferBuilder;
using Place = flatbuffers::uoffset_t;  ///< of what has been written, 0: nothing

constexpr std::size_t kAlignment = 16;
constexpr std::size_t kMostBytes = std::size_t{1} << 31;

/// A table, field by field. What its fields point to is written before it.
class TableWriter {
 public:
  explicit TableWriter(FlatBufferBuilder& builder)
      : builder_(builder), start_(builder.StartTable()) {}

  template <typename T>
  void number(int field, T value, T standard) {
    builder_.AddElement<T>(place(field), value, standard);
  }
  void points_to(int field, Place place_of) {
    if (place_of != 0) builder_.AddOffset(place(field), flatbuffers::Offset<void>(place_of));
  }
  Place finish() { return builder_.EndTable(start_); }

 private:
  static flatbuffers::voffset_t place(int field) {
    return flatbuffers::FieldIndexToOffset(static_cast<flatbuffers::voffset_t>(field));
  }
  FlatBufferBuilder& builder_;
  Place start_;
};

// The numbers of fields are those of schema.fbs, counted from 0.
class Writer {
 public:
  explicit Writer(const TfliteModel& model) : model_(model) {}

  std::string write() {
    const Place codes = write_codes();
    const Place subgraph = write_subgraph();
    const Place subgraphs = tables({subgraph});
    const Place description = text(model_.description);
    std::vector<Place> buffers, metadata;
    for (const TfliteBuffer& buffer : model_.buffers) buffers.push_back(write_buffer(buffer));
    const Place all_buffers = tables(buffers);
    for (const auto& [name, buffer] : model_.metadata) {
      const Place name_text = text(name);
      TableWriter entry(builder_);
      entry.points_to(0, name_text);
      entry.number<std::uint32_t>(1, buffer, 0);
      metadata.push_back(entry.finish());
    }
    const Place all_metadata = metadata.empty() ? 0 : tables(metadata);
    TableWriter root(builder_);
    root.number<std::uint32_t>(0, model_.version, 0);
    root.points_to(1, codes);
    root.points_to(2, subgraphs);
    root.points_to(3, description);
    root.points_to(4, all_buffers);
    root.points_to(6, all_metadata);
    builder_.Finish(flatbuffers::Offset<void>(root.finish()), "TFL3");
    return {reinterpret_cast<const char*>(builder_.GetBufferPointer()), builder_.GetSize()};
  }

 private:
  using Code = std::tuple<std::int32_t, std::string, std::int32_t>;
  static Code code_of(const TfliteOperator& op) { return {op.code, op.custom_code, op.version}; }

  Place write_codes() {
    std::vector<Place> places;
    for (const TfliteOperator& op : model_.operators) {
      if (std::ranges::find(codes_, code_of(op)) == codes_.end()) codes_.push_back(code_of(op));
    }
    // The older field is all that readers of before 2020 know; 127 says that the code is above.
    constexpr std::int32_t kMostOld = 127;
    for (const auto& [code, custom, version] : codes_) {
      const Place custom_text = text(custom);
      TableWriter table(builder_);
      table.number<std::int8_t>(0, static_cast<std::int8_t>(std::min(code, kMostOld)), 0);
      table.points_to(1, custom_text);
      table.number<std::int32_t>(2, version, 1);
      table.number<std::int32_t>(3, code, 0);
      places.push_back(table.finish());
    }
    return tables(places);
  }

  Place write_subgraph() {
    std::vector<Place> tensors, operators;
    for (const TfliteTensor& tensor : model_.tensors) tensors.push_back(write_tensor(tensor));
    for (const TfliteOperator& op : model_.operators) operators.push_back(write_operator(op));
    const Place all_tensors = tables(tensors), all_operators = tables(operators);
    const Place inputs = numbers(model_.inputs), outputs = numbers(model_.outputs);
    const Place name = text(model_.name);
    TableWriter table(builder_);
    table.points_to(0, all_tensors);
    table.points_to(1, inputs);
    table.points_to(2, outputs);
    table.points_to(3, all_operators);
    table.points_to(4, name);
    return table.finish();
  }

  Place write_tensor(const TfliteTensor& tensor) {
    const Place shape = numbers(tensor.shape);
    const Place name = text(tensor.name);
    const Place quantisation = write_quantisation(tensor.quantisation);
    const Place signature = tensor.shape_signature.empty() ? 0 : numbers(tensor.shape_signature);
    TableWriter table(builder_);
    table.points_to(0, shape);
    table.number<std::int8_t>(1, static_cast<std::int8_t>(tensor.type), 0);
    table.number<std::uint32_t>(2, tensor.buffer, 0);
    table.points_to(3, name);
    table.points_to(4, quantisation);
    table.number<std::uint8_t>(5, tensor.is_variable ? 1 : 0, 0);
    table.points_to(7, signature);
    return table.finish();
  }

  Place write_quantisation(const TfliteQuantisation& quantisation) {
    if (quantisation.scales.empty()) return 0;
    const Place scales = numbers(quantisation.scales);
    const Place zero_points = numbers(quantisation.zero_points);
    TableWriter table(builder_);
    table.points_to(2, scales);
    table.points_to(3, zero_points);
    table.number<std::int32_t>(6, quantisation.dimension, 0);
    return table.finish();
  }

  Place write_operator(const TfliteOperator& op) {
    const auto code = std::ranges::find(codes_, code_of(op)) - codes_.begin();
    const Place inputs = numbers(op.inputs), outputs = numbers(op.outputs);
    const TfliteOperatorRecord* record = find_tflite_operator(op.code);
    if (record == nullptr && !op.numbers.empty()) {
      throw Error(ErrorKind::kUnsupported,
                  operator_name(op) + " has options that are not known, so they cannot be written");
    }
    // An operator that was read without options stays so.
    const bool has_options = record != nullptr && record->options_type != 0 &&
                             (record->options.empty() || !op.numbers.empty());
    const Place options = has_options ? write_options(op, *record) : 0;
    TableWriter table(builder_);
    table.number<std::uint32_t>(0, static_cast<std::uint32_t>(code), 0);
    table.points_to(1, inputs);
    table.points_to(2, outputs);
    table.number<std::uint8_t>(3, has_options ? record->options_type : std::uint8_t{0}, 0);
    table.points_to(4, options);
    return table.finish();
  }

  Place write_options(const TfliteOperator& op, const TfliteOperatorRecord& record) {
    const bool has_list = std::ranges::any_of(record.options, [](const TfliteOption& one) {
      return one.kind == TfliteOptionKind::kInts;
    });
    const Place list = has_list ? numbers(op.list) : 0;
    TableWriter table(builder_);
    for (std::size_t i = 0; i < record.options.size(); ++i) {
      const TfliteOption& of = record.options[i];
      const int field = static_cast<int>(i);
      const double value = option(op, of.name);
      switch (of.kind) {
        case TfliteOptionKind::kByte:
        case TfliteOptionKind::kBool:
          table.number<std::int8_t>(field, static_cast<std::int8_t>(value),
                                    static_cast<std::int8_t>(of.standard));
          break;
        case TfliteOptionKind::kInt:
          table.number<std::int32_t>(field, static_cast<std::int32_t>(value),
                                     static_cast<std::int32_t>(of.standard));
          break;
        case TfliteOptionKind::kFloat:
          table.number<float>(field, static_cast<float>(value), static_cast<float>(of.standard));
          break;
        case TfliteOptionKind::kInts:
          table.points_to(field, list);
          break;
      }
    }
    return table.finish();
  }

  Place write_buffer(const TfliteBuffer& buffer) {
    Place data = 0;
    if (!buffer.bytes.empty()) {
      builder_.ForceVectorAlignment(buffer.bytes.size(), 1, kAlignment);
      data = builder_
                 .CreateVector(reinterpret_cast<const std::uint8_t*>(buffer.bytes.data()),
                               buffer.bytes.size())
                 .o;
    }
    TableWriter table(builder_);
    table.points_to(0, data);
    return table.finish();
  }

  template <typename T>
  Place numbers(const std::vector<T>& values) {
    return builder_.CreateVector(values).o;
  }

  Place tables(const std::vector<Place>& places) {
    std::vector<flatbuffers::Offset<void>> offsets(places.begin(), places.end());
    return builder_.CreateVector(offsets).o;
  }

  /// An empty text is left out.
  Place text(const std::string& value) {
    return value.empty() ? 0 : builder_.CreateString(value).o;
  }

  const TfliteModel& model_;
  FlatBufferBuilder builder_{1024};
  std::vector<Code> codes_;
};

}  // namespace

std::string format_tflite(const TfliteModel& model) {
  std::size_t bytes = 0;
  for (const TfliteBuffer& buffer : model.buffers) bytes += buffer.bytes.size() + kAlignment;
  if (bytes >= kMostBytes) {
    throw Error(ErrorKind::kUnsupported, "a .tflite file has at most 2 GB; these weights take " +
                                             std::to_string(bytes) + " bytes");
  }
  return Writer(model).write();
}

}  // namespace nas
