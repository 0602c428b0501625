#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "core/api/store.h"

namespace nas {

/// Of each value of a query's rows: is it a number?
using NumberFlags = std::vector<std::vector<bool>>;

/// What a store can do whose values have types: tell a number from a text that looks like one.
class TypedQuery {
 public:
  virtual ~TypedQuery() = default;
  /// As StoreAdmin::query; `numbers` gets a flag for each value.
  virtual QueryResult typed_query(std::string_view sql, std::int64_t limit,
                                  NumberFlags& numbers) const = 0;
};

}  // namespace nas
