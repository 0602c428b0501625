#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "core/api/search_space.h"
#include "core/ir/elastic_value.h"

/// The decisions of the space `darts` (Liu, Simonyan and Yang, ICLR 2019, arXiv 1806.09055).
namespace nas::darts {

constexpr int kFirstNode = 2;
constexpr int kLastNode = 5;

enum CellType : std::size_t { kNormal, kReduce };

/// The decisions of one node: which pair of inputs (not for node 2, which has one pair only), and
/// the operation on the lower and on the higher input.
struct NodeDecisions {
  std::optional<DecisionId> inputs;
  DecisionId op_low = 0;
  DecisionId op_high = 0;
};

struct InputPair {
  int low = 0;
  int high = 1;
};

/// All pairs of the nodes before `node`, in lexicographic order: 1, 3, 6, 10 for the nodes 2 to 5.
std::vector<InputPair> input_pairs(int node);

using ByNode = std::array<NodeDecisions, kLastNode + 1>;

/// The decisions of both cells and where they stand.
struct Decisions {
  std::vector<Decision> list;
  std::array<ByNode, 2> nodes{};  ///< by cell type

  Decisions();

 private:
  DecisionId add(std::string name, DecisionKind kind, std::vector<std::string> choices);
  void add_cell(const std::string& name, CellType type);
};

/// Which alternative is on the edge input -> node: 0 is `none`, 1.. the operations in order.
ElasticValue edge_selector(const NodeDecisions& decisions, int node, int input);

/// Node 2 always keeps both of its edges, so no architecture takes their `none`, which the mixtures
/// of the published supernet have. A builder leaves such alternatives out: it is given this
/// selector, which names all, and the blueprint gets that of the edge.
ElasticValue open_selector(const NodeDecisions& decisions, int node, int input);

}  // namespace nas::darts
