#include "core/ir/graph_sink.h"

#include <algorithm>
#include <boost/container/static_vector.hpp>
#include <string>

#include "core/ops/registry.h"
#include "core/util/text.h"

namespace nas {
namespace {

// As many as the operation has, in place.
using AttrList = boost::container::static_vector<ElasticValue, kMaxAttrs>;

/// Fills `attrs` in schema order: what is named, defaults for the rest.
void complete_attrs(const OpSchema& op, NamedAttrs named, AttrList& attrs) {
  attrs.resize(op.attrs.size());
  std::uint32_t given = 0;  // bit i: attribute i was named
  for (const NamedAttr& entry : named) {
    const std::size_t index = op.attr_index(entry.name);
    if ((given >> index) & 1U) {
      throw Error(ErrorKind::kUsage, std::string(op.name) + ": attribute '" +
                                         std::string(entry.name) + "' is given twice");
    }
    given |= 1U << index;
    attrs[index] = entry.value;
  }
  for (std::size_t i = 0; i < op.attrs.size(); ++i) {
    if ((given >> i) & 1U) {
      continue;
    }
    if (op.attrs[i].required) {
      throw Error(ErrorKind::kUsage,
                  std::string(op.name) + ": attribute '" + std::string(op.attrs[i].name) + "' (" +
                      std::string(op.attrs[i].doc) + ") is missing; it has no default");
    }
    attrs[i] = op.attrs[i].default_value;
  }
}

}  // namespace

Value GraphSink::add(std::string_view op_name, std::span<const Value> inputs, NamedAttrs named) {
  AttrList attrs;
  const OpSchema* op = nullptr;
  try {
    op = &find_op(op_name);
    complete_attrs(*op, named, attrs);
    if (op->is_macro()) {
      check_use(*op, inputs.size(), {attrs.data(), attrs.size()});
    }
  } catch (const Error& error) {
    throw current_scope().empty() ? error
                                  : error.with_context("in '" + std::string(current_scope()) + "'");
  }
  const std::span<const ElasticValue> complete(attrs.data(), attrs.size());
  if (!op->is_macro()) {
    return add_primitive(*op, inputs, complete);
  }
  const Scope scope(*this, op->name);
  const std::size_t region = open_region();
  const Value output = op->expand(*this, MacroCall(*op, inputs, complete));
  close_region(region, {*op, inputs, complete, output});
  return output;
}

void check_use(const OpSchema& op, std::size_t input_count, std::span<const ElasticValue> attrs) {
  op.check_input_count(input_count);
  for (std::size_t i = 0; i < attrs.size(); ++i) {
    for (const AttrValue value : attrs[i].values()) {
      op.check_attr(i, value);
    }
  }
}

std::int64_t MacroCall::constant_int(std::string_view name) const {
  const ElasticValue& value = attr(name);
  if (!value.is_constant()) {
    throw Error(ErrorKind::kUsage, std::string(op_.name) + ": attribute '" + std::string(name) +
                                       "' must be a constant, not depend on a decision");
  }
  return value.values().front().as_int();
}

void check_graph_name(std::string_view name) {
  bool ascii = true;
  const bool plain = !name.empty() && std::ranges::all_of(name, [&ascii](char c) {
    const auto byte = static_cast<unsigned char>(c);
    ascii = ascii && byte < 0x80;
    return byte > 0x20 && byte != 0x7f && c != '#' && c != '@';
  });
  // Bytes that are not UTF-8 would not come back from the text and JSON forms.
  const bool valid = plain && (ascii || printable(name) == name);
  if (!valid) {
    throw Error(ErrorKind::kUsage, "name '" + printable(name) +
                                       "' must not be empty or hold blanks, control characters, "
                                       "'#', '@' or bytes that are not UTF-8");
  }
}

}  // namespace nas
