#include "app/reports/compare.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "tests/app/study/study_testing.h"

using namespace nas;

namespace {

constexpr const char* kConv =
    "|nor_conv_3x3~0|+|nor_conv_3x3~0|skip_connect~1|+|skip_connect~0|none~1|avg_pool_3x3~2|";
constexpr const char* kPool =
    "|avg_pool_3x3~0|+|nor_conv_3x3~0|skip_connect~1|+|skip_connect~0|none~1|avg_pool_3x3~2|";

}  // namespace

TEST_CASE("two cells that differ in one edge differ in one decision") {
  Session session;
  const SearchSpace& space = session.space({"nasbench201", {}});
  const Task& task = space.info().default_task;
  const ArchitectureDifference difference =
      compare_architectures(space, space.parse(kConv), task, space.parse(kPool), task);
  REQUIRE(difference.decisions.size() == 1);
  CHECK(difference.decisions[0].a == "nor_conv_3x3");
  CHECK(difference.decisions[0].b == "avg_pool_3x3");
  CHECK_FALSE(difference.same_function);
  CHECK(difference.cost_a.params > difference.cost_b.params);
  CHECK_FALSE(difference.only_a.empty());
  CHECK_FALSE(difference.only_b.empty());
  const Table table = difference_table(difference);
  CHECK(std::get<std::string>(table.rows[0][0]) == "decision");
}

TEST_CASE("one cell in two networks differs in cost, not in choices") {
  Session session;
  const SearchSpace& space = session.space({"nasbench201", {}});
  Task small = space.info().default_task;
  small.width = 8;
  const ArchitectureDifference difference = compare_architectures(
      space, space.parse(kConv), space.info().default_task, space.parse(kConv), small);
  CHECK(difference.decisions.empty());
  CHECK(difference.cost_a.params > difference.cost_b.params);
}

TEST_CASE("what differs comes first, layers only on request") {
  Session session;
  const SearchSpace& space = session.space({"nasbench201", {}});
  const Task& task = space.info().default_task;
  ArchitectureDifference difference =
      compare_architectures(space, space.parse(kConv), task, space.parse(kPool), task);
  difference.measured = {
      {"accuracy", 90.0, 90.0}, {"latency_ms@host", 4.0, 3.0}, {"synflow", 1, {}}};
  const Table table = difference_table(difference);
  const auto text = [](const Table& rows, std::size_t row, std::size_t column) {
    return std::get<std::string>(rows.rows.at(row).at(column));
  };
  std::vector<std::string> names;
  bool agreed = false;
  for (std::size_t row = 0; row < table.rows.size(); ++row) {
    const bool same = table.rows[row][2] == table.rows[row][3];
    CHECK((same || !agreed));
    agreed = agreed || same;
    CHECK(text(table, row, 0) != "node");
    if (!same) names.push_back(text(table, row, 1));
  }
  CHECK(names.at(0) == space.decisions()[0].name);
  CHECK(names.at(1) == "params");
  CHECK(names.at(2) == "macs");
  CHECK(std::count(names.begin(), names.end(), "latency_ms@host") == 1);
  CHECK(std::count(names.begin(), names.end(), "accuracy") == 0);
  CHECK(table.rows.size() == space.decisions().size() + 3 + 3);
  // Numbers say what separates them, in the unit and in percent.
  for (const auto& row : table.rows) {
    if (std::get<std::string>(row[1]) != "latency_ms@host") continue;
    CHECK(row[4] == Cell(-1.0));
    CHECK(row[5] == Cell(-25.0));
  }
  const Table layers = difference_table(difference, true);
  CHECK(layers.rows.size() ==
        table.rows.size() + difference.only_a.size() + difference.only_b.size());
}

TEST_CASE("a choice without effect is no choice: what differs is that the other has one") {
  Session session;
  const SearchSpace& space = session.space({"efficient_tdnn", {}});
  const Task& task = space.info().default_task;
  // Three blocks; then four, the last of them with the first choices of the space.
  const Architecture deep = space.parse("4.512.512.512.512.128.5.3.3.3.1.1536");
  const Architecture flat = space.parse("3.512.512.512.512.5.3.3.3.1536");
  const ArchitectureDifference difference = compare_architectures(space, flat, task, deep, task);
  std::map<std::string, std::pair<std::string, std::string>> found;
  for (const DecisionDifference& decision : difference.decisions) {
    found[decision.decision] = {decision.a, decision.b};
  }
  CHECK(found.size() == 3);
  CHECK(found["depth"] == std::pair<std::string, std::string>{"3", "4"});
  CHECK(found["block_4/channels"] == std::pair<std::string, std::string>{"no effect", "128"});
  CHECK(found["block_4/kernel"] == std::pair<std::string, std::string>{"no effect", "1"});
}

TEST_CASE("an architecture does not differ from itself") {
  Session session;
  const SearchSpace& space = session.space({"nasbench201", {}});
  const Architecture architecture = space.parse(kConv);
  const Task& task = space.info().default_task;
  const ArchitectureDifference difference =
      compare_architectures(space, architecture, task, architecture, task);
  CHECK(difference.decisions.empty());
  CHECK(difference.same_function);
  CHECK(difference.only_a.empty());
  CHECK(difference.only_b.empty());
}
