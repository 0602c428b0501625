#pragma once

#include <string_view>

#include "core/util/options.h"

namespace nas {

/// Keys of a recipe that are right for the images of the kind in "mnist:DIR" whatever a preset
/// says: letters and digits have no mirror images. The user's own values go before them. Empty
/// for an unknown kind.
const OptionMap& dataset_recipe(std::string_view spec);

/// Throws Error(kUsage) with near misses where "mnist:DIR" names no kind.
void require_dataset_kind(std::string_view spec);

}  // namespace nas
