#pragma once

#include <map>
#include <string>

#include "core/api/store.h"

namespace nas::test {

/// Fills every table: a study with complete, failed, infeasible and running trials, values that are
/// not finite, a benchmark, a predictor, a supernet, a model, a data set and devices.
void fill_store(Store& store, const std::string& study = "first");

/// Rows by table. Without what a back end has beside the tables of the catalogue.
std::map<std::string, std::int64_t> rows_by_table(const Store& store);

}  // namespace nas::test
