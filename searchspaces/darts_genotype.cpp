#include "searchspaces/darts_genotype.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <utility>

#include "core/util/error.h"
#include "core/util/text.h"
#include "searchspaces/notation_reader.h"

namespace nas {

namespace {

constexpr std::string_view kSpace = "darts";
constexpr std::size_t kPairs = 8;

struct PublishedCell {
  std::string_view name;
  std::string_view text;
};

// Liu, Simonyan and Yang, ICLR 2019, arXiv 1806.09055 (DARTS); Xu et al., ICLR 2020, arXiv
// 1907.05737 (PC-DARTS).
constexpr PublishedCell kPublished[] = {
    {"DARTS_V1",
     "sep_conv_3x3:1 sep_conv_3x3:0 | skip_connect:0 sep_conv_3x3:1 | skip_connect:0 "
     "sep_conv_3x3:1 |"
     "sep_conv_3x3:0 skip_connect:2 ;"
     "max_pool_3x3:0 max_pool_3x3:1 | skip_connect:2 max_pool_3x3:0 | max_pool_3x3:0 "
     "skip_connect:2 |"
     "skip_connect:2 avg_pool_3x3:0"},
    {"DARTS_V2",
     "sep_conv_3x3:0 sep_conv_3x3:1 | sep_conv_3x3:0 sep_conv_3x3:1 | sep_conv_3x3:1 "
     "skip_connect:0 |"
     "skip_connect:0 dil_conv_3x3:2 ;"
     "max_pool_3x3:0 max_pool_3x3:1 | skip_connect:2 max_pool_3x3:1 | max_pool_3x3:0 "
     "skip_connect:2 |"
     "skip_connect:2 max_pool_3x3:1"},
    {"PC_DARTS_cifar",
     "sep_conv_3x3:1 skip_connect:0 | sep_conv_3x3:0 dil_conv_3x3:1 | sep_conv_5x5:0 "
     "sep_conv_3x3:1 |"
     "avg_pool_3x3:0 dil_conv_3x3:1 ;"
     "sep_conv_5x5:1 max_pool_3x3:0 | sep_conv_5x5:1 sep_conv_5x5:2 | sep_conv_3x3:0 "
     "sep_conv_3x3:3 |"
     "sep_conv_3x3:1 sep_conv_3x3:2"},
    {"PC_DARTS_image",
     "skip_connect:1 sep_conv_3x3:0 | sep_conv_3x3:0 skip_connect:1 | sep_conv_3x3:1 "
     "sep_conv_3x3:3 |"
     "sep_conv_3x3:1 dil_conv_5x5:4 ;"
     "sep_conv_3x3:0 skip_connect:1 | dil_conv_5x5:2 max_pool_3x3:1 | sep_conv_3x3:2 "
     "sep_conv_3x3:1 |"
     "sep_conv_5x5:0 sep_conv_3x3:3"},
};

/// Node of the p-th pair of a cell.
std::int64_t node_of(std::size_t pair) {
  return 2 + static_cast<std::int64_t>(pair / 2);
}

std::uint8_t read_operation(NotationReader& reader) {
  return static_cast<std::uint8_t>(reader.choice("operation", darts_operations()));
}

std::uint8_t read_input(NotationReader& reader, std::size_t pair) {
  const std::int64_t node = node_of(pair);
  return static_cast<std::uint8_t>(
      reader.integer("an input of node " + std::to_string(node), 0, node - 1));
}

/// Puts a pair into its node; the second one of a node must come from elsewhere.
void store(NotationReader& reader, DartsCell& cell, std::size_t pair, const DartsEdge& edge) {
  std::array<DartsEdge, 2>& node = cell.nodes[pair / 2];
  node[pair % 2] = edge;
  if (pair % 2 == 0) return;
  if (node[0].input == node[1].input) {
    reader.fail("two different inputs of node " + std::to_string(node_of(pair)) + " before");
  }
  if (node[0].input > node[1].input) std::swap(node[0], node[1]);
}

DartsCell read_compact_cell(NotationReader& reader) {
  DartsCell cell;
  for (std::size_t pair = 0; pair < kPairs; ++pair) {
    reader.skip_blanks();
    if (pair > 0 && pair % 2 == 0 && reader.take("|")) reader.skip_blanks();
    const std::uint8_t op = read_operation(reader);
    reader.expect(":");
    store(reader, cell, pair, {op, read_input(reader, pair)});
  }
  reader.skip_blanks();
  return cell;
}

DartsGenotype parse_compact(std::string_view text) {
  NotationReader reader(kSpace, text);
  DartsGenotype genotype;
  genotype.normal = read_compact_cell(reader);
  reader.expect(";");
  genotype.reduce = read_compact_cell(reader);
  reader.expect_end();
  return genotype;
}

/// The authors' named tuple.
class PythonReader {
 public:
  explicit PythonReader(std::string_view text) : reader_(kSpace, text) {}

  DartsGenotype read() {
    DartsGenotype genotype;
    symbol("Genotype");
    symbol("(");
    genotype.normal = read_cell("normal");
    symbol(",");
    read_concat("normal_concat");
    symbol(",");
    genotype.reduce = read_cell("reduce");
    symbol(",");
    read_concat("reduce_concat");
    reader_.skip_blanks();
    reader_.take(",");
    symbol(")");
    reader_.skip_blanks();
    reader_.expect_end();
    return genotype;
  }

 private:
  void symbol(std::string_view token) {
    reader_.skip_blanks();
    reader_.expect(token);
  }

  DartsCell read_cell(std::string_view field) {
    symbol(field);
    symbol("=");
    symbol("[");
    DartsCell cell;
    for (std::size_t pair = 0; pair < kPairs; ++pair) {
      if (pair > 0) symbol(",");
      symbol("(");
      reader_.skip_blanks();
      const std::string_view quote = reader_.take("\"") ? "\"" : "'";
      if (quote == "'") reader_.expect("'");
      const std::uint8_t op = read_operation(reader_);
      reader_.expect(quote);
      symbol(",");
      reader_.skip_blanks();
      store(reader_, cell, pair, {op, read_input(reader_, pair)});
      symbol(")");
    }
    reader_.skip_blanks();
    reader_.take(",");
    symbol("]");
    return cell;
  }

  /// Only the concatenation of all four nodes is in the space: range(2, 6) or [2, 3, 4, 5].
  void read_concat(std::string_view field) {
    symbol(field);
    symbol("=");
    reader_.skip_blanks();
    const bool list = reader_.take("[");
    if (!list && !reader_.take("range(")) reader_.fail("range(2, 6) or [2, 3, 4, 5]");
    const std::vector<std::int64_t> wanted =
        list ? std::vector<std::int64_t>{2, 3, 4, 5} : std::vector<std::int64_t>{2, 6};
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      if (i > 0) read_concat_symbol(",");
      read_concat_symbol(std::to_string(wanted[i]));
    }
    read_concat_symbol(list ? "]" : ")");
  }

  void read_concat_symbol(std::string_view token) {
    reader_.skip_blanks();
    if (!reader_.take(token)) {
      reader_.fail("the concatenation of nodes 2 to 5, which is the only one of this space");
    }
  }

  NotationReader reader_;
};

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
      if (op == names.end()) {
        fail_key(key + ": " + unknown_name("operation", printable(found->second), names));
      }
      cell.nodes[n][i] = {static_cast<std::uint8_t>(op - names.begin()), inputs[i]};
    }
  }
  return cell;
}

DartsGenotype parse_configuration(std::string_view text) {
  const Configuration configuration = read_configuration(text);
  return {configured_cell(configuration, "normal"), configured_cell(configuration, "reduce")};
}

std::string to_text(const DartsCell& cell) {
  std::string text;
  for (const auto& node : cell.nodes) {
    if (!text.empty()) text += " |";
    for (const DartsEdge& edge : node) {
      if (!text.empty()) text += ' ';
      text += darts_operations()[edge.op] + ":" + std::to_string(edge.input);
    }
  }
  return text;
}

}  // namespace

const std::vector<std::string>& darts_operations() {
  static const std::vector<std::string> kNames{"max_pool_3x3", "avg_pool_3x3", "skip_connect",
                                               "sep_conv_3x3", "sep_conv_5x5", "dil_conv_3x3",
                                               "dil_conv_5x5"};
  return kNames;
}

std::string to_text(const DartsGenotype& genotype) {
  return to_text(genotype.normal) + " ; " + to_text(genotype.reduce);
}

DartsGenotype parse_darts_genotype(std::string_view text) {
  text = trim(text);
  if (text.starts_with("Genotype")) return PythonReader(text).read();
  if (is_key_value_form(text)) return parse_configuration(text);
  if (text.find(':') != std::string_view::npos) return parse_compact(text);
  std::vector<std::string> names;
  for (const PublishedCell& cell : kPublished) {
    if (cell.name == text) return parse_compact(cell.text);
    names.emplace_back(cell.name);
  }
  throw Error(ErrorKind::kUsage,
              std::string(kSpace) + ": not a genotype; " +
                  unknown_name("published cell", printable(text.substr(0, 60)), names));
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
