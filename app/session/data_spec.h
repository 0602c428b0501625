#pragma once

#include <string>
#include <string_view>

#include "app/session/session.h"

namespace nas {

/// What a name that `Session::add_dataset` gave stands for; anything else as it is.
std::string data_spec(Session& session, std::string_view name);

}  // namespace nas
