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

constexpr std::int64_t kUsualResolution = 224;

struct Family {
  std::string_view space;
  std::size_t stages;
  std::size_t blocks;  // existing and unused ones
  std::string_view stages_word;
  bool width = false;  // of the whole network; then neither it nor the resolution has a usual value
};
constexpr Family kMobileNetV3{"ofa_mobilenetv3", 5, 20, "five"};
constexpr Family kProxyless{"ofa_proxyless", 6, 21, "five or six"};
constexpr Family kMcunet{"mcunet", 6, 21, "five or six", true};
constexpr Family kResnet{"ofa_resnet50", 5, 18, "five"};

std::string list_text(const std::vector<std::int64_t>& numbers) {
  std::vector<std::string> words;
  for (const std::int64_t number : numbers) words.push_back(std::to_string(number));
  return join(words, ",");
}

void require(const PythonText& text, bool given, std::string_view what) {
  if (!given) text.fail(text.root(), what);
}

/// "r=224", also where the settings have no resolution: the usual one.
std::string resolution_text(const PythonText& text, const std::vector<std::int64_t>& numbers) {
  const std::int64_t resolution = numbers.empty() ? kUsualResolution : numbers.front();
  const bool one = std::ranges::count(numbers, resolution) == std::ssize(numbers);
  require(text, one, "one resolution 'r'");
  return "r=" + std::to_string(resolution);
}

struct Settings {
  std::vector<std::int64_t> kernels, ratios, depths, resolution;
  std::string width;  // ";w=0.5"
};

/// The own text; `parse` checks it.
std::string own_text(const PythonText& text, const Settings& settings, const Family& family) {
  require(text, !settings.kernels.empty(), "the kernels 'ks', one for each block");
  require(text, !settings.ratios.empty(), "the expansion ratios 'e', one for each block");
  require(text, !settings.depths.empty(), "the " + std::string(family.stages_word) + " depths 'd'");
  require(text, !family.width || !settings.resolution.empty(), "the resolution 'r'");
  return resolution_text(text, settings.resolution) + settings.width +
         ";d=" + list_text(settings.depths) + ";k=" + list_text(settings.kernels) +
         ";e=" + list_text(settings.ratios);
}

constexpr std::array<std::string_view, 5> kKernels{"ks", "k", "kernel_size", "kernels",
                                                   "kernel_sizes"};
constexpr std::array<std::string_view, 6> kRatios{"e",         "expand_ratio", "expand_ratios",
                                                  "expansion", "expands",      "expand"};
constexpr std::array<std::string_view, 4> kDepths{"d", "depth", "depths", "depth_list"};
constexpr std::array<std::string_view, 6> kResolution{"r",        "resolution", "image_size",
                                                      "img_size", "input_size", "res"};
constexpr std::array<std::string_view, 4> kWidths{"w", "wid", "width", "width_mult"};

/// A member with numbers, empty where it is absent or None. As `set_active_subnet(ks=7, e=6, d=4)`
/// of the released code: one number stands for all places.
std::vector<std::int64_t> numbers_of(const PythonText& text, const PythonLiteral& dictionary,
                                     std::span<const std::string_view> names, std::size_t places) {
  const PythonLiteral* member = dictionary.member(names);
  if (member == nullptr || member->kind == PythonLiteral::Kind::kNone) return {};
  std::vector<std::int64_t> values = text.whole_numbers(*member);
  return member->is_number() ? std::vector<std::int64_t>(places, values.front()) : values;
}

/// The dictionary with the settings, which may be a member of another one.
const PythonLiteral& settings_of(const PythonText& text) {
  for (const std::string_view name : {"arch", "config", "subnet", "settings"}) {
    const PythonLiteral* inner = text.root().member(name);
    if (inner != nullptr && !inner->members.empty()) return *inner;
  }
  return text.root();
}

/// ";w=0.5" of a family whose networks have a width.
std::string width_text(const PythonText& text, const PythonLiteral& dictionary,
                       const Family& family) {
  if (!family.width) return "";
  const PythonLiteral* width = dictionary.member(kWidths);
  if (width != nullptr && width->items.size() == 1) width = &width->items[0];
  const auto number = width == nullptr     ? std::nullopt
                      : width->is_number() ? std::optional(width->number)
                                           : parse_double(width->text);
  if (!number) text.fail(text.root(), "the width multiplier 'w'");
  return ";w=" + format_double(*number);
}

template <const Family& family>
std::string from_settings(std::string_view source_text) {
  const PythonText text(family.space, source_text);
  const PythonLiteral& dictionary = settings_of(text);
  return own_text(text,
                  {.kernels = numbers_of(text, dictionary, kKernels, family.blocks),
                   .ratios = numbers_of(text, dictionary, kRatios, family.blocks),
                   .depths = numbers_of(text, dictionary, kDepths, family.stages),
                   .resolution = numbers_of(text, dictionary, kResolution, 1),
                   .width = width_text(text, dictionary, family)},
                  family);
}

/// ResNet50-D has ratios that are no whole numbers, widths and no kernels.
std::string from_resnet_settings(std::string_view source_text) {
  constexpr std::size_t kWidthCount = 6;
  const PythonText text(kResnet.space, source_text);
  const PythonLiteral& dictionary = settings_of(text);
  const std::vector<std::int64_t> depths = numbers_of(text, dictionary, kDepths, kResnet.stages);
  const std::vector<std::int64_t> widths = numbers_of(text, dictionary, kWidths, kWidthCount);
  require(text, !depths.empty(), "the five depths 'd'");
  require(text, !widths.empty(), "the six widths 'w'");
  const PythonLiteral* ratios = dictionary.member(kRatios);
  require(text, ratios != nullptr && (ratios->is_number() || ratios->is_list()),
          "the expansion ratios 'e', one for each block");
  std::vector<std::string> words;
  for (const PythonLiteral& ratio : ratios->items) {
    if (!ratio.is_number()) text.fail(ratio, "an expansion ratio");
    words.push_back(format_double(ratio.number));
  }
  if (ratios->is_number()) words.assign(kResnet.blocks, format_double(ratios->number));
  return resolution_text(text, numbers_of(text, dictionary, kResolution, 1)) +
         ";d=" + list_text(depths) + ";w=" + list_text(widths) + ";e=" + join(words, ",");
}

/// "d=2,3,4,2,3; ks=...; e=...; r=224" in any order.
template <const Family& family>
std::string from_fields(std::string_view source_text) {
  std::string dictionary = "{";
  for (const std::string& part : split(source_text, ';')) {
    const std::size_t equals = part.find('=');
    if (trim(part).empty()) continue;
    if (equals == std::string::npos) {
      NotationReader(family.space, source_text)
          .fail_at(0, "fields r=, d=, k= and e=, separated by ';'");
    }
    dictionary += "'" + std::string(trim(part.substr(0, equals))) + "': '" +
                  std::string(trim(part.substr(equals + 1))) + "', ";
  }
  return from_settings<family>(dictionary + "}");
}

/// Kernels, ratios and depths in the order of the settings, told apart where their values do; a
/// single number is the resolution.
template <const Family& family>
std::string from_list(std::string_view source_text) {
  const PythonText text(family.space, source_text);
  Settings settings;
  std::vector<std::vector<std::int64_t>> blocks;
  for (const PythonLiteral& item : text.root().items) {
    std::vector<std::int64_t> numbers = text.whole_numbers(item);
    if (numbers.size() == 1) {
      settings.resolution = numbers;
    } else if (numbers.size() == 5 || numbers.size() == family.stages) {
      settings.depths = numbers;
    } else {
      blocks.push_back(std::move(numbers));
    }
  }
  if (blocks.size() != 2) {
    text.fail(text.root(), "lists of kernels, expansion ratios and " +
                               std::string(family.stages_word) + " depths");
  }
  const auto holds = [](const std::vector<std::int64_t>& numbers, std::int64_t a, std::int64_t b) {
    return std::any_of(numbers.begin(), numbers.end(),
                       [&](std::int64_t number) { return number == a || number == b; });
  };
  const bool swapped = holds(blocks[0], 4, 6) || holds(blocks[1], 5, 7);
  settings.kernels = blocks[swapped ? 1 : 0];
  settings.ratios = blocks[swapped ? 0 : 1];
  return own_text(text, settings, family);
}

bool is_dictionary(std::string_view text) {
  return python_shape(text) == PythonShape::kDict;
}
bool is_numbers(std::string_view text) {
  return python_shape(text) == PythonShape::kNumbers;
}
bool is_fields(std::string_view text) {
  const bool own = text.starts_with("r=") && text.find(' ') == std::string_view::npos;
  return !own && text.find(';') != std::string_view::npos &&
         text.find("d=") != std::string_view::npos && text.find("e=") != std::string_view::npos;
}

constexpr std::string_view kSettingsMeaning =
    "the released code: kernels 'ks', ratios 'e', depths 'd', resolution 'r' (or 224)";
constexpr std::string_view kListMeaning =
    "kernels, ratios, depths and perhaps the resolution as lists in a list";
constexpr std::string_view kFieldsMeaning = "the own text with its fields in any order";

constexpr std::array<Notation, 3> kMobileNetV3Notations{{
    {"settings", kSettingsMeaning,
     "{'ks': [3, 5, 3, 3, 7, 3, 3, 3, 3, 3, 3, 3, 5, 3, 3, 3, 3, 3, 3, 3], 'e': [3, 4, 3, 3, 6, 3, "
     "3, 3, 3, 3, 3, 3, 4, 3, 3, 3, 3, 3, 3, 3], 'd': [2, 3, 2, 2, 4], 'r': [224]}",
     is_dictionary, from_settings<kMobileNetV3>},
    {"list", kListMeaning,
     "[[3, 5, 3, 7, 3, 3, 3, 5, 3, 3, 3, 3], [3, 4, 3, 6, 3, 3, 3, 3, 4, 3, 3, 3], "
     "[2, 3, 2, 2, 3], 224]",
     is_numbers, from_list<kMobileNetV3>},
    {"fields", kFieldsMeaning, "d=2,2,2,2,2; ks=3,5,3,3,3,3,3,3,3,3; e=3,4,3,3,3,3,3,3,3,3; r=224",
     is_fields, from_fields<kMobileNetV3>},
}};

constexpr std::array<Notation, 3> kProxylessNotations{{
    {"settings", kSettingsMeaning,
     "{'ks': [3, 5, 3, 3, 7, 3, 3, 3, 3, 3, 3, 3, 5, 3, 3, 3, 3, 3, 3, 3, 7], 'e': [3, 4, 3, 3, 6, "
     "3, 3, 3, 3, 3, 3, 3, 4, 3, 3, 3, 3, 3, 3, 3, 6], 'd': [2, 3, 2, 2, 4, 1], 'r': [224]}",
     is_dictionary, from_settings<kProxyless>},
    {"list", kListMeaning,
     "[[3, 5, 3, 7, 3, 3, 3, 5, 3, 3, 3, 3, 7], [3, 4, 3, 6, 3, 3, 3, 3, 4, 3, 3, 3, 6], "
     "[2, 3, 2, 2, 3, 1], 224]",
     is_numbers, from_list<kProxyless>},
    {"fields", kFieldsMeaning,
     "d=2,2,2,2,2; ks=3,5,3,3,3,3,3,3,3,3,7; e=3,4,3,3,3,3,3,3,3,3,6; r=224", is_fields,
     from_fields<kProxyless>},
}};

constexpr std::array<Notation, 2> kMcunetNotations{{
    {"settings",
     "the released code: kernels 'ks', ratios 'e', depths 'd', width 'w', resolution 'r'",
     "{'ks': [3, 5, 3, 3, 7, 3, 3, 3, 3, 3, 3, 3, 5, 3, 3, 3, 3, 3, 3, 3, 7], 'e': [3, 4, 3, 3, 6, "
     "3, 3, 3, 3, 3, 3, 3, 4, 3, 3, 3, 3, 3, 3, 3, 6], 'd': [2, 3, 2, 2, 3, 1], 'w': 0.5, 'r': "
     "144}",
     is_dictionary, from_settings<kMcunet>},
    {"fields", kFieldsMeaning,
     "d=2,2,2,2,2; ks=3,5,3,3,3,3,3,3,3,3,7; e=3,4,3,3,3,3,3,3,3,3,6; w=0.5; r=144", is_fields,
     from_fields<kMcunet>},
}};

constexpr std::array<Notation, 1> kResnetNotations{{
    {"settings",
     "the released code: depths 'd', ratios 'e', widths 'w', resolution 'image_size' or 'r' (224)",
     "{'d': [2, 0, 1, 0, 2], 'e': [0.2, 0.25, 0.2, 0.2, 0.35, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2, 0.2, "
     "0.2, 0.2, 0.35, 0.2, 0.2, 0.25], 'w': [0, 1, 2, 0, 1, 2], 'image_size': [192]}",
     is_dictionary, from_resnet_settings},
}};

}  // namespace

std::span<const Notation> ofa_mobilenetv3_notations() {
  return kMobileNetV3Notations;
}
std::span<const Notation> ofa_proxyless_notations() {
  return kProxylessNotations;
}
std::span<const Notation> mcunet_notations() {
  return kMcunetNotations;
}
std::span<const Notation> ofa_resnet50_notations() {
  return kResnetNotations;
}

}  // namespace nas
