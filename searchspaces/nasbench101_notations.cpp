#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "core/util/error.h"
#include "core/util/text.h"
#include "searchspaces/nasbench101_cell.h"
#include "searchspaces/notations.h"
#include "searchspaces/python_literal.h"

// What people write for a cell of NAS-Bench-101, besides its compact form and the fields of the
// official file: matrices and lists as Python prints them, in any order of the vertices.

namespace nas {
namespace {

constexpr std::string_view kSpace = "nasbench101";
constexpr std::size_t kMostVertices = 20;  // before those on no path are removed
constexpr std::string_view kInput = "input";
constexpr std::string_view kOutput = "output";

/// A graph as it was written: operations by name, edges in any direction of the numbers.
struct DrawnCell {
  std::vector<std::string> ops;
  std::vector<std::vector<bool>> edges;  // [from][to]
  std::size_t size() const { return ops.size(); }
};

/// Vertices that can be reached from one along the edges, or against them.
std::vector<bool> reachable(const DrawnCell& cell, std::size_t start, bool forwards) {
  std::vector<bool> seen(cell.size());
  std::vector<std::size_t> open{start};
  seen[start] = true;
  while (!open.empty()) {
    const std::size_t v = open.back();
    open.pop_back();
    for (std::size_t w = 0; w < cell.size(); ++w) {
      if (seen[w] || !(forwards ? cell.edges[v][w] : cell.edges[w][v])) continue;
      seen[w] = true;
      open.push_back(w);
    }
  }
  return seen;
}

/// The vertices in an order in which edges run upwards, as written where possible, input first and
/// output last; shorter than the cell where edges form a cycle.
std::vector<std::size_t> sorted_vertices(const DrawnCell& cell) {
  std::vector<std::size_t> order;
  std::vector<bool> placed(cell.size());
  const auto ready = [&](std::size_t v) {
    for (std::size_t u = 0; u < cell.size(); ++u) {
      if (cell.edges[u][v] && !placed[u]) return false;
    }
    return !placed[v] && (cell.ops[v] != kOutput || order.size() + 1 == cell.size()) &&
           (cell.ops[v] == kInput) == order.empty();
  };
  for (std::size_t step = 0; step < cell.size(); ++step) {
    std::size_t v = 0;
    while (v < cell.size() && !ready(v)) ++v;
    if (v == cell.size()) return order;
    placed[v] = true;
    order.push_back(v);
  }
  return order;
}

DrawnCell chosen_vertices(const DrawnCell& cell, const std::vector<std::size_t>& vertices) {
  DrawnCell result;
  for (const std::size_t v : vertices) {
    result.ops.push_back(cell.ops[v]);
    std::vector<bool>& row = result.edges.emplace_back();
    for (const std::size_t w : vertices) row.push_back(cell.edges[v][w]);
  }
  return result;
}

/// Without vertices on no path where there are more than the space has.
DrawnCell small_enough(const DrawnCell& cell) {
  if (cell.size() <= NasBench101Cell::kMaxVertices) return cell;
  const auto place = [&](std::string_view op) {
    return static_cast<std::size_t>(std::find(cell.ops.begin(), cell.ops.end(), op) -
                                    cell.ops.begin());
  };
  const std::vector<bool> from_input = reachable(cell, place(kInput), true);
  const std::vector<bool> to_output = reachable(cell, place(kOutput), false);
  std::vector<std::size_t> needed;
  for (std::size_t v = 0; v < cell.size(); ++v) {
    const bool end = cell.ops[v] == kInput || cell.ops[v] == kOutput;
    if (end || (from_input[v] && to_output[v])) needed.push_back(v);
  }
  return chosen_vertices(cell, needed);
}

/// The fields of the official file: "0110...:input,...,output".
std::string official_text(const PythonText& text, DrawnCell cell) {
  const auto count = [&](std::string_view op) {
    return std::count(cell.ops.begin(), cell.ops.end(), op);
  };
  if (count(kInput) != 1 || count(kOutput) != 1) {
    text.refuse(text.root(), "expected one 'input' and one 'output' among the operations");
  }
  cell = small_enough(cell);
  if (cell.size() > NasBench101Cell::kMaxVertices) {
    text.refuse(text.root(), std::to_string(cell.size()) +
                                 " vertices on paths from input to output, at most 7 are allowed");
  }
  const std::vector<std::size_t> order = sorted_vertices(cell);
  if (order.size() != cell.size()) {
    text.refuse(text.root(), "the edges form a cycle, or lead into the input or out of the output");
  }
  cell = chosen_vertices(cell, order);
  std::string official;
  for (const std::vector<bool>& row : cell.edges) {
    for (const bool edge : row) official += edge ? '1' : '0';
  }
  return official + ":" + join(cell.ops, ",");
}

/// Also a label of the official generate_graphs.py: -1 input, -2 output, 0 conv3x3, 1 conv1x1,
/// 2 maxpool3x3.
std::string operation(const PythonText& text, const PythonLiteral& literal) {
  if (literal.is_number()) {
    const std::int64_t label = text.whole_number(literal, "a label of an operation", -2, 2);
    if (label < 0) return std::string(label == -1 ? kInput : kOutput);
    return nasbench101_operations()[static_cast<std::size_t>(label)];
  }
  if (!literal.is_text()) text.fail(literal, "the name of an operation");
  const std::string lower = to_lower(trim(literal.text));
  if (lower == kInput || lower == kOutput) return lower;
  const std::vector<std::string>& names = nasbench101_operations();
  for (const std::string& name : names) {
    // Also conv3x3, CONV1X1, maxpool3x3 and conv3x3_bn_relu.
    std::string plain = lower;
    std::replace(plain.begin(), plain.end(), '_', '-');
    if (plain == name || plain == name.substr(0, name.find('-'))) return name;
  }
  text.refuse(literal, unknown_name("operation", printable(literal.text.substr(0, 40)), names));
}

DrawnCell drawn_cell(const PythonText& text, const PythonLiteral& matrix,
                     const PythonLiteral& ops) {
  DrawnCell cell;
  if (!ops.is_list()) text.fail(ops, "a list of operations");
  for (const PythonLiteral& op : ops.items) cell.ops.push_back(operation(text, op));
  std::vector<std::int64_t> entries;
  if (matrix.is_text()) {  // a string of digits
    for (const char c : matrix.text) {
      if (c == '0' || c == '1') entries.push_back(c - '0');
    }
  } else {
    entries = text.whole_numbers(matrix);
  }
  std::size_t size = 0;
  while (size * size < entries.size()) ++size;
  if (size == cell.ops.size() + 2) {  // the inner operations only
    cell.ops.insert(cell.ops.begin(), std::string(kInput));
    cell.ops.emplace_back(kOutput);
  }
  if (size * size != entries.size() || size != cell.size() || size > kMostVertices) {
    text.fail(matrix, "a square matrix with a row for each of the " + std::to_string(cell.size()) +
                          " operations");
  }
  cell.edges.assign(size, std::vector<bool>(size));
  for (std::size_t i = 0; i < entries.size(); ++i) {
    if (entries[i] != 0 && entries[i] != 1) text.fail(matrix, "entries of 0 or 1");
    cell.edges[i / size][i % size] = entries[i] == 1;
  }
  return cell;
}

/// {'module_adjacency': ..., 'module_operations': ...}, ModelSpec(matrix=..., ops=...), or a pair.
std::string from_matrix_and_operations(std::string_view source_text) {
  const PythonText text(kSpace, source_text);
  constexpr std::array<std::string_view, 7> kMatrix{"module_adjacency", "matrix", "adjacency",
                                                    "adjacency_matrix", "adj",    "adj_matrix",
                                                    "adjmatrix"};
  constexpr std::array<std::string_view, 5> kOps{"module_operations", "ops", "operations", "labels",
                                                 "op_list"};
  const PythonLiteral& root = text.root();
  const PythonLiteral* matrix = root.member(kMatrix);
  const PythonLiteral* ops = root.member(kOps);
  if (matrix == nullptr && ops == nullptr && root.items.size() == 2) {
    matrix = &root.items[0];
    ops = &root.items[1];
  }
  if (matrix == nullptr || ops == nullptr) {
    text.fail(root,
              "a matrix and operations: 'module_adjacency' and 'module_operations', or "
              "'matrix' and 'ops'");
  }
  if (ops->is_text()) {  // "input,conv3x3-bn-relu,output", as in a table
    PythonLiteral names;
    names.kind = PythonLiteral::Kind::kList;
    std::string words = ops->text;
    for (char& c : words) {
      if (std::string_view("[]()'\",;").find(c) != std::string_view::npos) c = ' ';
    }
    for (const std::string& word : split_words(words)) {
      PythonLiteral& name = names.items.emplace_back();
      name.kind = PythonLiteral::Kind::kText;
      name.text = word;
      name.position = ops->position;
    }
    return official_text(text, drawn_cell(text, *matrix, names));
  }
  return official_text(text, drawn_cell(text, *matrix, *ops));
}

std::string from_naslib(std::string_view source_text) {
  const PythonText text(kSpace, source_text);
  const std::vector<std::int64_t> numbers = text.whole_numbers(text.root());
  std::size_t vertices = 2;
  while (vertices < 8 && vertices * (vertices + 1) != numbers.size()) ++vertices;
  if (vertices > 7) {
    text.fail(text.root(), "V * V adjacency entries and V operations, V = 2..7");
  }
  const std::vector<std::string> names{std::string(kInput), std::string(kOutput), "maxpool3x3",
                                       "conv1x1-bn-relu", "conv3x3-bn-relu"};
  DrawnCell cell;
  for (std::size_t v = 0; v < vertices; ++v) {
    std::vector<bool>& row = cell.edges.emplace_back();
    for (std::size_t w = 0; w < vertices; ++w) {
      const std::int64_t entry = numbers[v * vertices + w];
      if (entry != 0 && entry != 1) text.fail(text.root(), "adjacency entries of 0 or 1");
      row.push_back(entry == 1);
    }
    const std::int64_t op = numbers[vertices * vertices + v];
    if (op < 0 || op > 4) text.fail(text.root(), "operations from 0 to 4");
    cell.ops.push_back(names[static_cast<std::size_t>(op)]);
  }
  return official_text(text, std::move(cell));
}

constexpr std::array<Notation, 2> kNotations{{
    {"matrix_and_operations",
     "the official code: adjacency matrix and operations (or labels, -1 input to -2 output) as a "
     "dictionary, ModelSpec(...) or a pair",
     "{'module_adjacency': array([[0, 1, 1], [0, 0, 1], [0, 0, 0]], dtype=int8), "
     "'module_operations': ['input', 'conv3x3-bn-relu', 'output']}",
     [](std::string_view text) {
       const PythonShape shape = python_shape(text);
       const bool labels = shape == PythonShape::kNumbers &&
                           text.find("-1") != std::string_view::npos &&
                           text.find("-2") != std::string_view::npos;
       const bool pair =
           labels || (shape == PythonShape::kNames && text.find("]:") == std::string_view::npos);
       return pair || shape == PythonShape::kDict || shape == PythonShape::kCall;
     },
     from_matrix_and_operations},
    {"naslib_nb101",
     "NASLib: adjacency row by row, then 0 input, 1 output, 2 maxpool3x3, 3 conv1x1, 4 conv3x3",
     "(0, 1, 1, 0, 0, 1, 0, 0, 0, 0, 4, 1)",
     [](std::string_view text) {
       return python_shape(text) == PythonShape::kNumbers &&
              text.find(':') == std::string_view::npos;
     },
     from_naslib},
}};

}  // namespace

std::span<const Notation> nasbench101_notations() {
  return kNotations;
}

}  // namespace nas
