#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/ir/arch_builder.h"
#include "core/util/error.h"
#include "searchspaces/blueprint_space.h"
#include "searchspaces/mixed_radix.h"
#include "searchspaces/notation_reader.h"
#include "searchspaces/notations.h"
#include "searchspaces/transnas_network.h"

// The network space of TransNAS-Bench-101: "64-1234-basic", four to six modules of two basic
// residual blocks each, a digit a module: 1 plain, 2 doubles the channels, 3 halves the resolution,
// 4 both (in its first block, whose shortcut is then a 1x1 convolution with batch norm). One to
// three modules double and one to four halve: 3,256 networks.
//
// Index: the official list, by number of modules, then of doublings, then of halvings, then the
// positions of the doublings and of the halvings in lexicographic order. A network of fewer than
// six modules leaves the last decisions at "absent"; shapes depend on all modules before, so graphs
// are built directly.

namespace nas {

namespace {

constexpr std::size_t kFewest = 4, kMost = 6;
constexpr std::size_t kMostDoublings = 3, kMostHalvings = 4;
constexpr std::uint16_t kAbsent = 4;  // choice; 0 to 3 are the digits 1 to 4

std::vector<Decision> module_decisions() {
  std::vector<Decision> decisions;
  for (std::size_t module = 1; module <= kMost; ++module) {
    std::vector<std::string> choices{"plain", "double", "halve", "double_halve"};
    if (module > kFewest) choices.emplace_back("absent");
    decisions.push_back({"module_" + std::to_string(module), DecisionKind::kOperation, choices});
  }
  return decisions;
}

std::size_t modules_of(Choices choices) {
  std::size_t count = kFewest;
  while (count < kMost && choices[count] != kAbsent) ++count;
  return count;
}

std::optional<std::string> network_objection(Choices choices) {
  const std::size_t modules = modules_of(choices);
  std::size_t doublings = 0, halvings = 0;
  for (std::size_t i = 0; i < kMost; ++i) {
    if (i >= modules && choices[i] != kAbsent) return "a module follows an absent one";
    if (i >= modules) continue;
    doublings += transnas_doubles(choices[i] + 1) ? 1 : 0;
    halvings += transnas_halves(choices[i] + 1) ? 1 : 0;
  }
  if (doublings < 1 || doublings > kMostDoublings) {
    return std::to_string(doublings) + " modules double the channels, must be 1 to 3";
  }
  if (halvings < 1 || halvings > kMostHalvings) {
    return std::to_string(halvings) + " modules halve the resolution, must be 1 to 4";
  }
  return std::nullopt;
}

/// All sets of `count` of the positions 0 .. size - 1 in lexicographic order, as bit masks.
std::vector<unsigned> combinations(std::size_t size, std::size_t count) {
  std::vector<unsigned> masks;
  std::vector<bool> chosen(size);
  std::fill_n(chosen.begin(), std::min(size, count), true);
  if (count > size) return masks;
  do {
    unsigned mask = 0;
    for (std::size_t i = 0; i < size; ++i) mask |= chosen[i] ? 1U << i : 0U;
    masks.push_back(mask);
  } while (std::prev_permutation(chosen.begin(), chosen.end()));
  return masks;
}

std::vector<std::vector<std::uint16_t>> official_list() {
  std::vector<std::vector<std::uint16_t>> list;
  for (std::size_t modules = kFewest; modules <= kMost; ++modules) {
    for (std::size_t doublings = 1; doublings <= kMostDoublings; ++doublings) {
      for (std::size_t halvings = 1; halvings <= kMostHalvings; ++halvings) {
        for (const unsigned doubled : combinations(modules, doublings)) {
          for (const unsigned halved : combinations(modules, halvings)) {
            std::vector<std::uint16_t> choices(kMost, kAbsent);
            for (std::size_t i = 0; i < modules; ++i) {
              choices[i] = static_cast<std::uint16_t>((doubled >> i & 1U) + 2 * (halved >> i & 1U));
            }
            list.push_back(std::move(choices));
          }
        }
      }
    }
  }
  return list;
}

class TransnasMacro final : public SearchSpace, public IndexedSpace, public Notations {
 public:
  TransnasMacro() {
    for (std::size_t i = 0; i < list_.size(); ++i) index_[list_[i]] = i;
  }

  const SpaceInfo& info() const override { return info_; }
  std::span<const Decision> decisions() const override { return decisions_; }
  std::optional<std::string> objection(Choices choices) const override {
    return network_objection(choices);
  }
  std::optional<Blueprint> blueprint(const Task&) const override { return std::nullopt; }

  Task settle(const Task& task) const override {
    const Task settled = settle_task(info_, task, {.width = 64});
    if (settled.width % 2 != 0) {
      throw Error(ErrorKind::kUsage,
                  "transnas_macro: width = " + std::to_string(settled.width) + ", must be even");
    }
    return settled;
  }

  ArchGraph build(const Architecture& architecture, const Task& task) const override {
    validate(*this, architecture);
    const Task settled = settle(task);
    ArchBuilder builder;
    Value x =
        transnas_stem(builder, builder.input({Element::kFloat, settled.input}), settled.width);
    std::int64_t channels = settled.width;
    for (std::size_t module = 0; module < modules_of(architecture.choices); ++module) {
      const int digit = architecture.choices[module] + 1;
      if (transnas_doubles(digit)) channels *= 2;
      for (const bool first : {true, false}) {
        const Scope scope(builder,
                          "modules." + std::to_string(module) + "/blocks." + (first ? "0" : "1"));
        x = builder.add("basic_block", {x},
                        {{"out_channels", channels},
                         {"stride", first && transnas_halves(digit) ? 2 : 1},
                         {"projection", first && digit != 1}});
      }
    }
    builder.output("logits", transnas_head(builder, x, settled.classes));
    return builder.finish();
  }

  Architecture parse(std::string_view text) const override {
    NotationReader reader(info_.name, text);
    reader.skip_blanks();
    reader.expect("64-");
    const std::string_view digits = reader.word("four to six modules, as in 64-1234-basic");
    const bool fits = digits.size() >= kFewest && digits.size() <= kMost &&
                      digits.find_first_not_of("1234") == std::string_view::npos;
    if (!fits) reader.fail("four to six digits from 1 to 4 before");
    reader.expect("-basic");
    reader.skip_blanks();
    reader.expect_end();
    Architecture architecture{info_.name, std::vector<std::uint16_t>(kMost, kAbsent)};
    for (std::size_t i = 0; i < digits.size(); ++i) {
      architecture.choices[i] = static_cast<std::uint16_t>(digits[i] - '1');
    }
    if (const auto reason = network_objection(architecture.choices)) {
      throw Error(ErrorKind::kUsage,
                  "transnas_macro: '64-" + std::string(digits) + "-basic': " + *reason);
    }
    return architecture;
  }

  std::string format(const Architecture& architecture) const override {
    validate(*this, architecture);
    std::string text = "64-";
    for (std::size_t i = 0; i < modules_of(architecture.choices); ++i) {
      text += static_cast<char>('1' + architecture.choices[i]);
    }
    return text + "-basic";
  }

  std::uint64_t size() const override { return list_.size(); }

  Architecture at(std::uint64_t index) const override {
    check_index(info_, index, list_.size());
    return {info_.name, list_[index]};
  }

  std::uint64_t index_of(const Architecture& architecture) const override {
    validate(*this, architecture);
    return index_.at(architecture.choices);
  }

  std::span<const Notation> notations() const override { return transnas_macro_notations(); }

 private:
  SpaceInfo info_ = transnas_info("transnas_macro");
  std::vector<Decision> decisions_ = module_decisions();
  std::vector<std::vector<std::uint16_t>> list_ = official_list();
  std::map<std::vector<std::uint16_t>, std::size_t> index_;
};

}  // namespace

extern constinit const Plugin<SearchSpace> transnas_macro_search_space{
    "transnas_macro",
    "3,256 residual networks of TransNAS-Bench-101, with complete tables of seven vision tasks",
    "Duan, Chen, Xu, Chen, Liang, Zhang and Li, TransNAS-Bench-101: Improving Transferability and "
    "Generalizability of Cross-Task NAS, CVPR 2021, arXiv 2105.11871",
    no_fields,
    resolve_no_options,
    [](const OptionMap& options) -> std::unique_ptr<SearchSpace> {
      resolve_no_options(options);
      return std::make_unique<TransnasMacro>();
    }};

}  // namespace nas
