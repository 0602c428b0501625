#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/benchmarks/table_rows.h"
#include "app/session/session.h"
#include "core/api/benchmark.h"

namespace nas {

/// The row of an architecture under any spelling (ArchitectureLookup, which answers several
/// questions faster), or "#12" and "row:12" for row 12.
std::optional<std::size_t> find_row(Session& session, const Benchmark& benchmark,
                                    std::string_view architecture);

/// The rows of all benchmarks of the store that are this architecture.
struct EqualRow {
  std::string benchmark;
  FoundRow found;
  std::string text;  ///< of the row
};
std::vector<EqualRow> equal_rows(Session& session, const SearchSpace& space,
                                 const Architecture& architecture);

/// The same for people, one line for each benchmark: "13714", or "13714; the same function: 12, 45
/// and 30 more".
std::vector<std::pair<std::string, std::string>> places_of(Session& session,
                                                           const SearchSpace& space,
                                                           const Architecture& architecture);

}  // namespace nas
