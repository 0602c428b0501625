#include "core/ir/draw/op_colours.h"

#include <utility>

#include "core/ops/registry.h"

namespace nas {

OpFamily family_named(std::string_view name) {
  constexpr std::pair<std::string_view, OpFamily> kWords[] = {{"conv", OpFamily::kConv},
                                                              {"pool", OpFamily::kPool},
                                                              {"skip", OpFamily::kShape},
                                                              {"norm", OpFamily::kNorm}};
  for (const auto& [word, family] : kWords) {
    if (name.find(word) != std::string_view::npos) return family;
  }
  for (const OpSchema* op : all_ops()) {
    if (!op->is_macro() && name.find(op->name) != std::string_view::npos) return op->family;
  }
  return OpFamily::kOther;
}

}  // namespace nas
