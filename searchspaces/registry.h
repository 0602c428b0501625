#pragma once

#include <span>

#include "core/api/plugin.h"
#include "core/api/search_space.h"

namespace nas {

/// All built-in records, in the order of the list in searchspaces/CMakeLists.txt.
std::span<const Plugin<SearchSpace>* const> space_plugins();

}  // namespace nas
