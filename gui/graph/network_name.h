#pragma once

#include <QString>

#include "core/api/search_space.h"

namespace nas {

/// What a heading says of a network: "Published network: images 3x32x32, 10 classes, width 16", or
/// that it is the one a trial was judged as; and the input of an architecture that chooses its own.
QString network_name(const SearchSpace& space, const Task& task, const Architecture& architecture);

}  // namespace nas
