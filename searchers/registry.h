#pragma once

#include <span>

#include "core/api/plugin.h"
#include "core/api/searcher.h"

namespace nas {

/// All built-in records, in the order of the list in searchers/CMakeLists.txt.
std::span<const Plugin<Searcher>* const> searcher_plugins();

}  // namespace nas
