#include <doctest/doctest.h>

#include "core/ir/same/digest.h"
#include "searchspaces/nasbench101_hash.h"
#include "tests/searchspaces/space_testing.h"

namespace nas {
namespace {

using test::make_space;
using test::usage_error;

const Task kCifar10 = test::task_of({3, 32, 32}, 10);

/// The cell of the official read-me.
constexpr std::string_view kInception =
    "[[0,1,1,1,0,1,0],[0,0,0,0,0,0,1],[0,0,0,0,0,0,1],[0,0,0,0,1,0,0],[0,0,0,0,0,0,1],"
    "[0,0,0,0,0,0,1],[0,0,0,0,0,0,0]]:input,conv1x1-bn-relu,conv3x3-bn-relu,conv3x3-bn-relu,"
    "conv3x3-bn-relu,maxpool3x3,output";

struct Known {
  std::string_view text;
  std::string_view hash;
  std::int64_t params;
};

// Ying et al. (2019): the landmarks of the table and its best cell.
constexpr Known kKnown[] = {
    {"2:1:", "043721b9c7fe8c5fad811d47d83132ec", 882570},
    {"4:2d:00", "b5fb4f6193360330b6ff6a52cbf0cad7", 20346506},
    {kInception, "28cfc7874f6d200472e1a9dcd8650aa0", 2694282},
    {"7:10ce23:10200", "02e5a0247bbdcf2860b7e96f74961594", 32426634},
    {"7:126465:02001", "00005c142e6f48ac74fdcf73e3439874", 8555530},
};

TEST_CASE("nasbench101: known cells have their official hash and number of parameters") {
  const auto space = make_space("nasbench101");
  const auto& keys = dynamic_cast<const IsomorphismKeys&>(*space);
  for (const Known& known : kKnown) {
    CAPTURE(known.text);
    const Architecture architecture = space->parse(known.text);
    CHECK(keys.isomorphism_key(architecture) == known.hash);
    CHECK(graph_cost(space->build(architecture, kCifar10)).params == known.params);
  }
}

TEST_CASE("nasbench101: small cells keep their text") {
  const auto space = make_space("nasbench101");
  for (const std::string_view text : {"2:1:", "3:5:2", "4:2d:00", "5:265:000", "7:126465:02001"}) {
    CAPTURE(text);
    const Architecture architecture = space->parse(text);
    CHECK(architecture.choices.size() == 26);
    CHECK(space->format(architecture) == text);
  }
}

TEST_CASE("nasbench101: matrix and names are the same cell as the compact text") {
  const auto space = make_space("nasbench101");
  CHECK(space->parse("0101 0010 0001 0000:input,conv3x3-bn-relu,conv1x1-bn-relu,output") ==
        space->parse("4:2d:01"));
  CHECK(space->parse("0101001000010000:input, conv3x3-bn-relu, maxpool3x3, output") ==
        space->parse("4:2d:02"));
}

NasBench101Cell random_cell(Rng& rng) {
  NasBench101Cell cell;
  cell.vertices = 2 + static_cast<int>(rng.below(6));
  cell.edges = static_cast<std::uint32_t>(
      rng.below(std::uint64_t{1} << (cell.vertices * (cell.vertices - 1) / 2)));
  for (int v = 1; v + 1 < cell.vertices; ++v) {
    cell.ops[static_cast<std::size_t>(v)] = static_cast<std::uint8_t>(rng.below(3));
  }
  return cell;
}

/// Exchanges two neighbouring inner vertices that no edge connects.
std::optional<NasBench101Cell> exchanged(const NasBench101Cell& cell, int v) {
  if (v < 1 || v + 2 >= cell.vertices || cell.has_edge(v, v + 1)) return std::nullopt;
  const auto renamed = [v](int w) { return w == v ? v + 1 : w == v + 1 ? v : w; };
  NasBench101Cell result = cell;
  std::swap(result.ops[static_cast<std::size_t>(v)], result.ops[static_cast<std::size_t>(v) + 1]);
  result.edges = 0;
  for (int to = 1; to < cell.vertices; ++to) {
    for (int from = 0; from < to; ++from) {
      if (cell.has_edge(from, to)) result.add_edge(renamed(from), renamed(to));
    }
  }
  return result;
}

TEST_CASE("nasbench101: pruning keeps exactly the vertices on paths, by brute force") {
  Rng rng({.seed = 5, .study = 0, .trial = 0, .purpose = Purpose::kTest});
  for (int i = 0; i < 2000; ++i) {
    const NasBench101Cell cell = random_cell(rng);
    // All paths from the input, by their set of vertices.
    std::uint32_t on_path = 0;
    for (std::uint32_t inner = 0; inner < 1U << (cell.vertices - 2); ++inner) {
      const std::uint32_t members = inner << 1 | 1U | 1U << (cell.vertices - 1);
      int last = 0;
      bool path = true;
      for (int v = 1; v < cell.vertices; ++v) {
        if ((members >> v & 1U) == 0) continue;
        path = path && cell.has_edge(last, v);
        last = v;
      }
      if (path) on_path |= members;
    }
    const std::optional<NasBench101Cell> result = pruned(cell);
    REQUIRE(result.has_value() == (on_path != 0));
    if (result) CHECK(result->vertices == __builtin_popcount(on_path));
    if (result) CHECK(pruned(*result) == result);
  }
}

TEST_CASE("nasbench101: the hash is the same for relabelled cells and their pruned forms") {
  Rng rng({.seed = 6, .study = 0, .trial = 0, .purpose = Purpose::kTest});
  int compared = 0;
  for (int i = 0; i < 3000; ++i) {
    const NasBench101Cell cell = random_cell(rng);
    const std::optional<NasBench101Cell> other =
        exchanged(cell, 1 + static_cast<int>(rng.below(5)));
    const std::optional<NasBench101Cell> core = pruned(cell);
    if (!core || !other) continue;
    ++compared;
    CHECK(nasbench101_hash(cell) == nasbench101_hash(*other));
    CHECK(nasbench101_hash(cell) == nasbench101_hash(*core));
    CHECK(nasbench101_hash(cell) == nasbench101_hash(widened(cell)));
    CHECK(narrowed(widened(*core)) == *core);
  }
  CHECK(compared > 300);
}

TEST_CASE("nasbench101: cells outside the benchmark are objected to") {
  const auto space = make_space("nasbench101");
  std::vector<std::uint16_t> choices(26, 0);
  CHECK(space->objection(choices) == "no path leads from input to output");
  choices.assign(26, 1);
  CHECK(space->objection(choices)->starts_with("21 edges on paths"));
  CHECK_FALSE(space->blueprint(kCifar10).has_value());
  CHECK(usage_error([&] { space->parse("7:1fffff:00000"); }).find("21 edges") != std::string::npos);
  CHECK(usage_error([&] { space->parse("4:5:00"); }).find("no path") != std::string::npos);
}

TEST_CASE("nasbench101: edges that pruning removes do not count") {
  const auto space = make_space("nasbench101");
  // Vertices 1 to 5 form a complete graph that nothing reads: 15 edges, one of them needed.
  NasBench101Cell cell;
  cell.vertices = 7;
  for (int to = 1; to < 6; ++to) {
    for (int from = 0; from < to; ++from) cell.add_edge(from, to);
  }
  cell.add_edge(0, 6);
  const Architecture architecture = space->parse(to_text(cell));
  CHECK(dynamic_cast<const IsomorphismKeys&>(*space).isomorphism_key(architecture) ==
        "043721b9c7fe8c5fad811d47d83132ec");
  CHECK(graph_cost(space->build(architecture, kCifar10)).params == 882570);
  CHECK(space->parse(space->format(architecture)) == architecture);
}

TEST_CASE("nasbench101: batch norms have the momentum of the official training") {
  const auto space = make_space("nasbench101");
  const ArchGraph graph = space->build(space->parse("4:2d:02"), kCifar10);
  int norms = 0;
  for (NodeId id = 0; id < graph.size(); ++id) {
    if (graph.op(id).name != "batch_norm") continue;
    ++norms;
    CHECK(graph.get_real(id, "momentum") == doctest::Approx(0.003));
    CHECK(graph.get_real(id, "eps") == doctest::Approx(1e-5));
  }
  CHECK(norms == 1 + 9 * 3);  // stem; projection to vertex 1, vertex 1, projection to the output
}

TEST_CASE("nasbench101: bad texts are refused with position and reason") {
  const auto space = make_space("nasbench101");
  const auto error = [&](std::string_view text) {
    return usage_error([&] { space->parse(text); });
  };
  CHECK(error("8:1:").find("the number of vertices in [2, 7]") != std::string::npos);
  CHECK(error("4:40:00").find("below 2^6") != std::string::npos);
  CHECK(error("4:zz:00").find("hexadecimal") != std::string::npos);
  CHECK(error("4:2d:03").find("operation 0, 1 or 2 of vertex 2") != std::string::npos);
  CHECK(error("4:2d:000").find("expected the end") != std::string::npos);
  CHECK(error("010001000:input,conv3x3-bn-rel,output").find("did you mean 'conv3x3-bn-relu'") !=
        std::string::npos);
  CHECK(error("0101:input,output").find("upper triangular") != std::string::npos);
  CHECK(error("010:input,output").find("square") != std::string::npos);
  Task task = kCifar10;
  task.width = 4;
  CHECK(usage_error([&] { space->build(space->parse("2:1:"), task); }).find("must be >= 5") !=
        std::string::npos);
}

}  // namespace
}  // namespace nas
