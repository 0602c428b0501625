#include "core/api/browse.h"

#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {

std::size_t find_column(const BrowseTable& table, std::string_view name) {
  const std::span<const BrowseColumn> columns = table.columns();
  std::vector<std::string> known;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].name == name) return i;
    known.push_back(columns[i].name);
  }
  throw Error(ErrorKind::kUsage, unknown_name("column", name, known));
}

}  // namespace nas
