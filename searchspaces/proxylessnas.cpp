#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <vector>

#include "core/util/error.h"
#include "core/util/text.h"
#include "searchspaces/blueprint_space.h"
#include "searchspaces/mobile_blocks.h"
#include "searchspaces/notation_reader.h"
#include "searchspaces/notations.h"

// The space of ProxylessNAS (Cai, Zhu and Han, ICLR 2019, arXiv 1812.00332; the released code): a
// chain of 21 inverted residual blocks in six stages. Each is one of six operations; the 15 that
// keep size and width may also be Zero, which leaves the block out (its output is its input).
//
// Text: kernel and expansion ratio of each block, Z for Zero, stages separated by "|":
//   5,3 Z Z Z | 7,3 Z Z 3,3 | 7,6 Z Z 5,3 | 5,6 Z 3,3 5,3 | 7,6 7,6 7,6 5,6 | 7,6
//
// The published networks were searched, or scaled, on other widths than those of the released
// script, which the look-up table is of: option `widths`. A text may state the widths that it
// means, "w=40/24,32,56,112,128,256,432/1728;" before the blocks; they must be the space's.

namespace nas {
namespace {

constexpr std::size_t kStages = 6;
constexpr std::array<std::size_t, kStages> kCells{4, 4, 4, 4, 4, 1};
constexpr std::array<int, kStages> kStrides{2, 2, 2, 1, 2, 1};

struct Operation {
  std::string_view name;
  int kernel, ratio;
};
constexpr std::array<Operation, 6> kOperations{{{"3x3_MBConv3", 3, 3},
                                                {"3x3_MBConv6", 3, 6},
                                                {"5x5_MBConv3", 5, 3},
                                                {"5x5_MBConv6", 5, 6},
                                                {"7x7_MBConv3", 7, 3},
                                                {"7x7_MBConv6", 7, 6}}};
constexpr std::uint16_t kZero = kOperations.size();

struct Widths {
  std::string_view name;
  std::int64_t stem, first;
  std::array<std::int64_t, kStages> stages;
  std::int64_t features;

  std::string text() const {
    std::vector<std::string> words;
    for (const std::int64_t width : stages) words.push_back(std::to_string(width));
    return std::to_string(stem) + "/" + std::to_string(first) + "," + join(words, ",") + "/" +
           std::to_string(features);
  }
};
constexpr std::array<Widths, 5> kWidths{{
    {"script", 32, 16, {24, 40, 80, 96, 192, 320}, 1280},
    {"gpu", 40, 24, {32, 56, 112, 128, 256, 432}, 1728},
    {"cpu", 40, 24, {32, 48, 88, 104, 216, 360}, 1432},
    {"mobile", 32, 16, {32, 40, 80, 96, 192, 320}, 1280},
    {"mobile_14", 48, 24, {40, 56, 112, 136, 256, 448}, 1792},
}};

struct ProxylessOptions {
  std::string widths = "script";
};
constexpr Field<ProxylessOptions> kFields[] = {
    {.name = "widths",
     .member = &ProxylessOptions::widths,
     .meaning = "channels: those of the released script, which the look-up table is of, or those "
                "of a published network",
     .source = "arXiv 1812.00332, released code and networks",
     .choices = "script|gpu|cpu|mobile|mobile_14"}};

const Widths& widths_of(const OptionMap& options) {
  const auto parsed = parse_fields<ProxylessOptions>(kFields, options, "space 'proxylessnas'");
  return *std::find_if(kWidths.begin(), kWidths.end(),
                       [&](const Widths& widths) { return widths.name == parsed.widths; });
}

/// The first block of a stage changes size or width.
bool may_be_zero(std::size_t cell) {
  return cell > 0;
}

std::vector<Decision> proxyless_decisions() {
  std::vector<std::string> names;
  for (const Operation& operation : kOperations) names.emplace_back(operation.name);
  std::vector<Decision> decisions;
  for (std::size_t stage = 0; stage < kStages; ++stage) {
    for (std::size_t cell = 0; cell < kCells[stage]; ++cell) {
      decisions.push_back(
          {"stage_" + std::to_string(stage + 1) + "/block_" + std::to_string(cell + 1),
           DecisionKind::kOperation, names});
      if (may_be_zero(cell)) decisions.back().choices.emplace_back("Zero");
    }
  }
  return decisions;
}

SpaceInfo proxyless_info(const Widths& widths) {
  SpaceInfo info;
  info.name = "proxylessnas";
  info.version = "1";
  info.default_task.input = {3, 224, 224};
  info.default_task.classes = 1000;
  if (&widths != &kWidths.front()) {
    info.network_settings = "; space.widths=" + std::string(widths.name);
  }
  return info;
}

Value add_operation(GraphSink& sink, Value x, const Operation& operation, std::int64_t in,
                    const ElasticValue& out, int stride) {
  return sink.add("mbconv", {x},
                  {{"mid_channels", in * operation.ratio},
                   {"out_channels", out},
                   {"kernel", operation.kernel},
                   {"stride", stride},
                   {"relu6", true},
                   {"eps", proxyless::kEps}});
}

Blueprint describe_proxyless(const Widths& widths, const Task& task) {
  BlueprintBuilder builder;
  Value x = proxyless::add_start(builder, builder.input({Element::kFloat, task.input}), widths.stem,
                                 widths.first);
  std::int64_t in = widths.first;
  DecisionId block = 0;
  for (std::size_t stage = 0; stage < kStages; ++stage) {
    const Scope scope(builder, "stage_" + std::to_string(stage + 1));
    const std::int64_t out = widths.stages[stage];
    for (std::size_t cell = 0; cell < kCells[stage]; ++cell, ++block) {
      const Scope part(builder, "block_" + std::to_string(cell + 1));
      const Value before = x;
      std::vector<GraphSink::Alternative> alternatives;
      for (const Operation& operation : kOperations) {
        alternatives.emplace_back([&, before] {
          const Scope name(builder, operation.name);
          const int stride = cell == 0 ? kStrides[stage] : 1;
          const Value y = add_operation(builder, before, operation, in, out, stride);
          return cell == 0 ? y : builder.add("add", {before, y});
        });
      }
      if (may_be_zero(cell)) alternatives.emplace_back([before] { return before; });
      x = builder.choose(choice_of(block, alternatives.size()), alternatives);
      in = out;
    }
  }
  builder.output("logits", proxyless::add_head(builder, x, widths.features, task.classes));
  return builder.finish();
}

class ProxylessNas final : public BlueprintSpace, public Notations {
 public:
  explicit ProxylessNas(const Widths& widths)
      : BlueprintSpace(proxyless_info(widths), proxyless_decisions()), widths_(widths) {}

  Architecture parse(std::string_view text) const override {
    Architecture architecture{info().name, {}};
    NotationReader reader(info().name, text);
    reader.skip_blanks();
    if (reader.take("w=")) check_widths(reader);
    for (std::size_t stage = 0; stage < kStages; ++stage) {
      reader.skip_blanks();
      if (stage > 0) reader.expect("|");
      for (std::size_t cell = 0; cell < kCells[stage]; ++cell) {
        reader.skip_blanks();
        architecture.choices.push_back(read_block(reader, cell));
      }
    }
    reader.skip_blanks();
    reader.expect_end();
    return architecture;
  }

  std::string format(const Architecture& architecture) const override {
    validate(*this, architecture);
    std::string text;
    std::size_t block = 0;
    for (std::size_t stage = 0; stage < kStages; ++stage) {
      if (stage > 0) text += " |";
      for (std::size_t cell = 0; cell < kCells[stage]; ++cell) {
        const std::uint16_t choice = architecture.choices[block++];
        if (!text.empty()) text += ' ';
        if (choice == kZero) {
          text += 'Z';
          continue;
        }
        const Operation& operation = kOperations[choice];
        text += std::to_string(operation.kernel) + "," + std::to_string(operation.ratio);
      }
    }
    return text;
  }

  Task settle(const Task& task) const override { return settle_task(info(), task, {}); }
  std::span<const Notation> notations() const override { return proxylessnas_notations(); }

 private:
  void check_widths(NotationReader& reader) const {
    const std::size_t begin = reader.position();
    const std::string text(reader.word("widths", "/,"));
    reader.skip_blanks();
    reader.expect(";");
    if (text == widths_.text()) return;
    std::string whose = "widths that no option has";
    for (const Widths& widths : kWidths) {
      if (widths.text() == text) whose = "those of option widths=" + std::string(widths.name);
    }
    reader.refuse_at(begin, "the network has widths " + printable(text) + ", " + whose +
                                "; this space has widths=" + std::string(widths_.name) + ": " +
                                widths_.text());
  }

  static std::uint16_t read_block(NotationReader& reader, std::size_t cell) {
    const std::size_t begin = reader.position();
    if (reader.take("Z") || reader.take("z")) {
      if (!may_be_zero(cell)) {
        reader.refuse_at(begin,
                         "the first block of a stage changes size or width and cannot be "
                         "left out");
      }
      return kZero;
    }
    const std::int64_t kernel = reader.integer("a kernel or Z; kernels", 3, 7);
    reader.expect(",");
    const std::int64_t ratio = reader.integer("an expansion ratio", 3, 6);
    const auto found =
        std::find_if(kOperations.begin(), kOperations.end(), [&](const Operation& operation) {
          return operation.kernel == kernel && operation.ratio == ratio;
        });
    if (found == kOperations.end()) {
      reader.fail_at(begin, "a kernel of 3, 5 or 7 and an expansion ratio of 3 or 6, '5,3'");
    }
    return static_cast<std::uint16_t>(found - kOperations.begin());
  }

  Blueprint describe(const Task& settled) const override {
    return describe_proxyless(widths_, settled);
  }

  const Widths& widths_;
};

}  // namespace

extern constinit const Plugin<SearchSpace> proxylessnas_search_space{
    "proxylessnas",
    "21 inverted residual blocks of six operations, 15 of which can be left out; 2.2 x 10^17 "
    "networks",
    "Cai, Zhu and Han, ProxylessNAS: Direct Neural Architecture Search on Target Task and "
    "Hardware, ICLR 2019, arXiv 1812.00332",
    [] { return describe_fields<ProxylessOptions>(kFields); },
    [](const OptionMap& options) {
      return OptionMap{{"widths", std::string(widths_of(options).name)}};
    },
    [](const OptionMap& options) -> std::unique_ptr<SearchSpace> {
      return std::make_unique<ProxylessNas>(widths_of(options));
    }};

}  // namespace nas
