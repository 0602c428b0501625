#pragma once

#include <cstddef>
#include <vector>

namespace nas {

class TablePage;

/// Columns of numbers for plots of many: of those that the table shows at most `most`. The
/// parameters on three data sets say the same: one column of each metric comes before the others,
/// `upward` first of all, then the columns where more is better.
std::vector<std::size_t> shown_columns(const TablePage& page, std::size_t upward, std::size_t most);

/// All metrics; of more than `most` those that the table shows.
std::vector<std::size_t> metric_columns(const TablePage& page, std::size_t most);

}  // namespace nas
