#include <doctest/doctest.h>

#include <algorithm>
#include <map>

#include "core/ir/same/digest.h"
#include "core/util/csv.h"
#include "core/util/file.h"
#include "core/util/text.h"
#include "tests/searchspaces/space_testing.h"
#include "tests/test_data.h"

// The complete table of NAS-Bench-201 (15,625 rows): strings, sizes and isomorphism groups.

namespace nas {
namespace {

constexpr std::size_t kRows = 15625;

struct Table {
  explicit Table(const std::filesystem::path& folder)
      : csv(CsvTable::parse(read_file(folder / "nb201_tss.csv.gz"), "nb201_tss.csv.gz")) {}
  std::string_view text(std::size_t row, std::string_view column) const {
    return csv.at(row, csv.column(column));
  }
  std::int64_t number(std::size_t row, std::string_view column) const {
    return parse_int(text(row, column)).value();
  }
  CsvTable csv;
};

TEST_CASE("acceptance: nasbench201 regenerates the official list, which reads back") {
  const auto dir = test::test_data("tab-nb201");
  if (dir.empty()) return;
  const Table table(dir);
  REQUIRE(table.csv.rows() == kRows);
  const test::Stopwatch watch;
  const auto space = test::make_space("nasbench201");
  const auto& indexed = dynamic_cast<const IndexedSpace&>(*space);
  std::size_t wrong = 0;
  for (std::size_t row = 0; row < kRows; ++row) {
    const Architecture architecture = indexed.at(row);
    const std::string_view text = table.text(row, "arch_str");
    std::string digits;
    for (const std::uint16_t choice : architecture.choices) digits += std::to_string(choice);
    const bool right = table.number(row, "index") == static_cast<std::int64_t>(row) &&
                       space->format(architecture) == text && space->parse(text) == architecture &&
                       indexed.index_of(architecture) == row && digits == table.text(row, "ops");
    wrong += right ? 0 : 1;
  }
  CHECK(wrong == 0);
  MESSAGE("15,625 strings in ", watch.seconds(), " s");
}

struct Head {
  std::string name;
  std::int64_t size;
  std::int64_t classes;
};

TEST_CASE("acceptance: nasbench201 parameters and MACs of all cells and heads are exact") {
  const auto dir = test::test_data("tab-nb201");
  if (dir.empty()) return;
  const Table table(dir);
  REQUIRE(table.csv.rows() == kRows);
  const test::Stopwatch watch;
  const auto space = test::make_space("nasbench201");
  const auto& indexed = dynamic_cast<const IndexedSpace&>(*space);
  for (const Head& head : {Head{"c10", 32, 10}, Head{"c100", 32, 100}, Head{"in16", 16, 120}}) {
    const Task task = test::task_of({3, head.size, head.size}, head.classes);
    const std::size_t params = table.csv.column("params_" + head.name);
    const std::size_t macs = table.csv.column("macs_" + head.name);
    std::vector<char> right(kRows, 0);
    test::on_two_threads(kRows, [&](std::size_t row) {
      const GraphCost cost = graph_cost(space->build(indexed.at(row), task));
      right[row] = parse_int(table.csv.at(row, params)) == cost.params &&
                   parse_int(table.csv.at(row, macs)) == published_macs(space->info(), cost);
    });
    CHECK(std::count(right.begin(), right.end(), 1) == kRows);
  }
  MESSAGE("3 x 15,625 networks built and counted in ", watch.seconds(), " s");
}

TEST_CASE("acceptance: nasbench201 isomorphism keys make the published 6,466 groups") {
  const auto dir = test::test_data("tab-nb201");
  if (dir.empty()) return;
  const Table table(dir);
  REQUIRE(table.csv.rows() == kRows);
  const auto space = test::make_space("nasbench201");
  const auto& indexed = dynamic_cast<const IndexedSpace&>(*space);
  const auto& keys = dynamic_cast<const IsomorphismKeys&>(*space);
  std::map<std::string, std::size_t> first;  // smallest index by key
  std::size_t wrong = 0;
  for (std::size_t row = 0; row < kRows; ++row) {
    const auto [found, added] = first.emplace(keys.isomorphism_key(indexed.at(row)), row);
    wrong += found->second == static_cast<std::size_t>(table.number(row, "iso_group")) ? 0 : 1;
  }
  CHECK(first.size() == 6466);
  CHECK(wrong == 0);
}

/// What a cell computes, written from the definition of its operations and independent of the
/// graph's digest: vertices with their inputs, -1 = zeros. Zeros are dropped from sums and pass
/// through pooling; through a convolution only the shift of its batch norm remains, whatever the
/// kernel.
class CellMeaning {
 public:
  explicit CellMeaning(Choices ops) {
    std::vector<int> nodes{add('x', {})};
    std::size_t edge = 0;
    for (std::size_t target = 1; target < 4; ++target) {
      std::vector<int> terms;
      for (std::size_t source = 0; source < target; ++source) {
        append_term(terms, ops[edge++], nodes[source]);
      }
      nodes.push_back(terms.empty() ? -1 : terms.size() == 1 ? terms[0] : add('+', terms));
    }
    output_ = nodes.back();
  }

  /// The smallest text over all orders of the terms of every sum: equal exactly for isomorphic
  /// cells.
  std::string canonical_text() {
    std::string best;
    try_orders(0, best);
    return best;
  }

 private:
  struct Vertex {
    char label;
    std::vector<int> inputs;
  };

  int add(char label, std::vector<int> inputs) {
    std::sort(inputs.begin(), inputs.end());
    vertices_.push_back({label, std::move(inputs)});
    return static_cast<int>(vertices_.size()) - 1;
  }

  void append_term(std::vector<int>& terms, std::uint16_t op, int from) {
    constexpr std::string_view kLabels = "-s13p";
    const char label = kLabels[op];
    if (label == '-' || (from < 0 && (label == 's' || label == 'p'))) return;
    if (label == 's') {
      terms.push_back(from);
    } else {
      terms.push_back(add(from < 0 ? 'b' : label, {from}));
    }
  }

  void try_orders(std::size_t vertex, std::string& best) {
    if (vertex == vertices_.size()) {
      std::map<int, std::size_t> seen;
      const std::string text = written(output_, seen);
      if (best.empty() || text < best) best = text;
      return;
    }
    // Starts sorted and ends sorted, so every order of the terms comes once.
    do {
      try_orders(vertex + 1, best);
    } while (
        std::next_permutation(vertices_[vertex].inputs.begin(), vertices_[vertex].inputs.end()));
  }

  /// A vertex that was written before is named by its number: sharing is part of the text.
  std::string written(int vertex, std::map<int, std::size_t>& seen) const {
    if (vertex < 0) return "0";
    const auto [found, first] = seen.emplace(vertex, seen.size());
    if (!first) return "#" + std::to_string(found->second);
    std::string text = vertices_[static_cast<std::size_t>(vertex)].label + std::string("(");
    for (const int input : vertices_[static_cast<std::size_t>(vertex)].inputs) {
      text += written(input, seen) + ",";
    }
    return text + ")";
  }

  std::vector<Vertex> vertices_;
  int output_ = -1;
};

TEST_CASE("acceptance: nasbench201 digests are equal exactly for isomorphic cells, 6,585 of them") {
  const auto space = test::make_space("nasbench201");
  const auto& indexed = dynamic_cast<const IndexedSpace&>(*space);
  const Task task = test::task_of({3, 32, 32}, 10);
  std::vector<Digest> digests(kRows);
  std::vector<std::string> texts(kRows);
  const test::Stopwatch watch;
  test::on_two_threads(kRows, [&](std::size_t row) {
    const Architecture architecture = indexed.at(row);
    digests[row] = digest(space->build(architecture, task));
    texts[row] = CellMeaning(architecture.choices).canonical_text();
  });
  std::map<Digest, std::string> by_digest;
  std::map<std::string, Digest> by_text;
  std::size_t wrong = 0;
  for (std::size_t row = 0; row < kRows; ++row) {
    wrong += by_digest.emplace(digests[row], texts[row]).first->second == texts[row] ? 0 : 1;
    wrong += by_text.emplace(texts[row], digests[row]).first->second == digests[row] ? 0 : 1;
  }
  CHECK(wrong == 0);
  // More than the published 6,466 keys, and neither partition refines the other: the key ignores
  // whether a value is computed once or twice and what a batch norm adds to zeros, and keeps "#"
  // terms.
  CHECK(by_digest.size() == 6585);
  MESSAGE("15,625 networks built and digested in ", watch.seconds(), " s");
}

}  // namespace
}  // namespace nas
