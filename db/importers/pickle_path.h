#pragma once

#include <string>
#include <string_view>

#include "db/importers/pickle.h"

namespace nas {

/// The dict under a key. Throws Error(kData): "key 'data' is missing", "... is a list of 3,
/// expected a dict".
const PickleDict& dict_of_key(const PickleDict& dict, std::string_view key);
/// The value as a dict; `what` names it in the error.
const PickleDict& as_dict(const PickleValue& value, std::string_view what);
const PickleList& as_list(const PickleValue& value, std::string_view what);
const std::string& as_text(const PickleValue& value, std::string_view what);

}  // namespace nas
