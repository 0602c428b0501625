#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "core/util/text.h"
#include "searchspaces/notation_reader.h"
#include "searchspaces/notations.h"
#include "searchspaces/python_literal.h"

// What people write for a network of Once-for-All, besides its own text: the settings that the
// released code samples, {'ks': [...], 'e': [...], 'd': [...], 'r': 224}, and lists of them.

namespace nas {
namespace {

constexpr std::string_view kSpace = "ofa_mobilenetv3";
constexpr std::size_t kStages = 5;
constexpr std::size_t kBlocks = 20;  // existing and unused ones
constexpr std::int64_t kUsualResolution = 224;

struct Settings {
  std::vector<std::int64_t> kernels, ratios, depths, resolution;
};

std::string list_text(const std::vector<std::int64_t>& numbers) {
  std::vector<std::string> words;
  for (const std::int64_t number : numbers) words.push_back(std::to_string(number));
  return join(words, ",");
}

/// The own text; `parse` checks it. Settings without a resolution are of 224, the usual one.
std::string own_text(const PythonText& text, const Settings& settings) {
  const auto require = [&](const std::vector<std::int64_t>& numbers, std::string_view what) {
    if (numbers.empty()) text.fail(text.root(), what);
  };
  require(settings.kernels, "the kernels 'ks', one for each block");
  require(settings.ratios, "the expansion ratios 'e', one for each block");
  require(settings.depths, "the five depths 'd'");
  const std::int64_t resolution =
      settings.resolution.empty() ? kUsualResolution : settings.resolution.front();
  const auto same = std::count(settings.resolution.begin(), settings.resolution.end(), resolution);
  if (static_cast<std::size_t>(same) != settings.resolution.size()) {
    text.fail(text.root(), "one resolution 'r'");
  }
  return "r=" + std::to_string(resolution) + ";d=" + list_text(settings.depths) +
         ";k=" + list_text(settings.kernels) + ";e=" + list_text(settings.ratios);
}

std::string from_members(const PythonText& text, const PythonLiteral& dictionary) {
  constexpr std::array<std::string_view, 5> kKernels{"ks", "k", "kernel_size", "kernels",
                                                     "kernel_sizes"};
  constexpr std::array<std::string_view, 6> kRatios{"e",         "expand_ratio", "expand_ratios",
                                                    "expansion", "expands",      "expand"};
  constexpr std::array<std::string_view, 4> kDepths{"d", "depth", "depths", "depth_list"};
  constexpr std::array<std::string_view, 6> kResolution{"r",        "resolution", "image_size",
                                                        "img_size", "input_size", "res"};
  Settings settings;
  // As `set_active_subnet(ks=7, e=6, d=4)` of the released code: one number stands for all places.
  const auto numbers = [&](std::span<const std::string_view> names, std::size_t places) {
    const PythonLiteral* member = dictionary.member(names);
    const bool absent = member == nullptr || member->kind == PythonLiteral::Kind::kNone;
    if (absent) return std::vector<std::int64_t>();
    std::vector<std::int64_t> values = text.whole_numbers(*member);
    return member->is_number() ? std::vector<std::int64_t>(places, values.front()) : values;
  };
  settings.kernels = numbers(kKernels, kBlocks);
  settings.ratios = numbers(kRatios, kBlocks);
  settings.depths = numbers(kDepths, kStages);
  settings.resolution = numbers(kResolution, 1);
  return own_text(text, settings);
}

std::string from_settings(std::string_view source_text) {
  const PythonText text(kSpace, source_text);
  for (const std::string_view name : {"arch", "config", "subnet", "settings"}) {
    const PythonLiteral* inner = text.root().member(name);
    if (inner != nullptr && !inner->members.empty()) return from_members(text, *inner);
  }
  return from_members(text, text.root());
}

/// "d=2,3,4,2,3; ks=...; e=...; r=224" in any order.
std::string from_fields(std::string_view source_text) {
  std::string dictionary = "{";
  for (const std::string& part : split(source_text, ';')) {
    const std::size_t equals = part.find('=');
    if (trim(part).empty()) continue;
    if (equals == std::string::npos) {
      NotationReader(kSpace, source_text).fail_at(0, "fields r=, d=, k= and e=, separated by ';'");
    }
    dictionary += "'" + std::string(trim(part.substr(0, equals))) + "': '" +
                  std::string(trim(part.substr(equals + 1))) + "', ";
  }
  return from_settings(dictionary + "}");
}

/// Kernels, ratios and depths in the order of the settings, told apart where their values do; a
/// single number is the resolution.
std::string from_list(std::string_view source_text) {
  const PythonText text(kSpace, source_text);
  Settings settings;
  std::vector<std::vector<std::int64_t>> blocks;
  for (const PythonLiteral& item : text.root().items) {
    std::vector<std::int64_t> numbers = text.whole_numbers(item);
    if (numbers.size() == 1) {
      settings.resolution = numbers;
    } else if (numbers.size() == kStages) {
      settings.depths = numbers;
    } else {
      blocks.push_back(std::move(numbers));
    }
  }
  if (blocks.size() != 2) {
    text.fail(text.root(), "lists of kernels, expansion ratios and five depths");
  }
  const auto holds = [](const std::vector<std::int64_t>& numbers, std::int64_t a, std::int64_t b) {
    return std::any_of(numbers.begin(), numbers.end(),
                       [&](std::int64_t number) { return number == a || number == b; });
  };
  const bool swapped = holds(blocks[0], 4, 6) || holds(blocks[1], 5, 7);
  settings.kernels = blocks[swapped ? 1 : 0];
  settings.ratios = blocks[swapped ? 0 : 1];
  return own_text(text, settings);
}

constexpr std::array<Notation, 3> kNotations{{
    {"settings", "the released code: kernels 'ks', ratios 'e', depths 'd', resolution 'r' (or 224)",
     "{'ks': [3, 5, 3, 3, 7, 3, 3, 3, 3, 3, 3, 3, 5, 3, 3, 3, 3, 3, 3, 3], 'e': [3, 4, 3, 3, 6, 3, "
     "3, 3, 3, 3, 3, 3, 4, 3, 3, 3, 3, 3, 3, 3], 'd': [2, 3, 2, 2, 4], 'r': [224]}",
     [](std::string_view text) { return python_shape(text) == PythonShape::kDict; }, from_settings},
    {"list", "kernels, ratios, depths and perhaps the resolution as lists in a list",
     "[[3, 5, 3, 7, 3, 3, 3, 5, 3, 3, 3, 3], [3, 4, 3, 6, 3, 3, 3, 3, 4, 3, 3, 3], "
     "[2, 3, 2, 2, 3], 224]",
     [](std::string_view text) { return python_shape(text) == PythonShape::kNumbers; }, from_list},
    {"fields", "the own text with its fields in any order",
     "d=2,2,2,2,2; ks=3,5,3,3,3,3,3,3,3,3; e=3,4,3,3,3,3,3,3,3,3; r=224",
     [](std::string_view text) {
       const bool own = text.starts_with("r=") && text.find(' ') == std::string_view::npos;
       return !own && text.find(';') != std::string_view::npos &&
              text.find("d=") != std::string_view::npos &&
              text.find("e=") != std::string_view::npos;
     },
     from_fields},
}};

}  // namespace

std::span<const Notation> ofa_mobilenetv3_notations() {
  return kNotations;
}

}  // namespace nas
