#pragma once

#include <array>
#include <cstdint>

#include "core/ops/op_schema.h"

namespace nas {

/// What an operation makes of inputs that are all zeros.
enum class ZeroRule : std::uint8_t {
  kUnknown,   ///< not known to be zero (batch_norm has its beta)
  kMakes,     ///< zero whatever it reads
  kKeeps,     ///< f(0) = 0 whatever its weights
  kUnbiased,  ///< f(0) = 0 when the attribute "bias" is false
  kAbsorbs,   ///< zero when any input is (multiply)
};

/// How drawings colour an operation.
enum class OpFamily : std::uint8_t {
  kPort,
  kConv,
  kLinear,
  kNorm,
  kActivation,
  kPool,
  kMerge,
  kShape,
  kOther
};

/// What rewriting, memory planning and drawing need to know of an operation and its schema does not
/// say. Operations that the table in op_facts.cpp does not list get the defaults, which are always
/// safe.
struct OpFacts {
  const OpSchema* op = nullptr;
  std::uint64_t name_hash = 0;                         ///< stable_hash of the name
  std::array<std::uint64_t, kMaxAttrs> attr_hashes{};  ///< stable_hash of the attributes' names
  ZeroRule zero_rule = ZeroRule::kUnknown;
  OpFamily family = OpFamily::kOther;
  bool elementwise = false;  ///< can overwrite its only input
  /// A use with one input of the output's type returns it unchanged when all attributes with these
  /// indices have the value `neutral_value`: a crop of nothing, an addition of one term.
  bool can_be_neutral = false;
  std::int64_t neutral_value = 0;
  std::array<std::int8_t, 2> neutral_attrs{-1, -1};  ///< -1: unused
  std::int8_t bias_attr = -1;                        ///< index of "bias" for ZeroRule::kUnbiased
};

/// Fast (called for each node of each digest); the reference stays valid.
const OpFacts& op_facts(const OpSchema& op);

}  // namespace nas
