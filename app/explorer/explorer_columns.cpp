#include "app/explorer/explorer_columns.h"

#include <algorithm>
#include <array>
#include <utility>

#include "app/predictors/prediction_origin.h"
#include "app/study/metric_catalogue.h"
#include "core/api/column_names.h"
#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {

namespace {

/// "latency_ms" of "latency_ms@host" and "accuracy" of "accuracy:dataset=cifar10".
std::string_view base_of(std::string_view name) {
  return name.substr(0, name.find_first_of("@: "));
}

std::string metric_of(const BrowseColumn& column) {
  return column.holds ? column.holds->metric : std::string(base_of(column.name));
}

/// Every column as a benchmark has it, for the one look-up of names.
std::vector<BenchmarkColumn> keys_of(std::span<const BrowseColumn> columns) {
  std::vector<BenchmarkColumn> keys;
  for (const BrowseColumn& column : columns) {
    if (column.holds) {
      keys.push_back(*column.holds);
      continue;
    }
    BenchmarkColumn& key = keys.emplace_back();
    try {
      ColumnQuery parts = parse_column_query(column.name);
      key.metric = parts.metric;
      key.dataset = parts.wanted["dataset"];
      key.split = parts.wanted["split"];
      key.epochs = parse_int(parts.wanted["epochs"]).value_or(0);
      key.statistic = parts.wanted["statistic"];
      key.device = parts.wanted["device"];
    } catch (const Error&) {  // a name of another kind is found as it is
      key.metric = column.name;
    }
  }
  return keys;
}

/// Endings of names that say their unit.
constexpr std::pair<std::string_view, std::string_view> kEndings[] = {
    {"_ms", "ms"},   {"_us", "µs"}, {"_seconds", "s"}, {"_s", "s"},
    {"_bytes", "B"}, {"_mj", "mJ"}, {"_percent", "%"}};

std::string_view ending_of(std::string_view metric) {
  for (const auto& [ending, unit] : kEndings) {
    if (metric.size() > ending.size() && metric.ends_with(ending)) return ending;
  }
  return {};
}

bool is_objective(const BrowseColumn& column, const Objective& objective) {
  return column.name == objective.metric || column.name == base_of(objective.metric) ||
         column.name.starts_with(objective.metric + "@");
}

bool is_cost(const BrowseColumn& column) {
  if (column.kind == BrowseKind::kText || !column.is_metric || larger_is_better(column))
    return false;
  const std::string metric = to_lower(metric_of(column));
  const MetricInfo* info = find_in_catalogue(metric);
  if (info != nullptr && info->role == MetricRole::kCost) return true;
  constexpr std::array<std::string_view, 6> kWords = {"latency", "energy", "flops",
                                                      "memory",  "params", "macs"};
  return std::any_of(kWords.begin(), kWords.end(),
                     [&](std::string_view word) { return metric.starts_with(word); });
}

bool is_percent(std::string_view metric) {
  const MetricInfo* info = find_in_catalogue(metric);
  return info != nullptr && info->unit == "%";
}

/// How much a column is the truth of its table. 0: not at all.
double truth_standing(const BrowseColumn& column) {
  if (column.kind == BrowseKind::kText || !column.is_metric || !larger_is_better(column) ||
      is_prediction(column)) {
    return 0;
  }
  if (!column.holds) return 2;
  const BenchmarkColumn& own = *column.holds;
  if (own.source == MetricSource::kProxy || own.statistic == "std") return 1;
  constexpr double kTest = 1e6;
  return 2 + static_cast<double>(own.epochs) + (own.split == "test" ? kTest : 0);
}

bool is_plain_word(std::string_view word) {
  return !word.empty() && std::all_of(word.begin(), word.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return std::isalnum(byte) != 0 || byte >= 0x80 || c == '_' || c == '@' || c == '.' ||
           c == '+' || c == '-';
  });
}

}  // namespace

std::size_t named_column(std::span<const BrowseColumn> columns, std::string_view name,
                         const std::string& where) {
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].name == name || columns[i].title == name) return i;
  }
  const std::string wanted = to_lower(name);
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (to_lower(columns[i].name) == wanted || to_lower(columns[i].title) == wanted) return i;
  }
  ColumnQuery query;
  try {
    query = parse_column_query(name);
  } catch (const Error& error) {
    throw Error(ErrorKind::kUsage, where + ": " + error.what());
  }
  const std::vector<std::size_t> meant = meant_columns(keys_of(columns), query);
  if (meant.size() == 1) return meant.front();
  std::vector<std::string> names;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const bool candidate = meant.empty() || std::find(meant.begin(), meant.end(), i) != meant.end();
    if (candidate) names.push_back(columns[i].holds ? columns[i].title : columns[i].name);
  }
  constexpr std::size_t kFew = 24;  // are all listed
  if (meant.empty() && names.size() <= kFew)
    throw Error(ErrorKind::kUsage, where + ": " + unknown_name("column", printable(name), names));
  throw_unclear_column(where, query, std::move(names), !meant.empty());
}

bool larger_is_better(const BrowseColumn& column, std::span<const Objective> objectives) {
  for (const Objective& objective : objectives) {
    if (column.is_metric && is_objective(column, objective)) return objective.maximize;
  }
  const MetricInfo* info = find_in_catalogue(base_of(column.name));
  return info == nullptr ? column.maximize : info->maximize;
}

bool is_trained_quality(const BrowseColumn& column) {
  const MetricInfo* info = find_in_catalogue(base_of(column.name));
  return info != nullptr && info->role == MetricRole::kQuality;
}

std::string unit_of(const BrowseColumn& column) {
  if (column.holds && !column.holds->unit.empty()) return column.holds->unit;
  const std::string metric = metric_of(column);
  // Whose unit a table does not say has that of its name, never that of the studies' metric.
  const MetricInfo* info = column.holds ? nullptr : find_in_catalogue(metric);
  if (info != nullptr) return std::string(info->unit);
  const std::string_view ending = ending_of(metric);
  for (const auto& [known, unit] : kEndings) {
    if (known == ending) return std::string(unit);
  }
  return metric == "seconds" ? "s" : "";
}

std::string title_with_unit(const BrowseColumn& column) {
  const std::string& title = column.title.empty() ? column.name : column.title;
  const std::string unit = unit_of(column);
  if (unit.empty()) return title;
  const std::string_view metric = base_of(title);
  const std::string_view ending = ending_of(metric);
  std::string text = title;
  if (!ending.empty()) text.erase(metric.size() - ending.size(), ending.size());
  return text + " (" + unit + ")";
}

bool is_prediction(const BrowseColumn& column) {
  return column.holds ? column.holds->source == MetricSource::kPredicted
                      : column.name.find("predict") != std::string::npos;
}

std::size_t fitted_rows(const BrowseColumn& column) {
  if (!column.holds) return 0;
  const auto origin = parse_prediction_origin(column.holds->origin);
  return origin ? origin->rows : 0;
}

std::optional<std::size_t> truth_of(std::span<const BrowseColumn> columns, std::size_t column) {
  if (!is_prediction(columns[column]) || !columns[column].holds) return std::nullopt;
  const BenchmarkColumn& own = *columns[column].holds;
  const auto origin = parse_prediction_origin(own.origin);
  std::optional<std::size_t> alike;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (!columns[i].holds || is_prediction(columns[i])) continue;
    const BenchmarkColumn& other = *columns[i].holds;
    // "BENCHMARK COLUMN", where a benchmark's name may have blanks.
    if (origin && origin->target.ends_with(" " + column_text(other))) return i;
    const bool same = other.metric == own.metric && other.dataset == own.dataset &&
                      other.split == own.split && other.epochs == own.epochs &&
                      other.device == own.device && other.statistic != "std";
    if (same && (!alike || other.statistic == "mean")) alike = i;
  }
  return alike;
}

std::size_t quality_column(std::span<const BrowseColumn> columns,
                           std::span<const Objective> objectives) {
  std::size_t quality = 0;
  double standing = 0;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (!objectives.empty() && columns[i].is_metric && is_objective(columns[i], objectives.front()))
      return i;
    if (truth_standing(columns[i]) <= standing) continue;
    standing = truth_standing(columns[i]);
    quality = i;
  }
  return quality;
}

std::vector<std::size_t> cost_columns(std::span<const BrowseColumn> columns,
                                      std::span<const Objective> objectives) {
  std::vector<std::size_t> costs;
  const std::size_t quality = quality_column(columns, objectives);
  for (std::size_t o = 1; o < objectives.size(); ++o) {
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const bool known = std::find(costs.begin(), costs.end(), i) != costs.end();
      if (i != quality && !known && columns[i].is_metric && is_objective(columns[i], objectives[o]))
        costs.push_back(i);
    }
  }
  const std::size_t own_objectives = costs.size();
  // Of the same data as the quality where there are several of a metric.
  const std::string dataset =
      quality < columns.size() && columns[quality].holds ? columns[quality].holds->dataset : "";
  for (const bool same_data : {true, false}) {
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (i == quality || !is_cost(columns[i])) continue;
      const bool same = !columns[i].holds || columns[i].holds->dataset == dataset;
      const bool known = std::any_of(costs.begin(), costs.end(), [&](std::size_t other) {
        return other == i ||
               (columns[i].holds && metric_of(columns[other]) == metric_of(columns[i]));
      });
      if (same == same_data && !known) costs.push_back(i);
    }
  }
  // Memory is asked for less often than size and speed.
  const auto own = costs.begin() + static_cast<std::ptrdiff_t>(own_objectives);
  std::stable_partition(own, costs.end(), [&](std::size_t column) {
    const std::string metric = metric_of(columns[column]);
    return !metric.starts_with("activation") && !metric.starts_with("memory");
  });
  // A study that measures none still knows the sizes of the published network.
  for (std::size_t i = 0; i < columns.size() && costs.empty(); ++i) {
    if (columns[i].name == "published_params") costs.push_back(i);
  }
  return costs;
}

bool is_detail(const BrowseColumn& column) {
  constexpr std::array<std::string_view, 5> kDetails = {"worker", "error", "reason", "network",
                                                        "trained_network"};
  return std::find(kDetails.begin(), kDetails.end(), column.name) != kDetails.end();
}

std::vector<std::size_t> column_order(std::span<const BrowseColumn> columns,
                                      std::span<const Objective> objectives) {
  std::vector<std::size_t> order;
  const auto add = [&](std::size_t column) {
    if (std::find(order.begin(), order.end(), column) == order.end()) order.push_back(column);
  };
  const auto add_all = [&](auto&& wanted) {
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (wanted(columns[i])) add(i);
    }
  };
  constexpr std::array<std::string_view, 4> kWhich = {"id", "study", "number", "architecture"};
  for (const std::string_view name : kWhich) {
    add_all([&](const BrowseColumn& column) { return column.name == name; });
  }
  const std::size_t quality = quality_column(columns, objectives);
  if (quality > 0) add(quality);
  for (const std::size_t cost : cost_columns(columns, objectives)) add(cost);
  add_all([](const BrowseColumn& column) { return column.name == "state"; });
  add_all([](const BrowseColumn& column) { return !is_detail(column); });
  add_all([](const BrowseColumn&) { return true; });
  return order;
}

std::string filter_word(std::span<const BrowseColumn> columns, std::size_t column) {
  const std::string title = columns[column].title.empty()
                                ? short_column_names(keys_of(columns))[column]
                                : columns[column].title;
  constexpr std::array<std::string_view, 4> kKeywords = {"and", "or", "not", "is"};
  for (const std::string& name : {columns[column].name, title}) {
    const std::vector<std::string> words = split_words(name);
    const bool plain = std::all_of(words.begin(), words.end(), [&](const std::string& word) {
      return is_plain_word(word) &&
             std::find(kKeywords.begin(), kKeywords.end(), to_lower(word)) == kKeywords.end();
    });
    if (!plain || words.empty() || join(words, " ") != name) continue;
    try {
      if (named_column(columns, name, "") == column) return name;
    } catch (const Error&) {  // ambiguous: its key is not
    }
  }
  return "`" + columns[column].name + "`";
}

std::string filter_hint(std::span<const BrowseColumn> columns,
                        std::span<const Objective> objectives) {
  const auto bound = [&](std::size_t column) -> std::string {
    const std::string metric = metric_of(columns[column]);
    const bool larger = larger_is_better(columns[column], objectives);
    const bool percent = unit_of(columns[column]) == "%" || is_percent(metric);
    const std::string number = metric == "params"  ? "1M"
                               : metric == "macs"  ? "50M"
                               : percent && larger ? "90"
                               : larger            ? "0"
                                                   : "10";
    return filter_word(columns, column) + (larger ? " > " : " < ") + number;
  };
  const std::size_t quality = quality_column(columns, objectives);
  std::vector<std::string> tests;
  if (quality > 0 && quality < columns.size()) tests.push_back(bound(quality));
  const std::vector<std::size_t> costs = cost_columns(columns, objectives);
  if (!costs.empty()) tests.push_back(bound(costs.front()));
  if (!tests.empty()) return join(tests, " and ");
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].name == "architecture") return "architecture ~ \"conv\"";
    if (columns[i].kind != BrowseKind::kText) return filter_word(columns, i) + " > 0";
  }
  return {};
}

}  // namespace nas
