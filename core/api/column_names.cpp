#include "core/api/column_names.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

constexpr std::size_t kParts = 6;  ///< metric, dataset, split, device, epochs, statistic
constexpr std::array<std::string_view, kParts> kPartNames = {"metric", "dataset", "split",
                                                             "device", "epochs",  "statistic"};
constexpr std::size_t kMostListed = 12;

/// The values of a column in lower case, empty where it has none.
using Parts = std::array<std::string, kParts>;

std::array<std::string, kParts> values_of(const BenchmarkColumn& column) {
  return {column.metric,
          column.dataset,
          column.split,
          column.device,
          column.epochs == 0 ? std::string() : std::to_string(column.epochs),
          column.statistic};
}

Parts parts_of(const BenchmarkColumn& column) {
  Parts parts = values_of(column);
  for (std::string& part : parts) part = to_lower(part);
  return parts;
}

std::vector<Parts> parts_of(std::span<const BenchmarkColumn> columns) {
  std::vector<Parts> all;
  for (const BenchmarkColumn& column : columns) all.push_back(parts_of(column));
  return all;
}

bool letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c & 0x80) != 0;
}

/// Letters and digits alone: "cifar-10" and "cifar10" are one.
std::string bare(std::string text) {
  std::erase_if(text, [](char c) { return !letter_or_digit(c); });
  return text;
}

/// Is the word the value, or (loosely) the same letters and digits, or a run of whole pieces of it?
/// Pieces are what stands between other characters than letters and digits.
bool names_part(const std::string& word, const std::string& part, bool loosely) {
  if (part.empty() || !loosely) return word == part && !part.empty();
  if (const std::string letters = bare(word); !letters.empty() && letters == bare(part))
    return true;
  for (std::size_t at = part.find(word); at != std::string::npos; at = part.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    if ((at == 0 || !letter_or_digit(part[at - 1])) &&
        (end == part.size() || !letter_or_digit(part[end]))) {
      return true;
    }
  }
  return false;
}

/// A wish in lower case.
struct Wish {
  std::vector<std::string> words;
  std::map<std::size_t, std::string> wanted;  ///< by part
};

std::size_t part_index(std::string_view key) {
  const auto* part = std::find(kPartNames.begin(), kPartNames.end(), key);
  NAS_CHECK(part != kPartNames.end(), "column key '" + std::string(key) + "'");
  return static_cast<std::size_t>(part - kPartNames.begin());
}

Wish wish_of(const ColumnQuery& query) {
  Wish wish{.words = split_words(to_lower(query.metric)), .wanted = {}};
  for (const auto& [key, value] : query.wanted) {
    wish.wanted[part_index(key)] = to_lower(value);
  }
  return wish;
}

bool fits(const Parts& parts, const Wish& wish, bool loosely) {
  for (const auto& [part, value] : wish.wanted) {
    if (parts[part] != value) return false;  // "split=": must have none
  }
  bool metric = false;
  for (const std::string& word : wish.words) {
    bool named = false;
    for (std::size_t i = 0; i < kParts; ++i) {
      if (!names_part(word, parts[i], loosely)) continue;
      named = true;
      metric = metric || i == 0;
    }
    if (!named) return false;
  }
  return metric;
}

/// A metric of several words ("top 1 error") is named by all of them in order.
bool fits_whole(const Parts& parts, const Wish& wish) {
  if (wish.words.size() < 2 || join(wish.words, " ") != parts[0]) return false;
  return std::all_of(wish.wanted.begin(), wish.wanted.end(),
                     [&](const auto& item) { return parts[item.first] == item.second; });
}

std::vector<std::size_t> fitting(std::span<const Parts> columns, const Wish& wish) {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (fits_whole(columns[i], wish)) found.push_back(i);
  }
  for (const bool loosely : {false, true}) {
    if (!found.empty()) break;
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (fits(columns[i], wish, loosely)) found.push_back(i);
    }
  }
  return found;
}

/// Parts that the wish does not name.
std::size_t unnamed(const Parts& parts, const Wish& wish) {
  std::size_t count = 0;
  for (std::size_t i = 1; i < kParts; ++i) {
    if (parts[i].empty() || wish.wanted.contains(i)) continue;
    count += std::none_of(wish.words.begin(), wish.words.end(), [&](const std::string& word) {
      return names_part(word, parts[i], true);
    });
  }
  return count;
}

/// Equal letters, not only alike.
bool exactly(const BenchmarkColumn& column, const ColumnQuery& query) {
  const std::array<std::string, kParts> values = values_of(column);
  if (column.metric != query.metric) return false;
  return std::all_of(query.wanted.begin(), query.wanted.end(), [&](const auto& wish) {
    return values[part_index(wish.first)] == wish.second;
  });
}

std::vector<std::size_t> meant(std::span<const BenchmarkColumn> columns,
                               std::span<const Parts> parts, const ColumnQuery& query) {
  const Wish wish = wish_of(query);
  std::vector<std::size_t> found = fitting(parts, wish);
  const auto predicted = [&](std::size_t i) {
    return columns[i].source == MetricSource::kPredicted;
  };
  if (!std::all_of(found.begin(), found.end(), predicted)) std::erase_if(found, predicted);
  if (found.size() < 2) return found;
  std::vector<std::size_t> complete = found;
  std::erase_if(complete, [&](std::size_t i) { return unnamed(parts[i], wish) > 0; });
  if (complete.size() == 1) return complete;
  std::erase_if(complete, [&](std::size_t i) { return !exactly(columns[i], query); });
  return complete.size() == 1 ? complete : found;
}

std::vector<std::string> name_words(std::string_view name) {
  std::string spaced = to_lower(name);
  for (char& c : spaced) {
    if (c == ':' || c == ',' || c == '@' || c == '/' || c == '=') c = ' ';
  }
  return split_words(spaced);
}

/// How far the wanted words are from their nearest ones in a name; shorter names first among
/// equals.
std::size_t name_distance(const std::vector<std::string>& wanted,
                          const std::vector<std::string>& name) {
  std::size_t sum = 0;
  for (const std::string& word : wanted) {
    std::size_t least = word.size() + 1;
    for (const std::string& other : name) {
      // "latency" is near "latency_ms", though a third of the letters is missing.
      const bool starts = other.starts_with(word) || word.starts_with(other);
      least = std::min(least, starts && word != other ? 1 : edit_distance(word, other));
    }
    sum += least;
  }
  return sum * 100 + std::min<std::size_t>(name.size(), 99);
}

/// Chooses the words of one short name.
class Namer {
 public:
  explicit Namer(std::span<const BenchmarkColumn> columns)
      : columns_(columns), parts_(parts_of(columns)) {}

  std::string name(std::size_t column) const {
    const std::array<std::string, kParts> values = values_of(columns_[column]);
    std::vector<bool> used(kParts);
    for (std::size_t i = 0; i < kParts; ++i) {
      const bool word = values[i].find_first_of(" \t:,=@") == std::string::npos || i == 5;
      used[i] = !values[i].empty() && word && (i == 0 || tells(i, column));
    }
    if (!alone(column, used, values)) return column_text(columns_[column]);
    // What a training's length and statistic add is left out where the rest suffices.
    for (const std::size_t i : {std::size_t{5}, std::size_t{4}}) {
      if (!used[i]) continue;
      used[i] = false;
      if (!alone(column, used, values)) used[i] = true;
    }
    return text(used, values);
  }

 private:
  /// Does any column of the metric have another value?
  bool tells(std::size_t part, std::size_t column) const {
    return std::any_of(parts_.begin(), parts_.end(), [&](const Parts& other) {
      return other[0] == parts_[column][0] && other[part] != parts_[column][part];
    });
  }

  static std::string text(const std::vector<bool>& used,
                          const std::array<std::string, kParts>& values) {
    std::string name;
    for (std::size_t i = 0; i < kParts; ++i) {
      if (used[i]) name += (name.empty() ? "" : " ") + values[i];
    }
    return name;
  }

  bool alone(std::size_t column, const std::vector<bool>& used,
             const std::array<std::string, kParts>& values) const {
    try {
      const ColumnQuery query = parse_column_query(text(used, values));
      return meant(columns_, parts_, query) == std::vector<std::size_t>{column};
    } catch (const Error&) {  // a value that reads as something else
      return false;
    }
  }

  std::span<const BenchmarkColumn> columns_;
  std::vector<Parts> parts_;
};

}  // namespace

std::string query_text(const ColumnQuery& query) {
  std::string text = query.metric;
  char mark = ':';
  for (const auto& [key, value] : query.wanted) {
    text += mark + key + "=" + value;
    mark = ',';
  }
  return text;
}

std::vector<std::size_t> fitting_columns(std::span<const BenchmarkColumn> columns,
                                         const ColumnQuery& query) {
  return fitting(parts_of(columns), wish_of(query));
}

std::vector<std::size_t> meant_columns(std::span<const BenchmarkColumn> columns,
                                       const ColumnQuery& query) {
  return meant(columns, parts_of(columns), query);
}

std::vector<std::string> short_column_names(std::span<const BenchmarkColumn> columns) {
  const Namer namer(columns);
  std::vector<std::string> names;
  for (std::size_t i = 0; i < columns.size(); ++i) names.push_back(namer.name(i));
  return names;
}

std::string nearest_names(std::string_view wanted, std::vector<std::string> names) {
  const std::vector<std::string> words = name_words(wanted);
  std::vector<std::pair<std::size_t, std::string>> ranked;
  for (std::string& name : names) {
    const std::size_t distance = name_distance(words, name_words(name));
    ranked.emplace_back(distance, std::move(name));
  }
  std::stable_sort(ranked.begin(), ranked.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::string text = ":";
  for (std::size_t i = 0; i < std::min(ranked.size(), kMostListed); ++i) {
    text += "\n  " + printable(ranked[i].second);
  }
  if (ranked.size() > kMostListed) {
    text += "\n  ... and " + std::to_string(ranked.size() - kMostListed) + " more";
  }
  return text;
}

void throw_unclear_column(const std::string& where, const ColumnQuery& query,
                          std::vector<std::string> names, bool ambiguous) {
  const std::string wanted = query_text(query);
  const std::string name = "'" + printable(wanted) + "'";
  if (names.empty()) throw Error(ErrorKind::kUsage, where + ": there are no columns");
  const std::string what = ambiguous ? name + " is ambiguous; choose one of"
                                     : "unknown column " + name + "; the nearest are";
  throw Error(ErrorKind::kUsage, where + ": " + what + nearest_names(wanted, std::move(names)));
}

}  // namespace nas
