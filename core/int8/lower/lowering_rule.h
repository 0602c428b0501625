#pragma once

#include <span>
#include <string_view>

namespace nas {

class NodeLowering;

/// How an operation of core/ops becomes steps. Keyed by its record's name; every primitive has one,
/// tests/core/int8/lowering_test.cpp sees to it.
struct LoweringRule {
  std::string_view op;
  void (*lower)(NodeLowering& node) = nullptr;
  std::string_view refusal = "";  ///< why there is no int8 form, where `lower` is null
};

/// Of one family of operations: a file of core/int8/lower defines `conv_lowerings` and stands in
/// the list of CMakeLists.txt.
using LoweringRules = std::span<const LoweringRule>;

/// Of all files; generated.
std::span<const LoweringRules* const> lowering_rules();

/// Null: there is none.
const LoweringRule* find_lowering(std::string_view op);

}  // namespace nas
