#include "db/transfer/merge_stores.h"

#include <map>
#include <memory>

#include "core/util/error.h"
#include "core/util/text.h"
#include "db/transfer/merge_source.h"
#include "db/transfer/row_finder.h"
#include "db/transfer/study_match.h"
#include "db/transfer/transfer_ends.h"

namespace nas {

namespace {

constexpr char kAddedDevice[] =
    "SELECT settings FROM device WHERE name = ? AND added_us IS NOT NULL";
constexpr char kAddDevice[] = "UPDATE device SET added_us = ? WHERE id = ?";
constexpr char kFinishStudy[] = "UPDATE study SET state = 'finished' WHERE id = ?";
constexpr char kLeaveQueue[] = "DELETE FROM queue WHERE study_id = ? AND number = ?";
constexpr char kForgetProposals[] = "DELETE FROM proposal WHERE trial_id = ?";

template <class Value>
const Value& get(const TableRecord& table, const SqlRow& row, std::string_view column) {
  return std::get<Value>(row[column_at(table, column)]);
}

/// "predictor 'p'", "artifact 'supernet' 'first'": the texts that tell a row apart.
std::string row_name(const TableRecord& table, const SqlRow& row) {
  std::string name(table.name);
  for (std::size_t i = 0; i < row.size(); ++i) {
    const bool names = table.columns[i].part == ColumnPart::kIdentity &&
                       table.columns[i].type == ColumnType::kText;
    if (names) name += " " + value_text(row[i]);
  }
  return name;
}

class Merge {
 public:
  Merge(Connection& target, const MergeOptions& options)
      : target_(target), options_(options), steps_(options.transfer) {
    for (const TableRecord& table : store_tables()) {
      finders_.push_back(std::make_unique<RowFinder>(target, table));
      report_.tables.push_back({std::string(table.name)});
    }
  }

  MergeReport run(std::span<const std::unique_ptr<MergeSource>> sources) {
    std::int64_t rows = 0;
    for (const auto& source : sources) {
      for (const TableRecord& table : store_tables())
        rows += count_rows(source->connection(), table);
    }
    steps_.begin("merging", rows);
    for (const auto& source : sources) {
      for (std::size_t i = 0; i < store_tables().size(); ++i) merge(*source, i);
    }
    return std::move(report_);
  }

 private:
  void merge(MergeSource& source, std::size_t place) {
    const TableRecord& table = store_tables()[place];
    TableReader reader(source.connection(), table);
    while (true) {
      const std::vector<SqlRow>& page = reader.next_page();
      if (page.empty()) return;
      steps_.advance(page.size(), source.name());
      if (table.rule == RowRule::kDerived) continue;
      for (const SqlRow& row : page) {
        const bool added = merge(source, table, *finders_[place], row);
        ++(added ? report_.tables[place].added : report_.tables[place].known);
      }
    }
  }

  /// True: the row is new in the target.
  bool merge(MergeSource& source, const TableRecord& table, RowFinder& finder, const SqlRow& row) {
    if (table.name == "study") return merge_study(source, table, finder, row);
    bool owner_is_new = false;
    if (!table.owner.empty()) {
      const std::size_t owner = column_at(table, table.owner);
      const bool owned = !std::holds_alternative<std::monostate>(row[owner]);
      owner_is_new = owned && source.is_added(table.columns[owner].refers_to, row[owner]);
      if (owned && !owner_is_new && table.rule == RowRule::kOwned) return false;
    }
    SqlRow translated = source.translated(table, row);
    const std::optional<SqlRow> known = owner_is_new ? std::nullopt : finder.find(translated);
    if (!known) {
      if (table.name == "device") refuse_other_device(source, table, translated);
      source.place(table, row, finder.add(translated), true);
      if (table.name == "trial") leave_queue(table, translated);
      return true;
    }
    return merge_known(source, table, finder, row, translated, *known);
  }

  bool merge_known(MergeSource& source, const TableRecord& table, RowFinder& finder,
                   const SqlRow& row, const SqlRow& translated, const SqlRow& known) {
    const std::int64_t id = has_id(table) ? std::get<std::int64_t>(known.front()) : 0;
    if (table.name == "trial") {
      // The studies match; what is left is who of the two has an end.
      const bool better = is_unfinished(known) && !is_unfinished(translated);
      if (better) {
        finder.replace(id, translated);
        target_.execute(kForgetProposals, id);
        leave_queue(table, translated);
      }
      source.place(table, row, id, better);
      return better;
    }
    refuse_difference(source, table, translated, known);
    if (table.name == "device") add_device(source, table, translated, known);
    source.place(table, row, id, false);
    return false;
  }

  /// What the target would have evaluated is not handed out when it has come finished.
  void leave_queue(const TableRecord& table, const SqlRow& trial) {
    if (is_unfinished(trial)) return;
    target_.execute(kLeaveQueue, get<std::int64_t>(table, trial, "study_id"),
                    get<std::int64_t>(table, trial, "number"));
  }

  void refuse_difference(const MergeSource& source, const TableRecord& table, const SqlRow& row,
                         const SqlRow& known) const {
    const std::string_view fact = differing_fact(table, row, known);
    if (fact.empty()) return;
    const std::size_t at = column_at(table, fact);
    throw Error(ErrorKind::kUsage,
                source.name() + ": " + row_name(table, row) + " has " + std::string(fact) + " " +
                    value_text(row[at]) + ", and in '" + target_.path_text() +
                    "' or a database before it " + value_text(known[at]) + "; nothing was merged");
  }

  /// A name that was given to a device is that of one device.
  void refuse_other_device(const MergeSource& source, const TableRecord& table, const SqlRow& row) {
    if (std::holds_alternative<std::monostate>(row[column_at(table, "added_us")])) return;
    const std::string& name = get<std::string>(table, row, "name");
    Rows rows = target_.select(kAddedDevice, name);
    if (!rows.next()) return;
    throw Error(ErrorKind::kUsage,
                source.name() + ": device '" + printable(name) + "' was added as (" +
                    printable(get<std::string>(table, row, "settings")) + "), and in '" +
                    target_.path_text() + "' or a database before it as (" +
                    printable(rows.text(0)) + "); nothing was merged");
  }

  /// A device that both know, and that only the source's was added as.
  void add_device(const MergeSource& source, const TableRecord& table, const SqlRow& row,
                  const SqlRow& known) {
    const std::size_t added = column_at(table, "added_us");
    const auto* at_us = std::get_if<std::int64_t>(&row[added]);
    if (at_us == nullptr || !std::holds_alternative<std::monostate>(known[added])) return;
    refuse_other_device(source, table, row);
    target_.execute(kAddDevice, *at_us, std::get<std::int64_t>(known.front()));
  }

  bool merge_study(MergeSource& source, const TableRecord& table, RowFinder& finder,
                   const SqlRow& row) {
    SqlRow translated = source.translated(table, row);
    const std::string name = get<std::string>(table, row, "name");
    for (int copy = 1;; ++copy) {
      if (copy > 1) rename(table, translated, row, name + "-" + std::to_string(copy));
      const std::optional<SqlRow> known = finder.find(translated);
      const std::string why =
          known ? study_difference(source, target_, row, translated, *known) : "";
      if (known && !why.empty()) {
        if (!options_.rename) refuse_study(source, name, why);
        continue;
      }
      const std::string& now = get<std::string>(table, translated, "name");
      if (now != name) {
        source.renamed[name] = now;
        report_.renamed.push_back(source.name() + ": study '" + printable(name) + "' became '" +
                                  printable(now) + "'");
      }
      if (known) finish_study(table, translated, *known);
      source.place(table, row,
                   known ? std::get<std::int64_t>(known->front()) : finder.add(translated), !known);
      return !known;
    }
  }

  void rename(const TableRecord& table, SqlRow& translated, const SqlRow& row,
              const std::string& name) const {
    translated[column_at(table, "name")] = name;
    translated[column_at(table, "config")] =
        options_.renamed_config(get<std::string>(table, row, "config"), name);
  }

  [[noreturn]] void refuse_study(const MergeSource& source, const std::string& name,
                                 const std::string& why) const {
    throw Error(ErrorKind::kUsage, source.name() + ": study '" + printable(name) +
                                       "' is not the one of this name in '" + target_.path_text() +
                                       "' or a database before it: " + why +
                                       "; nothing was merged (--rename gives it a free name)");
  }

  void finish_study(const TableRecord& table, const SqlRow& row, const SqlRow& known) {
    const bool finished = get<std::string>(table, row, "state") == "finished";
    if (finished && get<std::string>(table, known, "state") != "finished")
      target_.execute(kFinishStudy, std::get<std::int64_t>(known.front()));
  }

  Connection& target_;
  const MergeOptions& options_;
  TransferSteps steps_;
  MergeReport report_;
  std::vector<std::unique_ptr<RowFinder>> finders_;  ///< in the order of `store_tables`
};

/// Reads of every source are of one state of it: its transaction lives as long as the merge.
MergeReport read_all(std::span<const std::unique_ptr<MergeSource>> sources, std::size_t open,
                     Connection& target, const MergeOptions& options) {
  if (open == sources.size()) {
    try {
      return Merge(target, options).run(sources);
    } catch (const TransientError& error) {
      // Done again by a source's transaction, it would find its own rows in that of the target.
      throw Error(error.kind(), std::string(error.what()) + "; nothing was merged");
    }
  }
  return sources[open]->connection().read(
      [&] { return read_all(sources, open + 1, target, options); });
}

}  // namespace

MergeReport merge_stores(std::span<const StoreAddress> from, const StoreAddress& into,
                         const MergeOptions& options) {
  for (std::size_t i = 0; i < from.size(); ++i) {
    refuse_same_store(from[i], into);
    for (std::size_t j = 0; j < i; ++j) refuse_same_store(from[j], from[i]);
  }
  TransferTarget target(into, options.transfer);
  const MergeReport report = target.connection().write([&] {
    std::vector<std::unique_ptr<MergeSource>> sources;
    for (const StoreAddress& address : from)
      sources.push_back(
          std::make_unique<MergeSource>(address, options.transfer, target.connection()));
    return read_all(sources, 0, target.connection(), options);
  });
  target.keep();
  return report;
}

}  // namespace nas
