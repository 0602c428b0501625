#include "core/api/browse.h"

#include <algorithm>

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

bool holds_text(std::string_view text, std::string_view part) {
  const auto lower = [](char character) {
    return character >= 'A' && character <= 'Z' ? static_cast<char>(character + 32) : character;
  };
  return std::search(text.begin(), text.end(), part.begin(), part.end(),
                     [&](char a, char b) { return lower(a) == lower(b); }) != text.end() ||
         part.empty();
}

std::optional<std::vector<std::uint8_t>> BrowseTable::containing(std::size_t column,
                                                                 std::string_view part,
                                                                 std::stop_token stop) {
  std::vector<std::uint8_t> mask(static_cast<std::size_t>(key_end()), 0);
  const bool complete = texts(
      column,
      [&](BrowseKey key, std::string_view text) {
        const auto place = static_cast<std::size_t>(key);
        // A row that was added after the mask was sized belongs to the next reading.
        if (place < mask.size() && holds_text(text, part)) mask[place] = 1;
      },
      stop);
  if (!complete) return std::nullopt;
  return mask;
}

}  // namespace nas
