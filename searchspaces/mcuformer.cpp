#include <algorithm>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/util/text.h"
#include "searchspaces/blueprint_space.h"
#include "searchspaces/mcuformer_network.h"
#include "searchspaces/notation_reader.h"
#include "searchspaces/ofa_parts.h"

// The space of MCUFormer. Text: patch, rank ratio, depth and embedding of the network, then MLP
// ratios and heads of its blocks, "p=16;r=0.9;d=12;e=192;m=4,3.5,...;h=3,4,...".

namespace nas {
namespace {

constexpr std::string_view kSource = "arXiv 2310.16898, released code";

struct McuformerOptions {
  std::string supernet = "T";
  std::string patch = "all";
  std::string rank = "all";
};
constexpr Field<McuformerOptions> kFields[] = {
    {.name = "supernet",
     .member = &McuformerOptions::supernet,
     .meaning =
         "depths, widths, heads and ratios to choose from; T is the one for microcontrollers",
     .source = kSource,
     .choices = "T|S|B"},
    {.name = "patch",
     .member = &McuformerOptions::patch,
     .meaning = "pixels of a patch's side, of an image of 240 x 240: one of them, or all to choose "
                "from",
     .source = kSource,
     .choices = "all|32|28|24|20|16"},
    {.name = "rank",
     .member = &McuformerOptions::rank,
     .meaning = "rank of the layers, relative to full: one of them, or all to choose from; full: "
                "whole layers, which supernets of ranks start from",
     .source = kSource,
     .choices = "all|full|0.4|0.45|0.5|0.55|0.6|0.65|0.7|0.75|0.8|0.85|0.9|0.95"}};

McuformerOptions parse_options(const OptionMap& options) {
  return parse_fields<McuformerOptions>(kFields, options, "space 'mcuformer'");
}

McuformerGrid make_grid(const McuformerOptions& options) {
  McuformerGrid grid{.patches = {32, 28, 24, 20, 16},
                     .ranks = {0.4, 0.45, 0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95},
                     .depths = {12, 13, 14},
                     .embeddings = {168, 192, 216},
                     .ratios = {3.5, 4},
                     .heads = {3, 4},
                     .supernet_width = 256};
  if (options.supernet != "T") grid.ratios = {3, 3.5, 4};
  if (options.supernet == "S") {
    grid.embeddings = {320, 384, 448};
    grid.heads = {5, 6, 7};
    grid.supernet_width = 448;
  } else if (options.supernet == "B") {
    grid.depths = {14, 15, 16};
    grid.embeddings = {528, 576, 624};
    grid.heads = {9, 10};
    grid.supernet_width = 640;
  }
  if (options.patch != "all") grid.patches = {parse_int(options.patch).value()};
  if (options.rank == "full") {
    grid.ranks = {0};
  } else if (options.rank != "all") {
    grid.ranks = {parse_double(options.rank).value()};
  }
  return grid;
}

std::vector<std::string> ratio_names(std::span<const double> ratios) {
  std::vector<std::string> names;
  for (const double ratio : ratios) names.push_back(format_double(ratio));
  return names;
}

/// 0 is no rank: layers are whole.
std::vector<std::string> rank_names(std::span<const double> ranks) {
  std::vector<std::string> names = ratio_names(ranks);
  std::ranges::replace(names, "0", "full");
  return names;
}

std::vector<Decision> mcuformer_decisions(const McuformerGrid& grid) {
  std::vector<Decision> decisions{
      {"patch", DecisionKind::kResolution, number_names(grid.patches)},
      {"rank", DecisionKind::kRank, rank_names(grid.ranks)},
      {"depth", DecisionKind::kDepth, number_names(grid.depths)},
      {"embedding", DecisionKind::kChannels, number_names(grid.embeddings)}};
  const auto add = [&](const std::string& name, DecisionKind kind,
                       const std::vector<std::string>& choices) {
    for (std::int64_t block = 1; block <= grid.depths.back(); ++block) {
      decisions.push_back({"block_" + std::to_string(block) + "/" + name, kind, choices});
    }
  };
  add("ratio", DecisionKind::kExpansion, ratio_names(grid.ratios));
  add("heads", DecisionKind::kChannels, number_names(grid.heads));
  return decisions;
}

SpaceInfo mcuformer_info(const McuformerOptions& options) {
  SpaceInfo info;
  info.name = "mcuformer";
  info.version = "1";
  info.width_meaning = "channels of a head, default 64; embeddings and ranks scale with it";
  info.small_width = 8;
  info.default_task.input = {3, 240, 240};
  info.default_task.classes = 1000;
  // Ranks of another supernet's layers are others.
  if (options.supernet != "T") info.network_settings = "; space.supernet=" + options.supernet;
  return info;
}

class Mcuformer final : public BlueprintSpace, public ConditionalDecisions {
 public:
  explicit Mcuformer(const McuformerOptions& options)
      : BlueprintSpace(mcuformer_info(options), mcuformer_decisions(make_grid(options))),
        grid_(make_grid(options)),
        order_(grid_) {}

  std::vector<bool> active(Choices choices) const override {
    std::vector<bool> active(choices.size(), true);
    for (std::size_t block = depth_of(choices); block < order_.blocks; ++block) {
      active[McuformerDecisions::kFirstRatio + block] = false;
      active[order_.first_head + block] = false;
    }
    return active;
  }
  std::optional<std::string> objection(Choices choices) const override {
    return idle_objection(*this, *this, choices);
  }

  Architecture parse(std::string_view text) const override {
    Architecture architecture{info().name, std::vector<std::uint16_t>(decisions().size())};
    std::vector<std::uint16_t>& choices = architecture.choices;
    NotationReader reader(info().name, text);
    reader.skip_blanks();
    for (DecisionId decision = 0; decision < McuformerDecisions::kFirstRatio; ++decision) {
      reader.expect(std::string(decision == 0 ? "" : ";") + kLetters[decision] + "=");
      choices[decision] =
          reader.choice(decisions()[decision].name, decisions()[decision].choices, ".");
    }
    read_blocks(reader, "m", McuformerDecisions::kFirstRatio, choices);
    read_blocks(reader, "h", order_.first_head, choices);
    reader.skip_blanks();
    reader.expect_end();
    return architecture;
  }

  std::string format(const Architecture& architecture) const override {
    validate(*this, architecture);
    const Choices choices = architecture.choices;
    std::string text;
    for (DecisionId decision = 0; decision < McuformerDecisions::kFirstRatio; ++decision) {
      text += std::string(decision == 0 ? "" : ";") + kLetters[decision] + "=" +
              decisions()[decision].choices[choices[decision]];
    }
    const auto blocks = [&](DecisionId first) {
      return list_text(decisions()[first].choices, choices.subspan(first, depth_of(choices)));
    };
    return text + ";m=" + blocks(McuformerDecisions::kFirstRatio) +
           ";h=" + blocks(order_.first_head);
  }

  Task settle(const Task& task) const override {
    return settle_task(info(), task, {.width = kMcuformerHeadChannels});
  }

 private:
  static constexpr const char* kLetters[] = {"p", "r", "d", "e"};

  std::size_t depth_of(Choices choices) const {
    return static_cast<std::size_t>(grid_.depths[choices[McuformerDecisions::kDepth]]);
  }

  void read_blocks(NotationReader& reader, const std::string& letter, DecisionId first,
                   std::vector<std::uint16_t>& choices) const {
    reader.expect(";" + letter + "=");
    for (std::size_t block = 0; block < depth_of(choices); ++block) {
      if (block > 0) reader.expect(",");
      const Decision& decision = decisions()[first + block];
      choices[first + block] = reader.choice(decision.name, decision.choices, ".");
    }
  }

  Blueprint describe(const Task& settled) const override {
    return describe_mcuformer(grid_, settled);
  }

  McuformerGrid grid_;
  McuformerDecisions order_;
};

}  // namespace

extern constinit const Plugin<SearchSpace> mcuformer_search_space{
    "mcuformer",
    "vision transformers for microcontrollers: patch, rank of the layers, depth, embedding, ratios "
    "and heads; 6 x 10^10 networks",
    "Liang, Wang, Xu, Tang, Zhou and Lu, MCUFormer: Deploying Vision Transformers on "
    "Microcontrollers with Limited Memory, NeurIPS 2023, arXiv 2310.16898",
    [] { return describe_fields<McuformerOptions>(kFields); },
    [](const OptionMap& options) {
      return fields_to_map<McuformerOptions>(kFields, parse_options(options));
    },
    [](const OptionMap& options) -> std::unique_ptr<SearchSpace> {
      return std::make_unique<Mcuformer>(parse_options(options));
    }};

}  // namespace nas
