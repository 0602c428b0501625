#include "searchspaces/darts_genotype.h"

#include <utility>

#include "core/util/error.h"
#include "core/util/text.h"
#include "searchspaces/notation_reader.h"
#include "searchspaces/notations.h"

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
  NotationReader here = reader;
  if (const std::string_view name = here.word("operation"); is_no_operation(name)) {
    reader.refuse_at(reader.position(), no_operation_reason(name));
  }
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

bool is_no_operation(std::string_view name) {
  const std::string lower = to_lower(name);
  return lower == "none" || lower == "zero";
}

std::string no_operation_reason(std::string_view name) {
  return "a derived cell has no operation '" + to_lower(printable(name)) +
         "': it has a place in the search only, and the strongest of the others is taken (" +
         join(darts_operations(), ", ") + ")";
}

DartsGenotype parse_darts_genotype(std::string_view text) {
  text = trim(text);
  for (const Notation& notation : darts_notations()) {
    if (notation.recognises(text)) return parse_compact(notation.read(text));
  }
  if (text.find(':') != std::string_view::npos) return parse_compact(text);
  std::vector<std::string> names;
  for (const PublishedCell& cell : kPublished) names.emplace_back(cell.name);
  const std::size_t known = position_of(text, names);
  if (known < names.size()) return parse_compact(kPublished[known].text);
  if (to_lower(text) == "darts") return parse_compact(kPublished[1].text);  // its other name
  throw Error(ErrorKind::kUsage,
              std::string(kSpace) + ": not a genotype; " +
                  unknown_name("published cell", printable(text.substr(0, 60)), names));
}

}  // namespace nas
