#include <algorithm>
#include <filesystem>
#include <string>

#include "core/problems/circuit_problem.h"
#include "core/quantum/hamiltonians.h"
#include "core/util/error.h"
#include "core/util/file.h"
#include "core/util/text.h"

// A cut of a graph into two parts with as many edges between them as possible: qubit k is vertex k,
// its value the part.

namespace nas {
namespace {

extern const ProblemRecord kRecord;

constexpr std::string_view kForms =
    "ring:N, complete:N, paper4, paper8 (arXiv 2401.11576), or a FILE of edges 'a,b'";

struct CutGraph {
  int vertices = 0;
  std::vector<QubitEdge> edges;
};

double best_cut(const CutGraph& graph) {
  int best = 0;
  for (std::uint64_t parts = 0; parts < std::uint64_t{1} << (graph.vertices - 1); ++parts) {
    int cut = 0;
    for (const QubitEdge& edge : graph.edges) {
      cut += static_cast<int>((parts >> edge.a ^ parts >> edge.b) & 1);
    }
    best = std::max(best, cut);
  }
  return best;
}

class MaxCut final : public CircuitProblem {
 public:
  MaxCut(ProblemData data, const Observable& observable, double best)
      : CircuitProblem(kRecord, std::move(data), observable, -best), best_(best) {}

 private:
  std::vector<NamedValue> judge_value(double value) const override {
    return {{"cut", -value}, {"cut_ratio", -value / best_}};
  }

  double best_;
};

[[noreturn]] void refuse_edge(const std::string& source, std::size_t line, const std::string& why) {
  throw Error(ErrorKind::kData, source + ", line " + std::to_string(line) + ": " + why);
}

/// "a,b" or "a b", one edge a line; "#" starts a comment.
CutGraph read_edges(const std::filesystem::path& path) {
  constexpr std::int64_t kMostVertices = 24;
  CutGraph graph;
  std::size_t number = 0;
  for (std::string line : split(read_file(path), '\n')) {
    ++number;
    line = line.substr(0, line.find('#'));
    std::replace(line.begin(), line.end(), ',', ' ');
    const std::vector<std::string> words = split_words(line);
    if (words.empty()) continue;
    const auto a = parse_int(words[0]);
    const auto b = words.size() == 2 ? parse_int(words[1]) : std::nullopt;
    if (!a && number == 1) continue;  // a heading
    if (!a || !b) refuse_edge(path.string(), number, "expected two vertices 'a,b'");
    if (*a == *b || *a < 0 || *b < 0 || std::max(*a, *b) >= kMostVertices) {
      refuse_edge(
          path.string(), number,
          "an edge joins two different vertices from 0 to " + std::to_string(kMostVertices - 1));
    }
    graph.edges.push_back({static_cast<int>(*a), static_cast<int>(*b)});
    graph.vertices = std::max(graph.vertices, static_cast<int>(std::max(*a, *b)) + 1);
  }
  if (graph.edges.empty()) throw Error(ErrorKind::kData, path.string() + ": no edges");
  return graph;
}

CutGraph ring(int n) {
  CutGraph graph{n, {}};
  for (int k = 0; k < n; ++k) {
    // Two vertices have one edge, not two.
    if (n > 2 || k == 0) graph.edges.push_back({k, (k + 1) % n});
  }
  return graph;
}

CutGraph complete(int n) {
  CutGraph graph{n, {}};
  for (int a = 0; a < n; ++a) {
    for (int b = a + 1; b < n; ++b) graph.edges.push_back({a, b});
  }
  return graph;
}

CutGraph read_graph(std::string_view argument) {
  const std::string_view word = argument.substr(0, argument.find(':'));
  if (word == "ring" || word == "complete") {
    const std::string form = std::string(word) + ":VERTICES";
    const int vertices = checked_qubits(numbers_of(argument, {0}, form)[0]);
    return word == "ring" ? ring(vertices) : complete(vertices);
  }
  if (argument == "paper4") return {4, published_graph(4)};
  if (argument == "paper8") return {8, published_graph(8)};
  return read_edges(file_of(kRecord.name, argument, kForms));
}

std::shared_ptr<const Problem> open(std::string_view spec) {
  const std::string_view argument = argument_of(spec, kForms);
  const CutGraph graph = read_graph(argument);
  const PauliSum sum = cut_hamiltonian(graph.vertices, graph.edges);
  const double best = best_cut(graph);
  ProblemData data;
  data.id = circuit_data_id("max_cut", std::filesystem::path(argument).stem().string(),
                            graph.vertices, sum.to_csv());
  data.source = std::string(spec);
  data.facts = {{"qubits", static_cast<std::int64_t>(graph.vertices)},
                {"edges", static_cast<std::int64_t>(graph.edges.size())},
                {"maximum_cut", best, "maximum cut"}};
  return std::make_shared<MaxCut>(std::move(data), Observable(sum), best);
}

constexpr MetricInfo kMetrics[] = {
    {.name = "cut",
     .title = "cut",
     .unit = "",
     .maximize = true,
     .meaning = "expected number of edges between the two parts, after the fit"},
    {.name = "cut_ratio",
     .title = "part of the maximum cut",
     .unit = "",
     .maximize = true,
     .meaning = "expected cut as a part of the maximum one"},
};

constinit const ProblemRecord kRecord =
    circuit_record("max_cut", "cut a graph in two with many edges between the parts", kMetrics);

}  // namespace

extern constinit const DataKinds max_cut_kinds{[] {
  return circuit_kinds(kRecord, std::string(kForms),
                       "the largest cut of a graph, for quantum circuits", open);
}};

}  // namespace nas
