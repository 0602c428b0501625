#include "app/benchmarks/benchmark_join.h"

#include <algorithm>
#include <limits>
#include <unordered_map>
#include <utility>

#include "app/benchmarks/benchmarks.h"
#include "app/benchmarks/table_rows.h"
#include "core/api/column_names.h"
#include "core/api/plugin_choice.h"
#include "core/ir/cost.h"
#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

/// The space's own spelling; a text that the space does not read stands for itself.
std::string canonical(const SearchSpace& space, const std::string& text) {
  try {
    return space.format(space.parse(text));
  } catch (const Error&) {
    return text;
  }
}

bool same_size(const SearchSpace& space, const Architecture& a, const Architecture& b) {
  const Task& task = space.info().default_task;
  const GraphCost cost_a = graph_cost(space.build(a, task));
  const GraphCost cost_b = graph_cost(space.build(b, task));
  return cost_a.params == cost_b.params && cost_a.macs == cost_b.macs;
}

/// Finds rows that are the same network under another text; returns how many.
std::size_t find_networks(const Benchmark& from, const Benchmark& to, const SearchSpace& space,
                          std::vector<std::uint32_t>& rows) {
  if (dynamic_cast<const IsomorphismKeys*>(&space) == nullptr) return 0;
  const TableRows table(from, space);
  std::size_t found = 0;
  for (std::size_t row = 0; row < rows.size(); ++row) {
    if (rows[row] != kNoRow) continue;
    const Architecture wanted = space.parse(to.text(row));
    for (const FoundRow& other : table.all(wanted)) {
      if (!same_size(space, wanted, space.parse(from.text(other.row)))) continue;
      rows[row] = static_cast<std::uint32_t>(other.row);
      ++found;
      break;
    }
  }
  return found;
}

}  // namespace

std::vector<std::uint32_t> rows_in(const Benchmark& from, const Benchmark& to,
                                   const SearchSpace* space, std::size_t* by_network) {
  std::vector<std::uint32_t> rows(to.rows(), kNoRow);
  std::vector<std::size_t> missing;
  for (std::size_t row = 0; row < to.rows(); ++row) {
    if (const auto found = from.find(to.text(row))) {
      rows[row] = static_cast<std::uint32_t>(*found);
    } else {
      missing.push_back(row);
    }
  }
  if (missing.empty() || space == nullptr) return rows;
  std::unordered_map<std::string, std::uint32_t> by_text;
  for (std::size_t row = 0; row < from.rows(); ++row) {
    by_text.try_emplace(canonical(*space, from.text(row)), static_cast<std::uint32_t>(row));
  }
  for (const std::size_t row : missing) {
    const auto found = by_text.find(canonical(*space, to.text(row)));
    if (found != by_text.end()) rows[row] = found->second;
  }
  try {
    const std::size_t found = find_networks(from, to, *space, rows);
    if (by_network != nullptr) *by_network = found;
  } catch (const Error&) {  // texts that the space does not read are equal to themselves alone
  }
  return rows;
}

/// Another benchmark of the space. Its values are read when one of its columns is meant.
struct BenchmarkJoin::Other {
  std::string name;
  std::vector<BenchmarkColumn> columns;  ///< all, as stored
  std::vector<std::string> names{};      ///< short, by column
  std::shared_ptr<const Benchmark> table{};
  std::vector<std::uint32_t> rows{};  ///< for each own row
  std::size_t by_network = 0;         ///< of them found under another text
  std::map<std::size_t, std::vector<double>> values{};
};

BenchmarkJoin::BenchmarkJoin(Session& session, const std::string& name)
    : session_(session), own_(session.benchmark(name)) {}

BenchmarkJoin::~BenchmarkJoin() = default;

void BenchmarkJoin::find_others() {
  if (others_known_) return;
  others_known_ = true;
  const BenchmarkInfo& info = own_->info();
  if (info.space.empty()) return;
  for (BenchmarkRow& row : session_.reader().benchmarks()) {
    // Parts of one space have the same texts.
    const bool same_space =
        parse_plugin_choice(row.info.space).name == parse_plugin_choice(info.space).name;
    if (!same_space || row.info.name == info.name) continue;
    auto other = std::make_unique<Other>(Other{row.info.name, std::move(row.columns)});
    other->names = short_column_names(other->columns);
    others_.push_back(std::move(other));
  }
}

const JoinedColumn& BenchmarkJoin::own_column(std::size_t index) {
  if (own_names_.empty()) own_names_ = short_column_names(own_->columns());
  const BenchmarkColumn& column = own_->columns()[index];
  const std::string key = column_text(column);
  const auto found = columns_.find(key);
  if (found != columns_.end()) return found->second;
  JoinedColumn joined{.benchmark = own_->info().name,
                      .index = index,
                      .column = column,
                      .name = own_names_[index],
                      .key = key};
  if (column.width == 1) joined.values = own_->values(index);
  return columns_.emplace(key, std::move(joined)).first->second;
}

const JoinedColumn& BenchmarkJoin::other_column(Other& other, std::size_t index) {
  const std::string key = other.name + "/" + column_text(other.columns[index]);
  const auto known = columns_.find(key);
  if (known != columns_.end()) return known->second;
  if (other.columns[index].width > 1) {
    throw Error(ErrorKind::kUsage,
                "column '" + printable(key) + "' holds " +
                    std::to_string(other.columns[index].width) +
                    " values per row; of another benchmark only columns of one value are joined");
  }
  if (!other.table) {
    other.table = session_.benchmark(other.name);
    other.rows = rows_in(*other.table, *own_, space_of(session_, own_->info()), &other.by_network);
  }
  const std::size_t there = other.table->column(column_text(other.columns[index]));
  std::vector<double>& values = other.values[index];
  values.assign(own_->rows(), std::numeric_limits<double>::quiet_NaN());
  for (std::size_t row = 0; row < values.size(); ++row) {
    if (other.rows[row] != kNoRow) values[row] = other.table->value(there, other.rows[row]);
  }
  return columns_
      .emplace(key, JoinedColumn{.benchmark = other.name,
                                 .own = false,
                                 .index = there,
                                 .column = other.columns[index],
                                 .name = other.name + "/" + other.names[index],
                                 .key = key,
                                 .values = values})
      .first->second;
}

/// Takes "BENCHMARK/" off the front of a name.
BenchmarkJoin::Other* BenchmarkJoin::named_benchmark(std::string_view& name) {
  if (name.find('/') == std::string_view::npos) return nullptr;
  find_others();
  for (const auto& other : others_) {
    const std::string prefix = other->name + "/";
    if (!name.starts_with(prefix)) continue;
    name.remove_prefix(prefix.size());
    return other.get();
  }
  for (const BenchmarkRow& row : session_.reader().benchmarks()) {
    if (!name.starts_with(row.info.name + "/") || row.info.name == own_->info().name) continue;
    throw Error(ErrorKind::kUsage, "'" + printable(name) + "': benchmark '" +
                                       printable(row.info.name) + "' is of space '" +
                                       printable(row.info.space) + "', and '" +
                                       printable(own_->info().name) + "' is of '" +
                                       printable(own_->info().space) + "'");
  }
  return nullptr;
}

const JoinedColumn& BenchmarkJoin::column(std::string_view name) {
  name = trim(name);
  if (Other* other = named_benchmark(name)) {
    const ColumnQuery query = parse_column_query(name);
    const std::vector<std::size_t> meant = meant_columns(other->columns, query);
    if (meant.size() == 1) return other_column(*other, meant.front());
    std::vector<std::string> names;
    for (std::size_t i = 0; i < other->columns.size(); ++i) {
      const bool fits = std::find(meant.begin(), meant.end(), i) != meant.end();
      if (fits || meant.empty()) names.push_back(other->name + "/" + other->names[i]);
    }
    throw_unclear_column("benchmark '" + other->name + "'", query, std::move(names),
                         !meant.empty());
  }
  const std::string prefix = own_->info().name + "/";
  if (name.starts_with(prefix)) return own_column(own_->column(name.substr(prefix.size())));
  const ColumnQuery query = parse_column_query(name);
  const std::vector<std::size_t> meant = meant_columns(own_->columns(), query);
  if (meant.empty()) return column_of_others(query);
  return own_column(meant.size() == 1 ? meant.front() : own_->column(query));
}

const JoinedColumn& BenchmarkJoin::column_of_others(const ColumnQuery& query) {
  find_others();
  std::vector<BenchmarkColumn> pool;
  std::vector<std::pair<Other*, std::size_t>> places;
  for (const auto& other : others_) {
    for (std::size_t i = 0; i < other->columns.size(); ++i) {
      if (other->columns[i].width > 1) continue;
      pool.push_back(other->columns[i]);
      places.emplace_back(other.get(), i);
    }
  }
  const std::vector<std::size_t> meant = meant_columns(pool, query);
  if (meant.size() == 1)
    return other_column(*places[meant.front()].first, places[meant.front()].second);
  std::vector<std::string> names;
  for (const std::size_t i : meant) {
    names.push_back(places[i].first->name + "/" + places[i].first->names[places[i].second]);
  }
  if (!names.empty()) {
    throw_unclear_column("benchmark '" + own_->info().name + "' and those of its space", query,
                         std::move(names), true);
  }
  names = short_column_names(own_->columns());
  for (const auto& [other, index] : places)
    names.push_back(other->name + "/" + other->names[index]);
  const std::string where =
      "benchmark '" + own_->info().name + "'" + (others_.empty() ? "" : " and those of its space");
  throw_unclear_column(where, query, std::move(names), false);
}

const JoinedColumn& BenchmarkJoin::single_column(std::string_view name) {
  const JoinedColumn& joined = column(name);
  if (joined.column.width == 1) return joined;
  throw Error(ErrorKind::kUsage, "column '" + printable(joined.key) + "' holds " +
                                     std::to_string(joined.column.width) +
                                     " values per row; one is needed here");
}

std::vector<const JoinedColumn*> BenchmarkJoin::own_columns() {
  std::vector<const JoinedColumn*> columns;
  for (std::size_t i = 0; i < own_->columns().size(); ++i) {
    if (own_->columns()[i].width == 1) columns.push_back(&own_column(i));
  }
  return columns;
}

void BenchmarkJoin::load_wide() {
  std::vector<std::string> wide;
  for (const auto& [key, joined] : columns_) {
    if (joined.own && joined.column.width > 1) wide.push_back(key);
  }
  if (wide.empty()) return;
  own_ = session_.reader().open_benchmark(own_->info().name, wide);
  for (auto& [key, joined] : columns_) {
    if (joined.own) joined.values = own_->values(joined.index);
  }
}

std::string BenchmarkJoin::sources() const {
  std::map<std::string, std::vector<std::string>> names;
  for (const auto& [key, joined] : columns_) {
    if (!joined.own)
      names[joined.benchmark].push_back(joined.name.substr(joined.benchmark.size() + 1));
  }
  if (names.empty()) return "";
  std::vector<bool> shared(own_->rows(), true);
  std::vector<std::string> parts;
  for (const auto& other : others_) {
    const auto used = names.find(other->name);
    if (used == names.end()) continue;
    parts.push_back(join(used->second, ", ") + (used->second.size() == 1 ? " is" : " are") +
                    " of benchmark '" + other->name + "'" +
                    (other->by_network == 0
                         ? ""
                         : ", which writes " +
                               format_count(static_cast<std::int64_t>(other->by_network)) +
                               " of the networks in another way"));
    for (std::size_t row = 0; row < shared.size(); ++row) {
      if (other->rows[row] == kNoRow) shared[row] = false;
    }
  }
  const auto both = static_cast<std::int64_t>(std::count(shared.begin(), shared.end(), true));
  return join(parts, "; ") + "; " + format_count(both) + " of the " +
         format_count(static_cast<std::int64_t>(own_->rows())) + " rows of '" + own_->info().name +
         "' are in " + (parts.size() == 1 ? "both" : "all");
}

}  // namespace nas
