#pragma once

#include <filesystem>
#include <memory>

#include "core/api/benchmark.h"
#include "core/api/search_space.h"

namespace nas::test {

std::unique_ptr<SearchSpace> space_of(std::string_view name);

/// The columns of `tab-nb201` that the acceptance tests need.
Benchmark nasbench201_table(const std::filesystem::path& folder);
/// All cells of `tab-nb101` with their mean test accuracy.
Benchmark nasbench101_table(const std::filesystem::path& folder);

}  // namespace nas::test
