#pragma once

#include <string>
#include <vector>

#include "core/api/search_space.h"

namespace nas {

/// Places of the decisions of these names. Throws Error(kUsage) for an unknown name, with near
/// ones, and for one that is given twice.
std::vector<DecisionId> decisions_named(const SearchSpace& space,
                                        const std::vector<std::string>& names);

}  // namespace nas
