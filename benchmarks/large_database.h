#pragma once

#include <cstdint>
#include <filesystem>

namespace nas::benchmark {

/// Makes a database with one study of `trials` NAS-Bench-201 architectures with ten made-up but
/// related metrics each, one trial in a thousand failed. The rows are those that the store writes;
/// they are written in bulk, and the large index afterwards, so that a million takes minutes.
void make_large_database(const std::filesystem::path& path, std::int64_t trials);

/// Claims and finishes `trials` trials (ten metrics each) from `first` on through the store, as a
/// worker of a search does. Returns how many succeeded.
std::int64_t insert_trials(const std::filesystem::path& path, std::int64_t first,
                           std::int64_t trials);

}  // namespace nas::benchmark
