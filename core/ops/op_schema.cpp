#include "core/ops/op_schema.h"

#include <cmath>

#include "core/util/text.h"

namespace nas {

bool attr_in_range(const AttrSpec& spec, AttrValue value) {
  switch (spec.type) {
    case AttrType::kBool:
      return value.bits() <= 1;
    case AttrType::kInt: {
      const std::int64_t number = value.as_int();
      return number >= -kMaxExtent && number <= kMaxExtent &&
             static_cast<double>(number) >= spec.min && static_cast<double>(number) <= spec.max;
    }
    case AttrType::kReal: {
      const double number = value.as_real();
      return (std::isnormal(number) || number == 0) && number >= spec.min && number <= spec.max;
    }
  }
  return false;
}

std::string to_string(const AttrSpec& spec, AttrValue value) {
  switch (spec.type) {
    case AttrType::kBool:
      return value.bits() > 1 ? std::to_string(value.as_int()) : value.as_bool() ? "true" : "false";
    case AttrType::kInt:
      return std::to_string(value.as_int());
    case AttrType::kReal:
      return format_double(value.as_real());
  }
  return "";
}

std::string attr_violation(const AttrSpec& spec, AttrValue value) {
  const std::string start = std::string(spec.name) + " = " + to_string(spec, value) + ", must be ";
  if (spec.type == AttrType::kBool) {
    return start + "true or false";
  }
  if (spec.type == AttrType::kReal) {
    return start + "a real number in [" + format_short(spec.min) + ", " + format_short(spec.max) +
           "]";
  }
  const bool too_large = value.as_int() > kMaxExtent;
  if (spec.max < kNoLimit) {
    return start + "in [" + format_short(spec.min) + ", " + format_short(spec.max) + "]";
  }
  return start + (too_large ? "an integer <= 2147483648" : ">= " + format_short(spec.min));
}

std::size_t OpSchema::attr_index(std::string_view attr_name) const {
  for (std::size_t i = 0; i < attrs.size(); ++i) {
    if (attrs[i].name == attr_name) {
      return i;
    }
  }
  if (attrs.empty()) {
    throw Error(ErrorKind::kUsage,
                std::string(name) + ": has no attributes, got '" + printable(attr_name) + "'");
  }
  std::vector<std::string> known;
  for (const AttrSpec& spec : attrs) {
    known.emplace_back(spec.name);
  }
  throw Error(ErrorKind::kUsage,
              std::string(name) + ": " + unknown_name("attribute", attr_name, known));
}

void OpSchema::check_input_count(std::size_t count) const {
  const auto min = static_cast<std::size_t>(min_inputs);
  const bool unbounded = max_inputs < 0;
  if (count < min || (!unbounded && count > static_cast<std::size_t>(max_inputs))) {
    throw Error(ErrorKind::kUsage,
                std::string(name) + ": expected " +
                    (unbounded ? "at least " + std::to_string(min) : std::to_string(max_inputs)) +
                    " input(s), got " + std::to_string(count));
  }
}

void OpSchema::check_attr(std::size_t index, AttrValue value) const {
  if (!attr_in_range(attrs[index], value)) {
    throw Error(ErrorKind::kUsage, std::string(name) + ": " + attr_violation(attrs[index], value));
  }
}

std::int64_t OpCall::get_int(std::string_view name) const {
  return attrs[op.attr_index(name)].as_int();
}

bool OpCall::get_bool(std::string_view name) const {
  return attrs[op.attr_index(name)].as_bool();
}

double OpCall::get_real(std::string_view name) const {
  return attrs[op.attr_index(name)].as_real();
}

void OpCall::set_int(std::string_view name, std::int64_t value) const {
  attrs[op.attr_index(name)] = value;
}

void OpCall::fail(const std::string& text) const {
  throw Error(ErrorKind::kUsage, std::string(op.name) + ": " + text);
}

}  // namespace nas
