#include "core/api/decision_name.h"

#include <algorithm>

#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {

std::vector<DecisionId> decisions_named(const SearchSpace& space,
                                        const std::vector<std::string>& names) {
  std::vector<std::string> known;
  for (const Decision& decision : space.decisions()) known.push_back(decision.name);
  std::vector<DecisionId> found;
  for (const std::string& name : names) {
    const auto place = std::ranges::find(known, name);
    if (place == known.end()) {
      throw Error(ErrorKind::kUsage, "space '" + space.info().name +
                                         "': " + unknown_name("decision", printable(name), known));
    }
    const auto id = static_cast<DecisionId>(place - known.begin());
    if (std::ranges::find(found, id) != found.end()) {
      throw Error(ErrorKind::kUsage, "decision '" + name + "' is given twice");
    }
    found.push_back(id);
  }
  return found;
}

}  // namespace nas
