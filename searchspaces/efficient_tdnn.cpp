#include <memory>
#include <string>
#include <vector>

#include "core/util/text.h"
#include "searchspaces/blueprint_space.h"
#include "searchspaces/efficient_tdnn_network.h"
#include "searchspaces/mixed_radix.h"
#include "searchspaces/notation_reader.h"
#include "searchspaces/notations.h"

// The space of EfficientTDNN: networks that turn a recording into an embedding of its speaker.
//
// Text, as in the released code: depth, the channels of the first layer and of each block, their
// kernels and the channels of the aggregation, "3.512.512.512.512.5.3.3.3.1536". Decisions of
// blocks beyond the depth have no effect; their choice is the first one.

namespace nas {
namespace {

struct TdnnOptions {
  std::string grid = "coarse";
};

constexpr Field<TdnnOptions> kFields[] = {
    {.name = "grid",
     .member = &TdnnOptions::grid,
     .meaning = "widths to choose from: coarse has five, as the published predictor knows them; "
                "fine has every multiple of 8 (about 10^13 networks)",
     .source = "arXiv 2103.13581, table 1 and released code",
     .choices = "coarse|fine"}};

TdnnOptions parse_options(const OptionMap& options) {
  return parse_fields<TdnnOptions>(kFields, options, "space 'efficient_tdnn'");
}

std::vector<std::int64_t> multiples_of_8(std::int64_t first, std::int64_t last) {
  std::vector<std::int64_t> numbers;
  for (std::int64_t number = first; number <= last; number += 8) numbers.push_back(number);
  return numbers;
}

/// Coarse widths are 0.25, 0.35, 0.5, 0.75 and 1 times the largest, rounded to multiples of 8 as in
/// MobileNet.
TdnnGrid make_grid(const std::string& name) {
  TdnnGrid grid{.depths = {2, 3, 4},
                .channels = {128, 176, 256, 384, 512},
                .kernels = {1, 3, 5},
                .aggregate = {384, 536, 768, 1152, 1536}};
  if (name == "fine") {
    grid.channels = multiples_of_8(128, 512);
    grid.aggregate = multiples_of_8(384, 1536);
  }
  return grid;
}

std::vector<Decision> tdnn_decisions(const TdnnGrid& grid) {
  std::vector<Decision> decisions{{"depth", DecisionKind::kDepth, number_names(grid.depths)}};
  const auto add_layers = [&](const std::string& name, DecisionKind kind,
                              std::span<const std::int64_t> values) {
    for (std::size_t layer = 0; layer < kTdnnLayers; ++layer) {
      const std::string scope = layer == 0 ? "layer_1" : "block_" + std::to_string(layer);
      decisions.push_back({scope + "/" + name, kind, number_names(values)});
    }
  };
  add_layers("channels", DecisionKind::kChannels, grid.channels);
  add_layers("kernel", DecisionKind::kKernel, grid.kernels);
  decisions.push_back(
      {"aggregate/channels", DecisionKind::kChannels, number_names(grid.aggregate)});
  return decisions;
}

SpaceInfo tdnn_info() {
  SpaceInfo info;
  info.name = "efficient_tdnn";
  info.version = "1";
  info.macs_count_norm = true;
  // Three seconds in the tables of the released code; a waveform of 3 s gives 301 frames.
  info.default_task.input = {80, 300};
  info.default_task.classes = 0;
  info.default_task.embedding = 192;
  return info;
}

class EfficientTdnn final : public BlueprintSpace,
                            public ConditionalDecisions,
                            public IndexedSpace,
                            public Notations {
 public:
  explicit EfficientTdnn(const TdnnGrid& grid)
      : BlueprintSpace(tdnn_info(), tdnn_decisions(grid)), grid_(grid) {}

  std::vector<bool> active(Choices choices) const override {
    std::vector<bool> active(kTdnnDecisions, true);
    for (std::size_t layer = blocks(choices[kTdnnDepth]) + 1; layer < kTdnnLayers; ++layer) {
      active[kTdnnFirstChannels + layer] = false;
      active[kTdnnFirstKernel + layer] = false;
    }
    return active;
  }

  std::optional<std::string> objection(Choices choices) const override {
    const std::vector<bool> effective = active(choices);
    for (std::size_t i = 0; i < choices.size(); ++i) {
      if (effective[i] || choices[i] == 0) continue;
      return "decision '" + decisions()[i].name + "' has no effect at depth " +
             decisions()[kTdnnDepth].choices[choices[kTdnnDepth]] +
             ", where its choice must be the first one";
    }
    return std::nullopt;
  }

  Architecture parse(std::string_view text) const override {
    Architecture architecture{info().name, std::vector<std::uint16_t>(kTdnnDecisions)};
    NotationReader reader(info().name, text);
    reader.skip_blanks();
    architecture.choices[kTdnnDepth] = reader.choice("depth", decisions()[kTdnnDepth].choices);
    for (const DecisionId decision : written_decisions(architecture.choices[kTdnnDepth])) {
      reader.expect(".");
      architecture.choices[decision] =
          reader.choice(decisions()[decision].name, decisions()[decision].choices);
    }
    reader.skip_blanks();
    reader.expect_end();
    return architecture;
  }

  std::string format(const Architecture& architecture) const override {
    validate(*this, architecture);
    const Choices choices = architecture.choices;
    std::string text = decisions()[kTdnnDepth].choices[choices[kTdnnDepth]];
    for (const DecisionId decision : written_decisions(choices[kTdnnDepth])) {
      text += "." + decisions()[decision].choices[choices[decision]];
    }
    return text;
  }

  /// By depth, then as the numbers of the text, the first one slowest.
  std::uint64_t size() const override {
    std::uint64_t total = 0;
    for (std::uint16_t depth = 0; depth < grid_.depths.size(); ++depth) total += size_at(depth);
    return total;
  }

  Architecture at(std::uint64_t index) const override {
    check_index(info(), index, size());
    Architecture architecture{info().name, std::vector<std::uint16_t>(kTdnnDecisions)};
    std::uint16_t& depth = architecture.choices[kTdnnDepth];
    while (index >= size_at(depth)) index -= size_at(depth++);
    const std::vector<DecisionId> written = written_decisions(depth);
    for (std::size_t i = written.size(); i-- > 0;) {
      const std::uint64_t radix = decisions()[written[i]].choices.size();
      architecture.choices[written[i]] = static_cast<std::uint16_t>(index % radix);
      index /= radix;
    }
    return architecture;
  }

  std::uint64_t index_of(const Architecture& architecture) const override {
    validate(*this, architecture);
    const std::uint16_t depth = architecture.choices[kTdnnDepth];
    std::uint64_t number = 0;
    for (const DecisionId decision : written_decisions(depth)) {
      number = number * decisions()[decision].choices.size() + architecture.choices[decision];
    }
    for (std::uint16_t smaller = 0; smaller < depth; ++smaller) number += size_at(smaller);
    return number;
  }

  Task settle(const Task& task) const override {
    return settle_task(info(), task, {.input_rank = 2, .embedding = info().default_task.embedding});
  }

  std::span<const Notation> notations() const override { return efficient_tdnn_notations(); }

 private:
  std::size_t blocks(std::uint16_t depth_choice) const {
    return static_cast<std::size_t>(grid_.depths[depth_choice]);
  }

  /// Those with an effect in the order of the text, without the depth.
  std::vector<DecisionId> written_decisions(std::uint16_t depth_choice) const {
    std::vector<DecisionId> decisions;
    for (const DecisionId first : {kTdnnFirstChannels, kTdnnFirstKernel}) {
      for (DecisionId layer = 0; layer <= blocks(depth_choice); ++layer) {
        decisions.push_back(first + layer);
      }
    }
    decisions.push_back(kTdnnAggregate);
    return decisions;
  }

  std::uint64_t size_at(std::uint16_t depth_choice) const {
    std::uint64_t product = 1;
    for (const DecisionId decision : written_decisions(depth_choice)) {
      product *= decisions()[decision].choices.size();
    }
    return product;
  }

  Blueprint describe(const Task& settled) const override { return describe_tdnn(grid_, settled); }

  TdnnGrid grid_;
};

}  // namespace

extern constinit const Plugin<SearchSpace> efficient_tdnn_search_space{
    "efficient_tdnn",
    "time-delay networks for speakers by depth, widths and kernels: 4,066,875 coarse, 10^13 fine",
    "Wang, Wei, Duan, Ji, Long and Hong, EfficientTDNN: Efficient Architecture Search for Speaker "
    "Recognition, IEEE/ACM TASLP 2022, arXiv 2103.13581",
    [] { return describe_fields<TdnnOptions>(kFields); },
    [](const OptionMap& options) {
      return fields_to_map<TdnnOptions>(kFields, parse_options(options));
    },
    [](const OptionMap& options) -> std::unique_ptr<SearchSpace> {
      return std::make_unique<EfficientTdnn>(make_grid(parse_options(options).grid));
    }};

}  // namespace nas
