#pragma once

#include <string>

#include "db/transfer/merge_source.h"

namespace nas {

/// Why a study of a source and one of the target, of the same name, are not one study: "trial 3
/// has another architecture"; "" when they are. `row` is the source's own row, `translated` the
/// same as it would be in the target, `known` the target's. Requires that architectures, networks,
/// fidelities and devices of the source were placed.
std::string study_difference(const MergeSource& source, Connection& target, const SqlRow& row,
                             const SqlRow& translated, const SqlRow& known);

/// Whether a trial has no end yet.
bool is_unfinished(const SqlRow& trial);

}  // namespace nas
