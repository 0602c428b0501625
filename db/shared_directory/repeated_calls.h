#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "core/api/store.h"

namespace nas {

/// Does a call of `StoreCalls` that a former coordinator may have done, without that the answer
/// came through: what it finds done counts as done by this call. A result is found by its token, a
/// trial by who has it; most other calls may be done twice.
std::string repeat_call(Store& store, std::size_t call, std::string_view arguments);

}  // namespace nas
