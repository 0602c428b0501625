#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "db/importers/mapping.h"
#include "db/importers/text_table.h"

namespace nas {

/// Which rows of a table a mapping keeps. The mapping must outlive it.
class RowFilter {
 public:
  /// `column`: the number of a field.
  RowFilter(const Mapping& mapping, const std::function<std::size_t(const std::string&)>& column) {
    for (const auto& [field, values] : mapping.filter) add(column(field), values, true);
    for (const auto& [field, values] : mapping.leave_out) add(column(field), values, false);
  }

  bool keeps(const TextTable& table, std::size_t row) const {
    return std::all_of(rules_.begin(), rules_.end(), [&](const Rule& rule) {
      const auto found =
          std::find(rule.values->begin(), rule.values->end(), table.at(row, rule.column));
      return (found != rule.values->end()) == rule.wanted;
    });
  }

 private:
  struct Rule {
    std::size_t column;
    const std::vector<std::string>* values;
    bool wanted;
  };
  void add(std::size_t column, const std::vector<std::string>& values, bool wanted) {
    rules_.push_back({column, &values, wanted});
  }

  std::vector<Rule> rules_;
};

}  // namespace nas
