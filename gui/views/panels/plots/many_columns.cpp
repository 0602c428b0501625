#include "gui/views/panels/plots/many_columns.h"

#include <algorithm>
#include <set>
#include <string>

#include "app/explorer/explorer_columns.h"
#include "core/util/text.h"
#include "gui/views/panels/plots/plot_view.h"
#include "gui/views/panels/table_page.h"

namespace nas {
namespace {

/// Numbers that say something of a row, not which one it is.
bool is_plotted(const BrowseColumn& column) {
  return column.kind != BrowseKind::kText && column.name != "number" && column.name != "id";
}

}  // namespace

std::vector<std::size_t> shown_columns(const TablePage& page, std::size_t upward,
                                       std::size_t most) {
  const std::vector<BrowseColumn>& columns = page.model()->columns();
  std::vector<std::size_t> wanted;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (is_plotted(columns[i]) && page.columnsModel()->isShown(i)) wanted.push_back(i);
  }
  if (wanted.size() <= most) return wanted;
  std::erase(wanted, upward);
  wanted.insert(wanted.begin(), upward);
  std::set<std::string> seen;
  const auto others = std::stable_partition(wanted.begin(), wanted.end(), [&](std::size_t column) {
    const std::string& name = columns[column].name;
    return seen.insert(name.substr(0, name.find(':'))).second;
  });
  std::stable_partition(others, wanted.end(),
                        [&](std::size_t column) { return larger_is_better(columns[column]); });
  wanted.resize(most);
  std::sort(wanted.begin(), wanted.end());
  return wanted;
}

std::vector<std::size_t> metric_columns(const TablePage& page, std::size_t most) {
  const std::vector<BrowseColumn>& columns = page.model()->columns();
  std::vector<std::size_t> all, shown;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (!is_plotted(columns[i]) || !columns[i].is_metric) continue;
    all.push_back(i);
    if (page.columnsModel()->isShown(i)) shown.push_back(i);
  }
  if (all.size() <= most) return all;
  if (shown.size() > most) shown.resize(most);
  return shown;
}

QString column_title(const TablePage& page, std::size_t column) {
  return QString::fromStdString(printable(page.model()->columns()[column].title));
}

}  // namespace nas
