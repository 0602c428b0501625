#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "db/importers/pickle.h"

namespace nas {

/// Is "module.name" on the fixed list of globals?
bool is_known_global(std::string_view global);

/// The value that a call of a global of the list would give, made without calling anything: an
/// empty dict for OrderedDict, a number for a numpy scalar, else a `PickleObject`. Throws
/// Error(kData) for arguments that do not fit.
PickleValue stand_in_for_call(const PickleObject& callee, const PickleValue& arguments);

/// Applies a state (the BUILD instruction) to an object: byte order of a dtype, contents of an
/// array. The result replaces the object: a numeric array becomes a list of numbers.
PickleValue with_state(const PickleValue& object, PickleValue state);

}  // namespace nas
