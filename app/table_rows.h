#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/api/benchmark.h"
#include "core/api/search_space.h"

namespace nas {

/// Finds the row of an architecture: by its choices in small spaces, by its text, and else by the
/// space's notion of isomorphism (NAS-Bench-101 lists one cell of each class). Safe from several
/// threads. Both arguments must outlive it.
class TableRows {
 public:
  /// Throws Error(kUsage) when the table is of another space.
  TableRows(const Benchmark& benchmark, const SearchSpace& space);
  std::optional<std::size_t> find(const Architecture& architecture) const;

 private:
  std::optional<std::size_t> slot_of(const Architecture& architecture) const;
  void index_choices();
  void index_keys() const;

  const Benchmark& benchmark_;
  const SearchSpace& space_;
  std::vector<std::uint32_t> by_choices_;  ///< row + 1, mixed radix; empty in large spaces
  mutable std::once_flag keys_once_;
  mutable std::map<std::string, std::uint32_t, std::less<>> by_key_;  ///< isomorphism keys
};

}  // namespace nas
