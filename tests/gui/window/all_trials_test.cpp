#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "app/explorer/explorer.h"
#include "app/explorer/explorer_export.h"
#include "core/util/rng.h"
#include "db/sqlite_store.h"
#include "tests/gui/window/query_keys.h"
#include "tests/gui/window/sample_database.h"

using namespace nas;
using namespace nas::testing;

namespace {

constexpr std::int64_t kTrials = 60;

/// Three studies whose trials were added by turns, so that ids and numbers do not go together.
struct Fixture {
  Fixture() {
    add_sample_trials(file, 0, kTrials / 2);
    add_named_study(file, "beta", "|none~0|");
    add_named_study(file, "alpha", "|avg_pool_3x3~0|");
    add_sample_trials(file, kTrials / 2, kTrials / 2);
    explorer = std::make_unique<Explorer>(file);
    table = explorer->all_trials();
  }
  std::size_t column(const char* name) const { return find_column(table->source(), name); }
  std::vector<BrowseKey> keys(const BrowseOrder& order, const std::string& filter,
                              std::size_t piece) const {
    return query_keys(table, order, filter, piece);
  }
  std::string text(BrowseKey key, const char* name) const {
    return cell_text(table->source().rows(std::span(&key, 1)).front().cells[column(name)],
                     table->columns()[column(name)]);
  }

  TemporaryDirectory directory;
  std::filesystem::path file = directory.file("sample.db");
  std::unique_ptr<Explorer> explorer;
  std::shared_ptr<ExplorerTable> table;
};

/// A table of texts alone.
class TextTable final : public BrowseTable {
 public:
  explicit TextTable(std::vector<std::string> rows) : texts_(std::move(rows)) {}
  std::span<const BrowseColumn> columns() const override { return columns_; }
  BrowseKey key_end() override { return static_cast<BrowseKey>(texts_.size()); }
  BrowsePage page(std::size_t, bool, const BrowsePlace&, std::int64_t) override { return {}; }
  std::vector<BrowseRow> rows(std::span<const BrowseKey>) override { return {}; }
  std::optional<std::vector<double>> values(std::size_t, std::stop_token) override { return {}; }
  std::optional<std::vector<BrowseKey>> changes(BrowseMark&, std::int64_t) override { return {}; }
  bool texts(std::size_t, const TextVisitor& visit, std::stop_token) override {
    ++readings;
    for (std::size_t i = 0; i < texts_.size(); ++i) visit(static_cast<BrowseKey>(i), texts_[i]);
    return true;
  }
  int readings = 0;

 private:
  std::vector<std::string> texts_;
  std::vector<BrowseColumn> columns_{{.name = "text", .kind = BrowseKind::kText}};
};

std::vector<BrowseKey> sorted_by_text(const std::vector<std::string>& texts, bool descending) {
  std::vector<BrowseKey> keys(texts.size());
  for (std::size_t i = 0; i < keys.size(); ++i) keys[i] = static_cast<BrowseKey>(i);
  const auto text = [&](BrowseKey key) { return texts[static_cast<std::size_t>(key)]; };
  std::stable_sort(keys.begin(), keys.end(),
                   [&](BrowseKey a, BrowseKey b) { return text(a) < text(b); });
  if (descending) std::reverse(keys.begin(), keys.end());
  return keys;
}

}  // namespace

TEST_CASE("all trials of all studies are one table, each with its study and number") {
  const Fixture sample;
  const std::vector<BrowseKey> keys = sample.keys({}, "", 7);
  CHECK(keys.size() == kTrials + 2);
  CHECK(std::is_sorted(keys.begin(), keys.end()));
  std::map<std::string, std::set<std::int64_t>> numbers;
  for (const BrowseKey key : keys) {
    const auto place = sample.explorer->place_of(key);
    REQUIRE(place.has_value());
    CHECK(sample.text(key, "number") == std::to_string(place->number));
    numbers[sample.text(key, "study")].insert(place->number);
  }
  CHECK(numbers["sample"].size() == kTrials);
  CHECK(numbers["alpha"] == std::set<std::int64_t>{0});
  CHECK(numbers["beta"] == std::set<std::int64_t>{0});
  CHECK_FALSE(sample.explorer->place_of(1'000'000).has_value());
  CHECK(sample.text(keys.back(), "space") == "nasbench201");
  CHECK(sample.text(keys.back(), "architecture") == sample_text(kTrials - 1));
}

TEST_CASE("a metric of all studies is sorted as its whole column says") {
  const Fixture sample;
  for (const char* name :
       {"accuracy", "latency_ms@host", "latency_ms@phone", "seconds", "number"}) {
    for (const bool descending : {false, true}) {
      CAPTURE(name);
      CAPTURE(descending);
      const std::size_t column = sample.column(name);
      const auto values = *sample.table->values(column, {});
      for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, std::size_t{2000}}) {
        const std::vector<BrowseKey> keys = sample.keys({column, descending}, "", piece);
        CHECK(keys.size() == kTrials + 2);
        CHECK(std::set<BrowseKey>(keys.begin(), keys.end()).size() == kTrials + 2);
        CHECK(std::is_sorted(keys.begin(), keys.end(), [&](BrowseKey a, BrowseKey b) {
          const double x = values[static_cast<std::size_t>(a)];
          const double y = values[static_cast<std::size_t>(b)];
          if (std::isnan(x) || std::isnan(y)) return !std::isnan(x) && std::isnan(y);
          return descending ? x > y : x < y;
        }));
      }
    }
  }
}

TEST_CASE("values of all studies are those of the single ones") {
  const Fixture sample;
  const std::size_t column = sample.column("accuracy");
  const auto values = *sample.table->values(column, {});
  for (const Explorer::Study& study : sample.explorer->studies()) {
    const auto own = sample.explorer->trials(study.row.id);
    const auto keys = sample.keys({}, "study ~ " + study.row.spec.name, 7);
    const auto end = static_cast<std::size_t>(own->source().key_end());
    CHECK(keys.size() == end);
    if (study.row.spec.name != "sample") continue;
    const auto expected = *own->values(find_column(own->source(), "accuracy"), {});
    for (std::size_t i = 0; i < keys.size(); ++i) {
      const double value = values[static_cast<std::size_t>(keys[i])];
      CHECK((value == expected[i] || (std::isnan(value) && std::isnan(expected[i]))));
    }
  }
}

TEST_CASE("columns of text are sorted as texts are, forwards and backwards") {
  const Fixture sample;
  for (const char* name : {"study", "architecture", "space", "state", "reason", "error"}) {
    for (const bool descending : {false, true}) {
      CAPTURE(name);
      CAPTURE(descending);
      const auto keys = sample.keys({sample.column(name), descending}, "", 7);
      CHECK(keys.size() == kTrials + 2);
      CHECK(std::is_sorted(keys.begin(), keys.end(), [&](BrowseKey a, BrowseKey b) {
        const int order = sample.text(a, name).compare(sample.text(b, name));
        if (order == 0) return descending ? a > b : a < b;
        return descending ? order > 0 : order < 0;
      }));
    }
  }
  CHECK(sample.text(sample.keys({sample.column("study"), false}, "", 7).front(), "study") ==
        "alpha");
}

TEST_CASE("texts that do not fit into memory are sorted piece by piece") {
  Rng rng({.seed = 1});
  std::vector<std::string> texts;
  for (int i = 0; i < 3000; ++i) {
    // Short ones repeat, long ones do not.
    std::string text(rng.below(12), 'x');
    for (auto k = rng.below(4); k > 0; --k) text += static_cast<char>('a' + rng.below(3));
    texts.push_back(text);
  }
  texts.push_back(std::string(5000, 'm'));
  for (const bool descending : {false, true}) {
    for (const std::size_t bytes : {std::size_t{1}, std::size_t{64}, std::size_t{2000}}) {
      CAPTURE(descending);
      CAPTURE(bytes);
      TextTable table(texts);
      TextOrder order(0, descending, bytes);
      std::vector<BrowseKey> keys;
      while (true) {
        const auto piece = order.next(table, {});
        if (piece->empty()) break;
        keys.insert(keys.end(), piece->begin(), piece->end());
      }
      CHECK(keys == sorted_by_text(texts, descending));
      CHECK(table.readings > 2);
    }
  }
}

TEST_CASE("what writers add is merged into every order as if all were read again") {
  Fixture sample;
  const Filter filter = parse_filter("not architecture ~ \"skip_connect~0\" or accuracy > 60",
                                     sample.table->columns());
  std::map<std::pair<std::string, bool>, std::vector<BrowseKey>> before;
  const std::vector<std::string> names = {"id", "number", "accuracy", "latency_ms@host", "seconds"};
  for (const std::string& name : names) {
    for (const bool descending : {false, true}) {
      ExplorerQuery query(sample.table, {sample.column(name.c_str()), descending}, filter);
      before[{name, descending}] = *query.next(10'000, {});
    }
  }
  const auto kept = sample.table->values(sample.column("accuracy"), {});
  const std::size_t old_size = kept->size();
  CHECK(sample.table->refresh()->empty());
  add_sample_trials(sample.file, kTrials, 25);
  add_named_study(sample.file, "gamma", "|none~1|");
  const auto changed = sample.table->refresh();
  REQUIRE(changed.has_value());
  CHECK(changed->size() == 26);
  CHECK(kept->size() == old_size);
  const auto fresh = sample.explorer->all_trials();
  for (const auto& [order, old] : before) {
    CAPTURE(order.first);
    CAPTURE(order.second);
    const BrowseOrder by{sample.column(order.first.c_str()), order.second};
    const auto merged = merge_changes(*sample.table, by, filter, old, *changed, {});
    REQUIRE(merged.has_value());
    ExplorerQuery query(fresh, by, filter);
    const auto expected = *query.next(10'000, {});
    CHECK(std::set<BrowseKey>(merged->begin(), merged->end()) ==
          std::set<BrowseKey>(expected.begin(), expected.end()));
    CHECK(merged->size() == expected.size());
    const auto now = *sample.table->values(by.column, {});
    const auto again = *fresh->values(by.column, {});
    REQUIRE(now.size() == again.size());
    for (std::size_t i = 0; i < merged->size(); ++i) {
      const double x = now[static_cast<std::size_t>((*merged)[i])];
      const double y = again[static_cast<std::size_t>(expected[i])];
      CHECK((x == y || (std::isnan(x) && std::isnan(y))));
    }
  }
  CHECK_FALSE(
      merge_changes(*sample.table, {sample.column("state"), false}, filter, {}, *changed, {})
          .has_value());
}

TEST_CASE("a trial that was running gets its values when it has ended") {
  const TemporaryDirectory directory;
  const auto file = directory.file("running.db");
  add_sample_trials(file, 0, 5);
  const auto store = open_sqlite_store(file, OpenMode::kReadWrite);
  const auto claim = start_sample_trial(*store, 5);
  Explorer explorer(file);
  const auto table = explorer.trials(1);
  const std::size_t accuracy = find_column(table->source(), "accuracy");
  const std::size_t state = find_column(table->source(), "state");
  CHECK(std::isnan(table->values(accuracy, {})->at(5)));
  store->finish({.claim = claim, .metrics = {{.name = "accuracy", .value = 91}}});
  const auto changed = table->refresh();
  REQUIRE(changed.has_value());
  REQUIRE(changed->size() == 1);
  CHECK(changed->front().key == 5);
  CHECK(std::get<std::string>(changed->front().cells[state]) == "complete");
  CHECK(table->values(accuracy, {})->at(5) == 91);
}

TEST_CASE("all rows of all studies can be exported") {
  const Fixture sample;
  const std::vector<std::size_t> columns = {sample.column("study"), sample.column("accuracy")};
  ExplorerQuery query(sample.table, {sample.column("study"), true}, {});
  const ExportReport report =
      export_rows(*sample.table, std::move(query), columns, sample.directory.file("all.csv"),
                  Format::kCsv, [](std::int64_t) {}, {});
  CHECK(report.rows == kTrials + 2);
}
