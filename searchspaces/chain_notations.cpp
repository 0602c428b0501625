#include <algorithm>
#include <array>
#include <cctype>
#include <string>
#include <vector>

#include "core/util/text.h"
#include "searchspaces/notation_reader.h"
#include "searchspaces/notations.h"
#include "searchspaces/python_literal.h"

// Spaces whose networks are a list of numbers: NATS-Bench size, CIFAR ResNets, NAS-Bench-Macro,
// FBNet, EfficientTDNN.

namespace nas {
namespace {

bool is_list(std::string_view text) {
  const PythonShape shape = python_shape(text);
  return shape == PythonShape::kNumbers || shape == PythonShape::kNames;
}

/// Numbers with some of `separators` between them.
bool is_separated(std::string_view text, std::string_view separators) {
  return !text.empty() && std::isdigit(static_cast<unsigned char>(text.front())) != 0 &&
         text.find_first_of(separators) != std::string_view::npos &&
         text.find_first_not_of(std::string("0123456789 ") + std::string(separators)) ==
             std::string_view::npos;
}

std::string joined(const std::vector<std::int64_t>& numbers, std::string_view separator) {
  std::vector<std::string> words;
  for (const std::int64_t number : numbers) words.push_back(std::to_string(number));
  return join(words, separator);
}

/// The numbers of a list, or of words that `separators` part.
std::vector<std::int64_t> numbers_of(std::string_view space, std::string_view source_text) {
  if (is_list(source_text)) {
    const PythonText text(space, source_text);
    return text.whole_numbers(text.root());
  }
  const std::string quoted = "'" + std::string(source_text) + "'";
  const PythonText text(space, quoted);
  return text.whole_numbers(text.root());
}

std::string nats_size_from_list(std::string_view text) {
  return joined(numbers_of("nats_size", text), ":");
}

/// A configuration of NATS-Bench: its member 'channels'.
std::string nats_size_from_dictionary(std::string_view source_text) {
  const PythonText text("nats_size", source_text);
  constexpr std::array<std::string_view, 4> kMembers{"channels", "arch_str", "arch", "xchannels"};
  const PythonLiteral* channels = text.root().member(kMembers);
  if (channels == nullptr) text.fail(text.root(), "a member 'channels'");
  return joined(text.whole_numbers(*channels), ":");
}

constexpr std::array<Notation, 2> kNatsSize{{
    {"list", "five channel counts", "[8, 16, 24, 32, 64]",
     [](std::string_view text) { return is_list(text) || is_separated(text, ",-_ "); },
     nats_size_from_list},
    {"config", "a configuration of NATS-Bench with 'channels'",
     "{'name': 'infer.shape.tiny', 'channels': '8:16:24:32:64', 'num_classes': 10}",
     [](std::string_view text) { return python_shape(text) == PythonShape::kDict; },
     nats_size_from_dictionary},
}};

std::string cifar_resnet_from_list(std::string_view text) {
  return joined(numbers_of("cifar_resnet", text), "-");
}

/// "resnet56": depth 6 n + 2, n blocks in each stage.
std::string cifar_resnet_from_name(std::string_view text) {
  const std::string name = to_lower(text);
  const std::size_t digits = std::min(name.find_first_of("0123456789"), name.size());
  const auto depth = parse_int(name.substr(digits));
  if (!depth || *depth < 8 || (*depth - 2) % 6 != 0 || *depth > 602) {
    const PythonText whole("cifar_resnet", text);
    whole.fail(whole.root(), "ResNet-N with N = 6 n + 2 layers, as in ResNet-20");
  }
  const std::string blocks = std::to_string((*depth - 2) / 6);
  return blocks + "-" + blocks + "-" + blocks;
}

constexpr std::array<Notation, 2> kCifarResnet{{
    {"list", "blocks of the three stages", "[3, 5, 7]",
     [](std::string_view text) { return is_list(text) || is_separated(text, ",:_ "); },
     cifar_resnet_from_list},
    {"name", "by its layers, 6 n + 2 for n blocks in each stage", "ResNet-20",
     [](std::string_view text) {
       const std::string name = to_lower(text.substr(0, 16));
       return name.starts_with("resnet") && name.find_first_of("0123456789") != std::string::npos;
     },
     cifar_resnet_from_name},
}};

/// Digits, or names as the authors' README and code write them.
std::string nasbench_macro_from_list(std::string_view source_text) {
  constexpr std::string_view kSpace = "nasbench_macro";
  if (!is_list(source_text)) return joined(numbers_of(kSpace, source_text), "");
  const PythonText text(kSpace, source_text);
  static const std::vector<std::vector<std::string>> kNames{
      {"identity", "id", "i", "skip", "skip_connect"},
      {"mb3_k3", "mb3k3", "mb3_3x3", "mbconv3_3x3", "k3_e3"},
      {"mb6_k5", "mb6k5", "mb6_5x5", "mbconv6_5x5", "k5_e6"}};
  std::string digits;
  for (const PythonLiteral& item : text.root().items) {
    if (!item.is_text() || item.text.find_first_not_of("0123456789") == std::string::npos) {
      digits += joined(text.whole_numbers(item), "");
      continue;
    }
    std::size_t digit = 0;
    while (digit < kNames.size() && position_of(item.text, kNames[digit]) == kNames[digit].size()) {
      ++digit;
    }
    if (digit == kNames.size()) text.fail(item, "identity, mb3_k3 or mb6_k5");
    digits += std::to_string(digit);
  }
  return digits;
}

constexpr std::array<Notation, 1> kNasbenchMacro{{
    {"list", "eight digits or names: 0 identity, 1 mb3_k3, 2 mb6_k5",
     "['MB6_K5', 'MB6_K5', 2, 1, 2, 2, 'Identity', 2]",
     [](std::string_view text) { return is_list(text) || is_separated(text, ",-_: "); },
     nasbench_macro_from_list},
}};

constexpr std::array<Notation, 1> kFbnet{{
    {"list", "22 numbers of operations from 0 to 8, as HELP and HW-NAS-Bench write them",
     "[7, 8, 1, 8, 4, 8, 8, 8, 7, 4, 1, 4, 7, 3, 2, 7, 3, 2, 4, 2, 4, 5]",
     [](std::string_view text) { return is_list(text) || is_separated(text, ",-_: "); },
     [](std::string_view text) { return joined(numbers_of("fbnet", text), ""); }},
}};

constexpr std::array<Notation, 1> kEfficientTdnn{{
    {"record",
     "the released code and its tables: depth, channels of the layers, their kernels, channels of "
     "the aggregation",
     "(3, [512, 512, 512, 512], [5, 3, 3, 3], 1536)",
     [](std::string_view text) { return is_list(text) || is_separated(text, ",-"); },
     [](std::string_view text) { return joined(numbers_of("efficient_tdnn", text), "."); }},
}};

}  // namespace

std::span<const Notation> nats_size_notations() {
  return kNatsSize;
}
std::span<const Notation> cifar_resnet_notations() {
  return kCifarResnet;
}
std::span<const Notation> nasbench_macro_notations() {
  return kNasbenchMacro;
}
std::span<const Notation> fbnet_notations() {
  return kFbnet;
}
std::span<const Notation> efficient_tdnn_notations() {
  return kEfficientTdnn;
}

}  // namespace nas
