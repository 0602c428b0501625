#pragma once

#include <memory>
#include <string>
#include <vector>

#include "app/explorer/explorer.h"

namespace nas::testing {

/// All keys of a query, asked for in pieces.
inline std::vector<BrowseKey> query_keys(const std::shared_ptr<ExplorerTable>& table,
                                         const BrowseOrder& order, const std::string& filter,
                                         std::size_t piece) {
  ExplorerQuery query(table, order, parse_filter(filter, table->columns()));
  std::vector<BrowseKey> all;
  while (!query.complete()) {
    const auto next = query.next(piece, {});
    all.insert(all.end(), next->begin(), next->end());
  }
  return all;
}

}  // namespace nas::testing
