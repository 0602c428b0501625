#pragma once

#include <string>
#include <vector>

#include "tests/predictors/accuracy_tables.h"

namespace nas {

/// Seconds of wall time since the first call.
double seconds_so_far();

/// One line: how scores order the table; of NAS-Bench-201 also its cells without `none`.
void print_ranks(const std::string& name, const test::AccuracyTable& table,
                 const std::vector<double>& scores);
/// The title, and what needs no training: MACs, and MACs without what is dead.
void print_baselines(const std::string& title, const test::AccuracyTable& table);

}  // namespace nas
