#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "core/api/browse.h"
#include "db/postgres_connection.h"
#include "db/postgres_store.h"
#include "tests/db/postgres_server.h"
#include "tests/db/sample_rows.h"

namespace nas::test {

namespace {

struct Sample {
  Sample()
      : address(PostgresServer::shared().address(PostgresServer::shared().new_database())),
        store(open_postgres_store(address, OpenMode::kCreate)),
        study(store->create_study(sample_study("s")).id) {}

  StoreAddress address;
  std::unique_ptr<Store> store;
  std::int64_t study;
};

std::vector<BrowseKey> all_keys(BrowseTable& table, std::size_t column, bool descending) {
  std::vector<BrowseKey> keys;
  BrowsePage page;
  do {
    page = table.page(column, descending, page.last, 3);
    keys.insert(keys.end(), page.keys.begin(), page.keys.end());
  } while (!page.complete);
  return keys;
}

using Keys = std::vector<BrowseKey>;

}  // namespace

TEST_CASE("trials on a server are browsed page by page, row by row and column by column") {
  if (!PostgresServer::available()) return;
  const Sample sample;
  for (std::int64_t number = 0; number < 8; ++number)
    complete_trial(*sample.store, sample.study, number, static_cast<double>(number * 3 % 8));
  const auto browser = open_postgres_browser(sample.address);
  const auto table = browser->trials(sample.study);
  const std::size_t accuracy = find_column(*table, "accuracy");
  CHECK(table->key_end() == 8);
  CHECK(all_keys(*table, accuracy, false) == Keys{0, 3, 6, 1, 4, 7, 2, 5});
  CHECK(all_keys(*table, accuracy, true) == Keys{5, 2, 7, 4, 1, 6, 3, 0});
  CHECK(all_keys(*table, 0, true) == Keys{7, 6, 5, 4, 3, 2, 1, 0});
  const std::vector<BrowseRow> rows = table->rows(Keys{2, 99});
  CHECK(std::get<double>(rows.at(0).cells.at(accuracy)) == 6);
  CHECK(std::get<std::string>(rows.at(0).cells.at(find_column(*table, "architecture"))) ==
        sample_claim(sample.study, 2).text);
  CHECK(std::holds_alternative<std::monostate>(rows.at(1).cells.at(0)));
  CHECK(table->values(accuracy, {}).value() == std::vector<double>{0, 3, 6, 1, 4, 7, 2, 5});
  int texts = 0;
  CHECK(table->texts(find_column(*table, "state"),
                     [&](BrowseKey, std::string_view text) { texts += text == "complete" ? 1 : 0; },
                     {}));
  CHECK(texts == 8);
  const auto all = browser->all_trials();
  CHECK(all_keys(*all, find_column(*all, "accuracy"), true).size() == 8);
  const std::int64_t id = all->page(0, false, {}, 1).keys.at(0);
  CHECK(browser->place_of(id).value().number == 0);
}

TEST_CASE("a browser on a server sees what others commit, in whatever order") {
  if (!PostgresServer::available()) return;
  const Sample sample;
  complete_trial(*sample.store, sample.study, 0, 1);
  const auto browser = open_postgres_browser(sample.address);
  const auto table = browser->trials(sample.study);
  BrowseMark mark;
  CHECK(table->changes(mark, 100).value().empty());
  const std::int64_t before = browser->version();
  CHECK(browser->version() == before);

  // The first of two claims is committed last.
  PostgresConnection slow(sample.address, true, {});
  slow.run_script(
      "BEGIN; SELECT claim_trial(" + std::to_string(sample.study) +
      ", 1, 1, repeat('a', 32), 't', 1, 1, '', 'w', 1, 'r', '', 0, NULL, false); SELECT "
      "finish_trials(false, false, '{2}', '{1}', '{complete}', '{1}', '{0}', '{\"\"}', "
      "'{\"\"}', '{\"\"}', '{1}', '{accuracy}', '{5}', '{finite}', '{measured}', '{NULL}', "
      "'{NULL}', '{\"\"}', '{}', '{}', '{}', '{}', '{}')");
  complete_trial(*sample.store, sample.study, 2, 2);
  CHECK(browser->version() != before);
  const auto holds = [](const Keys& keys, BrowseKey key) {
    return std::find(keys.begin(), keys.end(), key) != keys.end();
  };
  CHECK(holds(table->changes(mark, 100).value(), 2));
  const std::int64_t between = browser->version();
  slow.run_script("COMMIT");
  CHECK(browser->version() != between);
  CHECK(holds(table->changes(mark, 100).value(), 1));
  CHECK(std::get<double>(table->rows(Keys{1})[0].cells.at(find_column(*table, "accuracy"))) == 5);
}

TEST_CASE("a column that takes long to read ends with a stop, and the browser goes on") {
  if (!PostgresServer::available()) return;
  const Sample sample;
  complete_trial(*sample.store, sample.study, 0, 1);
  const auto browser = open_postgres_browser(sample.address);
  const auto table = browser->trials(sample.study);
  std::stop_source source;
  source.request_stop();
  CHECK_FALSE(table->values(find_column(*table, "accuracy"), source.get_token()).has_value());
  for (int i = 0; i < 20; ++i) {
    std::stop_source late;
    std::jthread stopper([&] { late.request_stop(); });
    table->values(find_column(*table, "accuracy"), late.get_token());
    stopper.join();
    CHECK(table->key_end() == 1);  // no later statement is hit
  }
}

}  // namespace nas::test
