#include "core/onnx/node_reader.h"

#include <algorithm>

#include "core/onnx/gathered_rows.h"
#include "core/onnx/read_onnx.h"
#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

/// What a scope may hold of a foreign name (core/ir/graph_sink.h).
std::string scope_text(std::string_view name) {
  std::string text;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = byte > 0x20 && byte < 0x7f && c != '#' && c != '@';
    if (c == '/' && (text.empty() || text.back() == '/')) continue;
    text += plain ? c : '_';
  }
  while (text.ends_with('/')) text.pop_back();
  return text;
}

}  // namespace

bool NodeReader::has_input(std::size_t index) const {
  return index < node().inputs.size() && !node().inputs[index].empty();
}

const ImportedValue& NodeReader::input(std::size_t index) const {
  if (!has_input(index)) wrong("input " + std::to_string(index) + " is missing");
  const auto found = reader_->values.find(node().inputs[index]);
  NAS_CHECK(found != reader_->values.end(), "nodes are read in order");
  return found->second;
}

bool NodeReader::is_tensor(std::size_t index) const {
  return input(index).kind == ImportedValue::Kind::kTensor;
}

Value NodeReader::tensor(std::size_t index) const {
  const ImportedValue& given = input(index);
  if (given.kind != ImportedValue::Kind::kTensor) {
    unsupported("input " + std::to_string(index) + " is a constant");
  }
  if (!given.border.empty()) unsupported("it reads an image with zeros around it (Pad)");
  return given.value;
}

const Constant& NodeReader::constant(std::size_t index) const {
  const ImportedValue& given = input(index);
  if (given.kind != ImportedValue::Kind::kConstant) {
    unsupported("input " + std::to_string(index) + " is computed, expected a constant");
  }
  return given.constant;
}

std::optional<double> NodeReader::number(std::size_t index) const {
  return has_input(index) ? number_of(node().inputs[index]) : std::nullopt;
}

std::optional<double> NodeReader::number_of(const std::string& value) const {
  const auto found = reader_->values.find(value);
  if (found == reader_->values.end() || found->second.kind != ImportedValue::Kind::kConstant) {
    return std::nullopt;
  }
  return single_number(reader_->model, found->second.constant);
}

std::optional<TokenGrid> NodeReader::token_grid(const OnnxTensor& places, GridAxis axis,
                                                std::int64_t reach) const {
  const auto [found, fresh] = reader_->grids.try_emplace({&places, axis, reach});
  if (fresh) found->second = nas::token_grid(tensor_ints(reader_->model, places), axis, reach);
  return found->second;
}

std::int64_t NodeReader::integer(std::string_view attr, std::int64_t otherwise) const {
  const OnnxAttribute* attribute = find_attribute(node(), attr);
  return attribute == nullptr ? otherwise : attribute->integer;
}

double NodeReader::real(std::string_view attr, double otherwise) const {
  const OnnxAttribute* attribute = find_attribute(node(), attr);
  return attribute == nullptr ? otherwise : static_cast<double>(attribute->real);
}

std::string NodeReader::text(std::string_view attr, std::string_view otherwise) const {
  const OnnxAttribute* attribute = find_attribute(node(), attr);
  return attribute == nullptr ? std::string(otherwise) : attribute->text;
}

std::vector<std::int64_t> NodeReader::ints(std::string_view attr) const {
  const OnnxAttribute* attribute = find_attribute(node(), attr);
  return attribute == nullptr ? std::vector<std::int64_t>{} : attribute->ints;
}

std::vector<std::int64_t> NodeReader::ints(std::string_view attr, std::size_t index) const {
  if (has_input(index)) return small_ints(reader_->model, constant(index));
  return ints(attr);
}

std::int64_t NodeReader::axis(std::int64_t axis, std::size_t rank) const {
  const auto count = static_cast<std::int64_t>(rank) + 1;
  const std::int64_t at = axis < 0 ? axis + count : axis;
  if (at < 0 || at >= count) {
    wrong("axis " + std::to_string(axis) + " of a tensor of " + std::to_string(count) +
          " dimensions");
  }
  return at;
}

std::string NodeReader::scope() const {
  const std::string text = scope_text(node().name);
  const std::size_t slash = text.rfind('/');
  return slash == std::string::npos ? "" : text.substr(0, slash);
}

Value NodeReader::add(std::string_view op, std::span<const Value> inputs, NamedAttrs attrs) {
  const std::string scope = this->scope();
  if (scope.empty()) return reader_->builder.add(op, inputs, attrs);
  const Scope inside(reader_->builder, scope);
  return reader_->builder.add(op, inputs, attrs);
}

void NodeReader::weight(Value of, std::string_view param, const Constant& from, bool transposed) {
  reader_->weights.push_back({of.node, param, from, transposed, {}});
}

void NodeReader::weight(Value of, std::string_view param, float all) {
  reader_->weights.push_back({of.node, param, {}, false, all});
}

void NodeReader::give(Value value, std::size_t output) {
  give(ImportedValue{.kind = ImportedValue::Kind::kTensor, .value = value}, output);
}

void NodeReader::give(ImportedValue value, std::size_t output) {
  if (output >= node().outputs.size() || node().outputs[output].empty()) return;
  reader_->values[node().outputs[output]] = std::move(value);
}

std::optional<NodeReader> NodeReader::only_reader(std::string_view op_type,
                                                  std::size_t output) const {
  if (output >= node().outputs.size()) return std::nullopt;
  const std::string& name = node().outputs[output];
  const auto found = reader_->readers.find(name);
  if (found == reader_->readers.end() || reader_->outputs.contains(name)) return std::nullopt;
  if (found->second.size() != 1) return std::nullopt;
  NodeReader next(*reader_, found->second[0]);
  if (next.node().op_type != op_type || !is_standard_domain(next.node().domain)) {
    return std::nullopt;
  }
  return reader_->claimed[next.index_] ? std::nullopt : std::optional(next);
}

std::size_t NodeReader::reader_count() const {
  const auto found = reader_->readers.find(output());
  return (found == reader_->readers.end() ? 0 : found->second.size()) +
         (reader_->outputs.contains(output()) ? 1 : 0);
}

std::vector<NodeReader> NodeReader::readers(std::string_view op_type) const {
  std::vector<NodeReader> result;
  const auto found = reader_->readers.find(output());
  if (found == reader_->readers.end()) return result;
  for (const std::size_t index : found->second) {
    NodeReader next(*reader_, index);
    if (next.node().op_type == op_type && !reader_->claimed[index]) result.push_back(next);
  }
  return result;
}

std::optional<std::string> NodeReader::other_input(const std::string& value) const {
  const std::vector<std::string>& inputs = node().inputs;
  if (inputs.size() != 2 || (inputs[0] == value) == (inputs[1] == value)) return std::nullopt;
  return inputs[0] == value ? inputs[1] : inputs[0];
}

const std::string& NodeReader::output() const {
  static const std::string kNone;
  return node().outputs.empty() ? kNone : node().outputs[0];
}

bool NodeReader::known(const std::string& value) const {
  return reader_->values.contains(value);
}

void NodeReader::claim() {
  reader_->claimed[index_] = true;
}

void NodeReader::unsupported(const std::string& what) const {
  throw Error(ErrorKind::kUnsupported, what);
}

void NodeReader::wrong(const std::string& what) const {
  throw Error(ErrorKind::kData, what);
}

}  // namespace nas
