#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/api/benchmark.h"
#include "core/api/search_space.h"

namespace nas {

/// A row that is the architecture asked for.
struct FoundRow {
  std::size_t row = 0;
  bool same_text = true;  ///< false: another text that the benchmark's authors count as the same
  friend bool operator==(const FoundRow&, const FoundRow&) = default;
};

/// Finds the row of an architecture: by its choices in small spaces, by its text, and else by the
/// space's notion of isomorphism (NAS-Bench-101 lists one cell of each class). Safe from several
/// threads. Both arguments must outlive it.
class TableRows {
 public:
  /// Throws Error(kUsage) when the table is of another space.
  TableRows(const Benchmark& benchmark, const SearchSpace& space);
  std::optional<std::size_t> find(const Architecture& architecture) const;

  /// The same for a single question: looks through the likely spellings before it computes the key
  /// of every row (8 s for the 423,624 of NAS-Bench-101 on one core, once).
  std::optional<FoundRow> locate(const Architecture& architecture) const;
  /// All rows that are the architecture, ascending. In tables of more than 50,000 rows those of
  /// another text only where `locate` would find one.
  std::vector<FoundRow> all(const Architecture& architecture) const;
  /// Rows of an isomorphism key, such as the published hashes of NAS-Bench-101.
  std::vector<std::size_t> with_key(std::string_view key) const;

 private:
  std::optional<std::size_t> find_text(const Architecture& architecture) const;
  std::optional<std::size_t> slot_of(const Architecture& architecture) const;
  void index_choices();
  void index_keys() const;

  const Benchmark& benchmark_;
  const SearchSpace& space_;
  std::vector<std::uint32_t> by_choices_;  ///< row + 1, mixed radix; empty in large spaces
  mutable std::once_flag keys_once_;
  /// Isomorphism keys and rows, sorted.
  mutable std::vector<std::pair<std::string, std::uint32_t>> by_key_;
};

}  // namespace nas
