#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/util/error.h"
#include "core/util/text.h"
#include "searchspaces/darts_genotype.h"
#include "searchspaces/notation_reader.h"
#include "searchspaces/notations.h"
#include "searchspaces/python_literal.h"

// What people write for the two cells of DARTS, besides the compact form: the authors' named tuple
// with the variations that later repositories gave it, the keys of NAS-Bench-301, the numbers of
// NASLib.

namespace nas {
namespace {

constexpr std::string_view kSpace = "darts";
constexpr std::size_t kNodes = 4;
constexpr std::size_t kPairs = 2 * kNodes;

std::uint8_t operation(const PythonText& text, const PythonLiteral& literal) {
  if (literal.kind == PythonLiteral::Kind::kNone) {
    text.refuse(literal, no_operation_reason("none"));
  }
  if (!literal.is_text()) text.fail(literal, "the name of an operation");
  if (is_no_operation(literal.text)) text.refuse(literal, no_operation_reason(literal.text));
  const std::vector<std::string>& names = darts_operations();
  const std::size_t known = position_of(trim(literal.text), names);
  if (known == names.size()) {
    text.refuse(literal, unknown_name("operation", printable(literal.text.substr(0, 40)), names));
  }
  return static_cast<std::uint8_t>(known);
}

/// (operation, input), (input, operation), (operation, input, weight).
bool is_pair(const PythonLiteral& literal) {
  if (!literal.is_list() || literal.items.size() < 2) return false;
  const auto names = [](const PythonLiteral& item) {
    return item.is_text() || item.kind == PythonLiteral::Kind::kNone;
  };
  return (names(literal.items[0]) && literal.items[1].is_number()) ||
         (literal.items[0].is_number() && names(literal.items[1]));
}

/// The pairs of a cell, which may come in lists of two by node.
std::vector<const PythonLiteral*> pairs_of(const PythonText& text, const PythonLiteral& cell,
                                           const std::string& field) {
  if (!cell.is_list()) text.fail(cell, "the pairs (operation, input) of '" + field + "'");
  std::vector<const PythonLiteral*> pairs;
  for (const PythonLiteral& item : cell.items) {
    if (is_pair(item)) {
      pairs.push_back(&item);
      continue;
    }
    if (!item.is_list() || item.items.size() != 2) {
      text.fail(item, "a pair (operation, input), or the two pairs of a node");
    }
    for (const PythonLiteral& pair : item.items) {
      if (!is_pair(pair)) text.fail(pair, "a pair (operation, input)");
      pairs.push_back(&pair);
    }
  }
  if (pairs.size() != kPairs) {
    text.refuse(cell, "'" + field + "' has " + std::to_string(pairs.size()) +
                          " pairs, expected 8: two inputs of each of the nodes 2 to 5");
  }
  return pairs;
}

DartsCell read_cell(const PythonText& text, const PythonLiteral& literal,
                    const std::string& field) {
  DartsCell cell;
  const std::vector<const PythonLiteral*> pairs = pairs_of(text, literal, field);
  for (std::size_t i = 0; i < kPairs; ++i) {
    const std::vector<PythonLiteral>& pair = pairs[i]->items;
    const std::size_t number = pair[0].is_number() ? 0 : 1;
    const auto node = static_cast<std::int64_t>(2 + i / 2);
    DartsEdge& edge = cell.nodes[i / 2][i % 2];
    edge.op = operation(text, pair[1 - number]);
    edge.input = static_cast<std::uint8_t>(
        text.whole_number(pair[number], "an input of node " + std::to_string(node), 0, node - 1));
    if (i % 2 == 0) continue;
    DartsEdge& first = cell.nodes[i / 2][0];
    if (first.input == edge.input) {
      text.fail(*pairs[i], "two different inputs of node " + std::to_string(node));
    }
    if (first.input > edge.input) std::swap(first, edge);
  }
  return cell;
}

/// Only the concatenation of all four nodes is in the space; where the field is missing it is
/// meant.
void check_concat(const PythonText& text, const PythonLiteral* concat) {
  if (concat == nullptr || concat->kind == PythonLiteral::Kind::kNone) return;
  const std::vector<std::int64_t> nodes = text.whole_numbers(*concat);
  if (std::set(nodes.begin(), nodes.end()) == std::set<std::int64_t>{2, 3, 4, 5}) return;
  text.fail(*concat, "the concatenation of nodes 2 to 5, which is the only one of this space");
}

/// From "Genotype(" on, where words without brackets stand before it: a line of the authors' log,
/// "03/04 10:11:12 AM genotype = Genotype(...)".
std::string_view without_log_words(std::string_view text) {
  const std::size_t call = text.find("Genotype(");
  if (call == std::string_view::npos) return text;
  const bool words = text.substr(0, call).find_first_of("([{'\"|#") == std::string_view::npos;
  return words ? text.substr(call) : text;
}

/// Genotype(normal=..., normal_concat=..., reduce=..., reduce_concat=...), a dictionary of these,
/// or the two cells in a list.
std::string from_genotype(std::string_view source_text) {
  source_text = without_log_words(source_text);
  const PythonText text(kSpace, source_text);
  const PythonLiteral* root = &text.root();
  if (const PythonLiteral* inner = root->member("genotype")) {  // a record around it
    if (inner->is_text()) return from_genotype(inner->text);
    root = inner;
  }
  constexpr std::array<std::string_view, 2> kNormal{"normal", "normal_cell"};
  constexpr std::array<std::string_view, 3> kReduce{"reduce", "reduce_cell", "reduction"};
  const PythonLiteral* normal = root->member(kNormal);
  const PythonLiteral* reduce = root->member(kReduce);
  const PythonLiteral* normal_concat = root->member("normal_concat");
  const PythonLiteral* reduce_concat = root->member("reduce_concat");
  const std::vector<PythonLiteral>& items = root->items;
  if (normal == nullptr && reduce == nullptr && (items.size() == 2 || items.size() >= 4)) {
    normal = &items[0];
    reduce = &items[items.size() == 2 ? 1 : 2];
    if (items.size() >= 4) {
      normal_concat = &items[1];
      reduce_concat = &items[3];
    }
  }
  if (normal == nullptr || reduce == nullptr) {
    text.fail(*root, normal == nullptr ? "a field 'normal'" : "a field 'reduce'");
  }
  const DartsCell normal_cell = read_cell(text, *normal, "normal");
  check_concat(text, normal_concat);
  const DartsCell reduce_cell = read_cell(text, *reduce, "reduce");
  check_concat(text, reduce_concat);
  return to_text(DartsGenotype{normal_cell, reduce_cell});
}

[[noreturn]] void fail_key(const std::string& text) {
  throw Error(ErrorKind::kUsage, std::string(kSpace) + ": NAS-Bench-301 form: " + text);
}

using Configuration = std::map<std::string, std::string, std::less<>>;

bool is_key_value_form(std::string_view text) {
  return text.find("edge_normal_") != std::string_view::npos;
}

/// The keys of cells and network, without their "NetworkSelectorDatasetInfo:darts:" prefix; others,
/// of training and data, do not matter.
Configuration read_configuration(std::string_view text) {
  static const std::set<std::string, std::less<>> kNetwork{"init_channels", "layers", "auxiliary"};
  std::string plain(text);
  for (char& c : plain) {
    if (std::string_view("{}[]\"',=\n\r\t").find(c) != std::string_view::npos) c = ' ';
  }
  std::vector<std::string> words;
  for (std::string& word : split_words(plain)) {
    while (word.ends_with(':')) word.pop_back();
    if (!word.empty()) words.push_back(std::move(word));
  }
  Configuration configuration;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string key = words[i].substr(words[i].rfind(':') + 1);
    const bool cell = key.starts_with("edge_") || key.starts_with("inputs_node_");
    const bool network = kNetwork.contains(key) && words[i].ends_with("darts:" + key);
    if (!cell && !network) continue;
    if (++i == words.size()) fail_key("the key '" + printable(key) + "' has no value");
    if (!configuration.emplace(key, words[i]).second) {
      fail_key("the key '" + printable(key) + "' is given twice");
    }
  }
  return configuration;
}

/// The two inputs of `node`: "0_2" under `key`; node 2 has no key and always reads 0 and 1.
std::array<std::uint8_t, 2> configured_inputs(const Configuration& configuration,
                                              const std::string& key, std::int64_t node) {
  if (node == 2) return {0, 1};
  const auto found = configuration.find(key);
  if (found == configuration.end()) fail_key("the key '" + key + "' is missing");
  const std::vector<std::string> parts = split(found->second, '_');
  const auto low = parts.size() == 2 ? parse_int(parts[0]) : std::nullopt;
  const auto high = parts.size() == 2 ? parse_int(parts[1]) : std::nullopt;
  if (!low || !high || *low < 0 || *low >= *high || *high >= node) {
    fail_key(key + " = '" + printable(found->second) + "', expected i_j with i < j < " +
             std::to_string(node));
  }
  return {static_cast<std::uint8_t>(*low), static_cast<std::uint8_t>(*high)};
}

DartsCell configured_cell(const Configuration& configuration, const std::string& type) {
  constexpr std::array<int, 4> kFirstEdge{0, 2, 5, 9};  // number of edge 0 -> node
  DartsCell cell;
  for (std::size_t n = 0; n < cell.nodes.size(); ++n) {
    const std::string inputs_key = "inputs_node_" + type + "_" + std::to_string(n + 2);
    const auto inputs =
        configured_inputs(configuration, inputs_key, static_cast<std::int64_t>(n) + 2);
    for (std::size_t i = 0; i < 2; ++i) {
      const std::string key = "edge_" + type + "_" + std::to_string(kFirstEdge[n] + inputs[i]);
      const auto found = configuration.find(key);
      if (found == configuration.end()) fail_key("the key '" + key + "' is missing");
      const auto& names = darts_operations();
      const auto op = std::find(names.begin(), names.end(), found->second);
      if (is_no_operation(found->second)) fail_key(key + ": " + no_operation_reason(found->second));
      if (op == names.end()) {
        fail_key(key + ": " + unknown_name("operation", printable(found->second), names));
      }
      cell.nodes[n][i] = {static_cast<std::uint8_t>(op - names.begin()), inputs[i]};
    }
  }
  return cell;
}

std::string from_configuration(std::string_view text) {
  const Configuration configuration = read_configuration(text);
  return to_text(DartsGenotype{configured_cell(configuration, "normal"),
                               configured_cell(configuration, "reduce")});
}

/// Two cells of eight (input, operation) pairs of numbers.
std::string from_naslib(std::string_view source_text) {
  const PythonText text(kSpace, source_text);
  const std::vector<std::int64_t> numbers = text.whole_numbers(text.root());
  if (numbers.size() != 4 * kPairs) {
    text.fail(text.root(), "two cells of eight (input, operation) pairs");
  }
  const std::vector<std::string>& names = darts_operations();
  std::string compact;
  for (std::size_t i = 0; i < 2 * kPairs; ++i) {
    const std::int64_t input = numbers[2 * i], op = numbers[2 * i + 1];
    if (op < 0 || op >= static_cast<std::int64_t>(names.size())) {
      text.fail(text.root(), "operations of at most 6");
    }
    if (i > 0) compact += i == kPairs ? " ; " : " ";
    compact += names[static_cast<std::size_t>(op)] + ":" + std::to_string(input);
  }
  return compact;
}

constexpr std::array<Notation, 3> kNotations{{
    {"nb301", "NAS-Bench-301's keys: edge_normal_0 and inputs_node_normal_3 with their values",
     "{'inputs_node_normal_3': '0_1', 'inputs_node_normal_4': '0_1', 'inputs_node_normal_5': "
     "'0_2', 'edge_normal_0': 'sep_conv_3x3', 'edge_normal_1': 'skip_connect', 'edge_normal_2': "
     "'sep_conv_3x3', 'edge_normal_3': 'sep_conv_3x3', 'edge_normal_5': 'skip_connect', "
     "'edge_normal_6': 'sep_conv_3x3', 'edge_normal_9': 'skip_connect', 'edge_normal_11': "
     "'dil_conv_3x3', 'inputs_node_reduce_3': '0_1', 'inputs_node_reduce_4': '0_1', "
     "'inputs_node_reduce_5': '0_1', 'edge_reduce_0': 'max_pool_3x3', 'edge_reduce_1': "
     "'max_pool_3x3', 'edge_reduce_2': 'max_pool_3x3', 'edge_reduce_3': 'max_pool_3x3', "
     "'edge_reduce_5': 'max_pool_3x3', 'edge_reduce_6': 'max_pool_3x3', 'edge_reduce_9': "
     "'max_pool_3x3', 'edge_reduce_10': 'max_pool_3x3'}",
     is_key_value_form, from_configuration},
    {"genotype",
     "the authors' Genotype(normal=[(operation, input), ...], ...), pairs also by node or with "
     "weights, or a dictionary of its fields",
     "Genotype(normal=[('sep_conv_3x3', 0), ('skip_connect', 1), ('sep_conv_3x3', 0), "
     "('sep_conv_3x3', 1), ('skip_connect', 0), ('sep_conv_3x3', 1), ('skip_connect', 0), "
     "('dil_conv_3x3', 2)], reduce=[('max_pool_3x3', 0), ('max_pool_3x3', 1), ('skip_connect', 2), "
     "('max_pool_3x3', 1), ('max_pool_3x3', 0), ('skip_connect', 2), ('skip_connect', 2), "
     "('max_pool_3x3', 1)])",
     [](std::string_view text) {
       const PythonShape shape = python_shape(without_log_words(text));
       return shape == PythonShape::kCall || shape == PythonShape::kDict ||
              shape == PythonShape::kNames;
     },
     from_genotype},
    {"naslib_darts",
     "NASLib: [[(input, op), ...8], [...8]], 0 max_pool, 1 avg_pool, 2 skip, 3 sep3, 4 sep5, "
     "5 dil3, 6 dil5",
     "(((0, 3), (1, 2), (0, 3), (1, 3), (0, 2), (1, 3), (0, 2), (2, 5)), ((0, 0), (1, 0), (1, 0), "
     "(2, 2), (0, 0), (2, 2), (1, 0), (2, 2)))",
     [](std::string_view text) { return python_shape(text) == PythonShape::kNumbers; },
     from_naslib},
}};

}  // namespace

std::span<const Notation> darts_notations() {
  return kNotations;
}

StatedNetwork stated_darts_network(std::string_view text) {
  StatedNetwork network;
  if (!is_key_value_form(text)) return network;
  const Configuration configuration = read_configuration(text);
  const auto count = [&](const char* key) -> std::int64_t {
    constexpr std::int64_t kMost = 4096;
    const auto found = configuration.find(key);
    if (found == configuration.end()) return 0;
    const auto value = parse_int(found->second);
    if (!value || *value < 1 || *value > kMost) {
      fail_key(std::string(key) + " = '" + printable(found->second) +
               "', expected a whole number in [1, 4096]");
    }
    return *value;
  };
  network.width = count("init_channels");
  network.depth = count("layers");
  const auto found = configuration.find("auxiliary");
  if (found == configuration.end()) return network;
  const std::string word = to_lower(found->second);
  if (word != "true" && word != "false") {
    fail_key("auxiliary = '" + printable(found->second) + "', expected True or False");
  }
  network.auxiliary = word == "true";
  return network;
}

}  // namespace nas
