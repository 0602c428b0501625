#pragma once

#include "core/ir/blueprint/blueprint.h"

namespace nas {

/// `mixture` in which every choice is a node "mix", also one with a single alternative: a search
/// needs the gradient of its weight. Throws as `mixture`.
TracedGraph open_mixture(const Blueprint& blueprint, const Alternatives& alternatives);

}  // namespace nas
