#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/api/cell_graph.h"
#include "core/ir/arch_graph.h"

namespace nas {

/// The operations of a network and who reads whom: what the live encoding is computed on. A cell
/// of a space and a whole graph both have this form. Vertices are in topological order.
struct OpDag {
  struct Vertex {
    std::size_t operation = 0;  ///< index into the names of the operations
    double macs = 0;
    bool nothing = false;   ///< gives zeros whatever it reads
    bool identity = false;  ///< gives what it reads, and is no work
    bool source = false;    ///< an input of the network
    bool sink = false;      ///< its value is an output
  };
  std::vector<Vertex> vertices;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> edges;  ///< from < to
  std::size_t operations = 0;                                  ///< how many names there are
};

/// A vertex that reads several adds them, as the cells of the published spaces do.
OpDag dag_of(const CellGraph& cell, std::span<const std::string> operations);
/// Primitives of a network without its identities, additions of zeros and what no output needs
/// (`reduce`). Operations are roles (OpRole).
OpDag dag_of(const ArchGraph& graph);

using Reads = std::vector<std::vector<std::uint32_t>>;  ///< by vertex: what it reads
Reads reads_of(const OpDag& dag);

/// What is left out of the counts.
enum class Pruning : std::uint8_t {
  kUnneeded,  ///< what no output needs, as every compiler of graphs removes it
  kDead,      ///< that, and what no input reaches: constants, which some compilers fold
};

/// The live encoding, shared by the predictors: the structure that is really executed.
struct LiveStructure {
  std::vector<double> counts;  ///< live vertices by operation; identities count, zeros never
  bool valid = false;          ///< some output depends on an input
  double additions = 0;        ///< of pairs of live terms
  double depth = 0;            ///< operations on the longest path, identities excluded
  double critical_macs = 0;    ///< most MACs on any path
  double work = 0;             ///< operations, identities excluded
  double parallelism = 0;      ///< work / depth; 0 without depth
  double paths = 0;            ///< from an input to an output
};
LiveStructure live_structure(const OpDag& dag, Pruning pruning);

/// By vertex: live under this pruning (zeros never are).
std::vector<bool> live_vertices(const OpDag& dag, Pruning pruning);

}  // namespace nas
