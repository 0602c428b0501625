#include <array>
#include <cctype>
#include <string>
#include <utility>
#include <vector>

#include "core/util/text.h"
#include "searchspaces/notation_reader.h"
#include "searchspaces/notations.h"
#include "searchspaces/python_literal.h"

// What people write for a cell of NAS-Bench-201, besides its own string.

namespace nas {
namespace {

constexpr std::string_view kSpace = "nasbench201";
constexpr std::size_t kNodes = 4;
constexpr std::size_t kEdges = 6;
/// In the order of the official digits.
const std::vector<std::string> kOperations{"none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3",
                                           "avg_pool_3x3"};
/// Other names of the operations: AutoDL's search code, NNI, NASLib.
const std::vector<std::pair<std::string, std::size_t>> kAliases{
    {"zero", 0},       {"zeroize", 0}, {"identity", 1},      {"skip", 1},
    {"conv_1x1", 2},   {"conv1x1", 2}, {"reluconvbn1x1", 2}, {"nor_conv1x1", 2},
    {"conv_3x3", 3},   {"conv3x3", 3}, {"reluconvbn3x3", 3}, {"nor_conv3x3", 3},
    {"avg_pool", 4},   {"avgpool", 4}, {"avgpool3x3", 4},    {"avg_pool3x3", 4},
    {"avgpool1x1", 4}, {"pool_3x3", 4}};

using Cell = std::array<std::size_t, kEdges>;  // operations in string order

constexpr std::size_t edge_index(std::size_t source, std::size_t target) {
  return target * (target - 1) / 2 + source;
}

std::string cell_text(const Cell& cell) {
  std::string text;
  for (std::size_t target = 1; target < kNodes; ++target) {
    text += target > 1 ? "+|" : "|";
    for (std::size_t source = 0; source < target; ++source) {
      text += kOperations[cell[edge_index(source, target)]] + "~" + std::to_string(source) + "|";
    }
  }
  return text;
}

std::size_t operation(const PythonText& text, const PythonLiteral& literal) {
  if (literal.kind == PythonLiteral::Kind::kNone) return 0;
  if (!literal.is_text()) text.fail(literal, "the name of an operation");
  const std::size_t known = position_of(literal.text, kOperations);
  if (known < kOperations.size()) return known;
  const std::string lower = to_lower(literal.text);
  for (const auto& [name, op] : kAliases) {
    if (name == lower) return op;
  }
  text.refuse(literal,
              unknown_name("operation", printable(literal.text.substr(0, 40)), kOperations));
}

/// AutoDL: "Structure(4 nodes with |op~0|+|op~0|op~1|+|op~0|op~1|op~2|)".
std::string from_structure(std::string_view text) {
  const std::size_t begin = text.find('|');
  const std::size_t end = text.rfind('|');
  if (begin == std::string_view::npos) return std::string(text);  // parse says what is missing
  return std::string(text.substr(begin, end - begin + 1));
}

/// AutoDL: for each node the (operation, source) pairs of its inputs. Or, as naszilla's
/// get_op_list gives them, the six operations in the order of the string.
std::string from_nodes(std::string_view source_text) {
  const PythonText text(kSpace, source_text);
  const PythonLiteral& root = text.root();
  if (root.items.size() == kEdges) {
    Cell cell{};
    for (std::size_t i = 0; i < kEdges; ++i) cell[i] = operation(text, root.items[i]);
    return cell_text(cell);
  }
  if (root.items.size() != kNodes - 1) {
    text.fail(root,
              "the inputs of the nodes 1, 2 and 3: three lists of (operation, source), or six "
              "operations");
  }
  Cell cell{};
  for (std::size_t target = 1; target < kNodes; ++target) {
    const PythonLiteral& node = root.items[target - 1];
    const bool single = target == 1 && node.items.size() == 2 && node.items[0].is_text();
    const std::vector<PythonLiteral> pairs = single ? std::vector<PythonLiteral>{node} : node.items;
    if (pairs.size() != target) {
      text.fail(node, std::to_string(target) + " (operation, source) pairs of node " +
                          std::to_string(target));
    }
    std::vector<bool> seen(target);
    for (const PythonLiteral& pair : pairs) {
      if (pair.items.size() < 2) text.fail(pair, "a pair (operation, source)");
      const std::size_t first = pair.items[0].is_text() ? 0 : 1;
      const auto source = static_cast<std::size_t>(text.whole_number(
          pair.items[1 - first], "a source", 0, static_cast<std::int64_t>(target) - 1));
      if (seen[source]) text.fail(pair, "each source once");
      seen[source] = true;
      cell[edge_index(source, target)] = operation(text, pair.items[first]);
    }
  }
  return cell_text(cell);
}

/// Source and target of "0_1", "cell/0->1" or "1<-0".
std::pair<std::size_t, std::size_t> edge_of(const PythonText& text, const std::string& key) {
  std::vector<std::size_t> nodes;
  for (const char c : key) {
    if (std::isdigit(static_cast<unsigned char>(c)) != 0) {
      nodes.push_back(static_cast<std::size_t>(c - '0'));
    }
  }
  const bool enough = nodes.size() >= 2;
  std::size_t source = enough ? nodes[nodes.size() - 2] : 0;
  std::size_t target = enough ? nodes.back() : 0;
  if (key.find("<-") != std::string::npos) std::swap(source, target);
  if (source >= target || target >= kNodes) {
    text.refuse(text.root(), "'" + printable(key.substr(0, 40)) +
                                 "' is not an edge; expected 0_1, 0_2, 1_2, 0_3, 1_3, 2_3 or "
                                 "1<-0, 2<-0, ...");
  }
  return {source, target};
}

/// A configuration of NATS-Bench with the cell's string in it, or an operation for each edge.
std::string from_dictionary(std::string_view source_text) {
  const PythonText text(kSpace, source_text);
  constexpr std::array<std::string_view, 4> kStrings{"arch_str", "arch", "architecture",
                                                     "genotype"};
  if (const PythonLiteral* string = text.root().member(kStrings)) {
    if (!string->is_text()) text.fail(*string, "the cell's string, |op~0|+|op~0|op~1|+...");
    return from_structure(string->text);
  }
  Cell cell{};
  std::array<bool, kEdges> seen{};
  for (const auto& [key, value] : text.root().members) {
    const auto [source, target] = edge_of(text, key);
    if (seen[edge_index(source, target)]) {
      text.refuse(value, "the edge " + std::to_string(source) + "_" + std::to_string(target) +
                             " is given twice");
    }
    cell[edge_index(source, target)] = operation(text, value);
    seen[edge_index(source, target)] = true;
  }
  for (std::size_t target = 1; target < kNodes; ++target) {
    for (std::size_t source = 0; source < target; ++source) {
      if (seen[edge_index(source, target)]) continue;
      text.refuse(text.root(), "the edge " + std::to_string(source) + "_" + std::to_string(target) +
                                   " is missing; expected six edges or a member 'arch_str'");
    }
  }
  return cell_text(cell);
}

Cell digits_of(std::string_view source_text) {
  Cell cell{};
  const std::string_view bare = trim(source_text);
  std::vector<std::int64_t> digits;
  const PythonText text(kSpace, source_text);
  if (bare.find_first_not_of("0123456789") == std::string_view::npos) {
    for (const char c : bare) digits.push_back(c - '0');
  } else {
    digits = text.whole_numbers(text.root());
  }
  bool fits = digits.size() == kEdges;
  for (const std::int64_t digit : digits) fits = fits && digit >= 0 && digit <= 4;
  if (!fits) text.fail(text.root(), "six digits from 0 to 4");
  for (std::size_t i = 0; i < kEdges; ++i) cell[i] = static_cast<std::size_t>(digits[i]);
  return cell;
}

std::string from_digits(std::string_view text) {
  return cell_text(digits_of(text));
}

std::string from_naslib(std::string_view text) {
  constexpr Cell kOfficial{1, 0, 3, 2, 4, 0};
  constexpr Cell kPosition{0, 1, 3, 2, 4, 5};
  const Cell digits = digits_of(text);
  Cell cell{};
  for (std::size_t i = 0; i < kEdges; ++i) cell[i] = kOfficial[digits[kPosition[i]]];
  return cell_text(cell);
}

bool six_digits(std::string_view text) {
  return text.size() == kEdges && text.find_first_not_of("01234") == std::string_view::npos;
}

constexpr std::array<Notation, 5> kNotations{{
    {"structure", "AutoDL's search code: its string inside Structure(...)",
     "Structure(4 nodes with |nor_conv_3x3~0|+|none~0|skip_connect~1|+|none~0|none~1|"
     "avg_pool_3x3~2|)",
     [](std::string_view text) {
       return text.find('|') != std::string_view::npos && !text.starts_with('|') &&
              python_shape(text) != PythonShape::kDict;
     },
     from_structure},
    {"nodes",
     "AutoDL's genotype: (operation, source) pairs of the nodes 1, 2, 3; or six operations",
     "((('nor_conv_3x3', 0),), (('none', 0), ('skip_connect', 1)), (('none', 0), ('none', 1), "
     "('avg_pool_3x3', 2)))",
     [](std::string_view text) {
       return python_shape(text) == PythonShape::kNames && text.find('|') == std::string_view::npos;
     },
     from_nodes},
    {"edges", "an operation for each edge by name, 0_1 or 1<-0; or a configuration with 'arch_str'",
     "{'0_1': 'nor_conv_3x3', '0_2': 'none', '1_2': 'skip_connect', '0_3': 'none', '1_3': 'none', "
     "'2_3': 'avg_pool_3x3'}",
     [](std::string_view text) { return python_shape(text) == PythonShape::kDict; },
     from_dictionary},
    {"naslib_nb201",
     "NASLib: 0 skip, 1 none, 2 conv3x3, 3 conv1x1, 4 pool for the edges 01, 02, 03, 12, 13, 23",
     "(2, 1, 1, 0, 1, 4)",
     [](std::string_view text) {
       return six_digits(text) || python_shape(text) == PythonShape::kNumbers;
     },
     from_naslib},
    {"nasbench201_digits",
     "official digits in string order: 0 none, 1 skip, 2 conv1x1, 3 conv3x3, 4 pool", "301004",
     six_digits, from_digits},
}};

}  // namespace

std::span<const Notation> nasbench201_notations() {
  return kNotations;
}

}  // namespace nas
