#include "core/ir/op_facts.h"

#include <algorithm>
#include <array>
#include <functional>

#include "core/ops/registry.h"
#include "core/util/rng.h"

namespace nas {
namespace {

struct Row {
  std::string_view name;
  OpFamily family;
  ZeroRule zero_rule = ZeroRule::kUnknown;
  bool elementwise = false;
  bool can_be_neutral = false;
  std::int64_t neutral_value = 0;
  std::array<std::string_view, 2> neutral_attrs{};
};

constexpr std::array kRows = {
    Row{"input", OpFamily::kPort},
    Row{"identity", OpFamily::kShape, ZeroRule::kKeeps, true, true},
    Row{"zero", OpFamily::kOther, ZeroRule::kMakes},
    Row{"add", OpFamily::kMerge, ZeroRule::kKeeps, false, true},
    Row{"multiply", OpFamily::kMerge, ZeroRule::kAbsorbs},
    Row{"concat", OpFamily::kMerge, ZeroRule::kKeeps, false, true},
    Row{"conv2d", OpFamily::kConv, ZeroRule::kUnbiased},
    Row{"linear", OpFamily::kLinear, ZeroRule::kUnbiased},
    Row{"batch_norm", OpFamily::kNorm},
    Row{"max_pool", OpFamily::kPool, ZeroRule::kKeeps},
    Row{"avg_pool", OpFamily::kPool, ZeroRule::kKeeps},
    Row{"global_avg_pool", OpFamily::kPool, ZeroRule::kKeeps},
    Row{"relu", OpFamily::kActivation, ZeroRule::kKeeps, true},
    Row{"relu6", OpFamily::kActivation, ZeroRule::kKeeps, true},
    Row{"hswish", OpFamily::kActivation, ZeroRule::kKeeps, true},
    Row{"hsigmoid", OpFamily::kActivation, ZeroRule::kUnknown, true},
    Row{"sigmoid", OpFamily::kActivation, ZeroRule::kUnknown, true},
    Row{"tanh", OpFamily::kActivation, ZeroRule::kKeeps, true},
    Row{"gelu", OpFamily::kActivation, ZeroRule::kKeeps, true},
    Row{"flatten", OpFamily::kShape, ZeroRule::kKeeps, true, true},
    Row{"dropout", OpFamily::kOther, ZeroRule::kKeeps, true},
    Row{"slice_channels", OpFamily::kShape, ZeroRule::kKeeps, false, true, 0, {"begin"}},
    Row{"crop", OpFamily::kShape, ZeroRule::kKeeps, false, true, 0, {"top", "left"}},
    Row{"channel_shuffle", OpFamily::kShape, ZeroRule::kKeeps, false, true, 1, {"groups"}},
};

OpFacts make_fact(const OpSchema& op) {
  OpFacts fact;
  fact.op = &op;
  fact.name_hash = stable_hash(op.name);
  std::ranges::transform(op.attrs, fact.attr_hashes.begin(),
                         [](const AttrSpec& attr) { return stable_hash(attr.name); });
  const auto row = std::find_if(kRows.begin(), kRows.end(),
                                [&](const Row& candidate) { return candidate.name == op.name; });
  if (row == kRows.end()) return fact;
  fact.zero_rule = row->zero_rule;
  fact.family = row->family;
  fact.elementwise = row->elementwise;
  fact.can_be_neutral = row->can_be_neutral;
  fact.neutral_value = row->neutral_value;
  for (std::size_t i = 0; i < row->neutral_attrs.size(); ++i) {
    if (row->neutral_attrs[i].empty()) continue;
    fact.neutral_attrs[i] = static_cast<std::int8_t>(op.attr_index(row->neutral_attrs[i]));
  }
  if (row->zero_rule == ZeroRule::kUnbiased) {
    fact.bias_attr = static_cast<std::int8_t>(op.attr_index("bias"));
  }
  return fact;
}

// Sorted by address, which only speeds the look-up and never orders a result.
std::vector<OpFacts> make_facts() {
  std::vector<OpFacts> facts;
  for (const OpSchema* op : all_ops()) facts.push_back(make_fact(*op));
  std::sort(facts.begin(), facts.end(), [](const OpFacts& a, const OpFacts& b) {
    return std::less<const OpSchema*>{}(a.op, b.op);
  });
  return facts;
}

}  // namespace

const OpFacts& op_facts(const OpSchema& op) {
  static const std::vector<OpFacts> facts = make_facts();
  const auto place = std::lower_bound(facts.begin(), facts.end(), &op,
                                      [](const OpFacts& fact, const OpSchema* wanted) {
                                        return std::less<const OpSchema*>{}(fact.op, wanted);
                                      });
  NAS_CHECK(place != facts.end() && place->op == &op, "an operation outside the registry");
  return *place;
}

}  // namespace nas
