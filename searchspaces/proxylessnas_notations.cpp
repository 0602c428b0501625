#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "core/util/text.h"
#include "searchspaces/notation_reader.h"
#include "searchspaces/notations.h"
#include "searchspaces/python_literal.h"

// What people write for a network of ProxylessNAS besides its own text: the operations of the
// released code, and the network files that its authors published.

namespace nas {
namespace {

constexpr std::string_view kSpace = "proxylessnas";
constexpr std::array<std::size_t, 6> kCells{4, 4, 4, 4, 4, 1};
constexpr std::size_t kBlocks = 21;

/// The own text of 21 words such as "5,3" and "Z".
std::string own_text(std::span<const std::string> blocks) {
  std::string text;
  std::size_t next = 0;
  for (std::size_t stage = 0; stage < kCells.size(); ++stage) {
    if (stage > 0) text += " |";
    for (std::size_t cell = 0; cell < kCells[stage]; ++cell) {
      if (!text.empty()) text += ' ';
      text += blocks[next++];
    }
  }
  return text;
}

/// "5,3" of "5x5_MBConv3", "Z" of "Zero"; "" of anything else.
std::string own_block(std::string_view name) {
  const std::string lower = to_lower(name);
  if (lower == "zero" || lower == "identity" || lower == "zerolayer") return "Z";
  const std::string_view rest = lower;
  constexpr std::size_t kLength = std::string_view("5x5_mbconv3").size();
  if (rest.size() != kLength || rest.substr(3, 7) != "_mbconv" || rest[1] != 'x' ||
      rest[0] != rest[2]) {
    return "";
  }
  return std::string(1, rest[0]) + "," + std::string(1, rest[kLength - 1]);
}

bool is_blocks(std::string_view text) {
  return to_lower(text.substr(0, 4096)).find("_mbconv") != std::string::npos &&
         python_shape(text) != PythonShape::kDict;
}

/// Names in lists or words, of stages or not; the fixed first block may stand before them.
std::string from_blocks(std::string_view source_text) {
  const std::string_view separators = " ,|[]()'\"\t\r\n";
  std::vector<std::string> blocks;
  std::size_t position = 0;
  while ((position = source_text.find_first_not_of(separators, position)) !=
         std::string_view::npos) {
    const std::size_t end =
        std::min(source_text.find_first_of(separators, position), source_text.size());
    const std::string_view name = source_text.substr(position, end - position);
    blocks.push_back(own_block(name));
    const bool fixed = blocks.size() == 1 && to_lower(name) == "3x3_mbconv1";
    if (fixed) blocks.pop_back();
    if (!fixed && blocks.back().empty()) {
      NotationReader(kSpace, source_text)
          .fail_at(position, "an operation such as '3x3_MBConv6' or 'Zero'");
    }
    position = end;
  }
  if (blocks.size() != kBlocks) {
    NotationReader(kSpace, source_text)
        .fail_at(source_text.size(),
                 "21 operations (there are " + std::to_string(blocks.size()) + ")");
  }
  return own_text(blocks);
}

/// A network file: layers as dictionaries.
class NetworkFile {
 public:
  explicit NetworkFile(std::string_view source) : text_(kSpace, source) {}

  std::string read() const {
    constexpr std::int64_t kMost = 100'000;
    const PythonLiteral& blocks = member(text_.root(), "blocks");
    if (blocks.items.size() != kBlocks + 1) {
      text_.fail(blocks, "22 blocks, the fixed first one and 21 others (there are " +
                             std::to_string(blocks.items.size()) + ")");
    }
    const auto channels = [&](const PythonLiteral& layer) {
      return std::to_string(
          text_.whole_number(member(layer, "out_channels"), "channels", 1, kMost));
    };
    std::string widths = channels(member(text_.root(), "first_conv")) + "/" +
                         channels(member(blocks.items[0], "mobile_inverted_conv"));
    std::vector<std::string> words;
    std::size_t next = 1;
    for (const std::size_t cells : kCells) {
      const PythonLiteral& first = member(blocks.items[next], "mobile_inverted_conv");
      widths += "," + channels(first);
      for (std::size_t cell = 0; cell < cells; ++cell) {
        words.push_back(block(blocks.items[next++], channels(first)));
      }
    }
    widths += "/" + channels(member(text_.root(), "feature_mix_layer"));
    return "w=" + widths + "; " + own_text(words);
  }

 private:
  const PythonLiteral& member(const PythonLiteral& dictionary, std::string_view name) const {
    const PythonLiteral* found = dictionary.member(name);
    if (found == nullptr) text_.fail(dictionary, "a member '" + std::string(name) + "'");
    return *found;
  }

  std::string block(const PythonLiteral& item, const std::string& stage_channels) const {
    const PythonLiteral& layer = member(item, "mobile_inverted_conv");
    const PythonLiteral* name = layer.member("name");
    if (name != nullptr && name->text == "ZeroLayer") return "Z";
    const auto number = [&](std::string_view what) {
      return std::to_string(text_.whole_number(member(layer, what), what, 1, 100'000));
    };
    if (number("out_channels") != stage_channels) {
      text_.refuse(layer, "a stage has one width; its first block has " + stage_channels +
                              " channels, this one " + number("out_channels"));
    }
    return number("kernel_size") + "," + number("expand_ratio");
  }

  PythonText text_;
};

/// The shortest network file: five stages of one block, and the last one.
constexpr std::string_view kExampleFile =
    R"({"first_conv": {"out_channels": 32}, "blocks": [)"
    R"({"mobile_inverted_conv": {"out_channels": 16, "kernel_size": 3, "expand_ratio": 1}}, )"
#define NAS_STAGE(channels)                                 \
  R"({"mobile_inverted_conv": {"out_channels": )" #channels \
  R"(, "kernel_size": 5, "expand_ratio": 3}}, )"            \
  R"({"mobile_inverted_conv": {"name": "ZeroLayer"}}, )"    \
  R"({"mobile_inverted_conv": {"name": "ZeroLayer"}}, )"    \
  R"({"mobile_inverted_conv": {"name": "ZeroLayer"}}, )"
    NAS_STAGE(24) NAS_STAGE(40) NAS_STAGE(80) NAS_STAGE(96) NAS_STAGE(192)
#undef NAS_STAGE
        R"({"mobile_inverted_conv": {"out_channels": 320, "kernel_size": 7, "expand_ratio": 6}}], )"
        R"("feature_mix_layer": {"out_channels": 1280}})";

constexpr std::array<Notation, 2> kNotations{{
    {"blocks", "the operations of the released code in their order, with or without brackets",
     "5x5_MBConv3, Zero, Zero, Zero, 7x7_MBConv3, Zero, Zero, 3x3_MBConv3, 7x7_MBConv6, Zero, "
     "Zero, 5x5_MBConv3, 5x5_MBConv6, Zero, 3x3_MBConv3, 5x5_MBConv3, 7x7_MBConv6, 7x7_MBConv6, "
     "7x7_MBConv6, 5x5_MBConv6, 7x7_MBConv6",
     is_blocks, from_blocks},
    {"network_file",
     "a network as the authors publish it (JSON); its channels must be those of the space's widths",
     kExampleFile, [](std::string_view text) { return python_shape(text) == PythonShape::kDict; },
     [](std::string_view text) { return NetworkFile(text).read(); }},
}};

}  // namespace

std::span<const Notation> proxylessnas_notations() {
  return kNotations;
}

}  // namespace nas
