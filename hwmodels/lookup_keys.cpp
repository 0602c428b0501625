#include "hwmodels/lookup_keys.h"

#include <algorithm>
#include <array>

#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

/// "112x112x16"; one number is a vector of channels.
std::string channels_last(const TensorType& type) {
  const Shape& shape = type.shape;
  std::vector<std::string> words;
  for (std::size_t i = 1; i < shape.rank(); ++i) words.push_back(std::to_string(shape[i]));
  if (shape.rank() == 1) words = {"1", "1"};
  words.push_back(std::to_string(shape[0]));
  return join(words, "x");
}

[[noreturn]] void unsupported(const PartUse& part, std::string_view why) {
  throw Error(ErrorKind::kUnsupported, "look-up tables of this form have no '" +
                                           std::string(part.op.name) + "'" + std::string(why));
}

bool is_free(OpRole role) {
  return role == OpRole::kInput || role == OpRole::kNormalisation || role == OpRole::kRectifier ||
         role == OpRole::kActivation || role == OpRole::kMerge || role == OpRole::kStructure;
}

std::string sizes_text(const TensorType& input, const TensorType& output) {
  return "-input:" + channels_last(input) + "-output:" + channels_last(output);
}

std::string convolution_key(const PartUse& part) {
  if (!part.always) unsupported(part, " outside of blocks that only some networks have");
  const std::string number = part.convolution == 0 ? "" : "_" + std::to_string(part.convolution);
  return "Conv" + number + sizes_text(part.inputs.front(), part.output);
}

std::string classifier_key(const TensorType& input, const PartUse& part) {
  return "Logits-input:" + channels_last(input) + "-output:" + std::to_string(part.output.shape[0]);
}

std::int64_t middle_channels(const PartUse& part) {
  const std::int64_t given = part.get_int("mid_channels");
  return given == 0 ? part.inputs.front().shape[0] : given;
}

std::string block_key(const PartUse& part, std::int64_t expand) {
  return "expanded_conv" + sizes_text(part.inputs.front(), part.output) +
         "-expand:" + std::to_string(expand) + "-kernel:" + std::to_string(part.get_int("kernel")) +
         "-stride:" + std::to_string(part.get_int("stride")) +
         "-idskip:" + std::to_string(part.shortcut ? 1 : 0);
}

std::optional<std::string> proxyless_key(const PartUse& part) {
  if (part.op.name == "mbconv") {
    const std::int64_t in = part.inputs.front().shape[0], mid = middle_channels(part);
    if (part.get_int("se_channels") != 0 || part.get_bool("hswish")) {
      unsupported(part, " with squeeze-excite or h-swish");
    }
    if (mid % in != 0) unsupported(part, " whose expansion is no whole ratio");
    return block_key(part, mid / in);
  }
  if (part.op.name == "conv2d") return convolution_key(part);
  if (part.op.name == "linear") {
    return classifier_key(part.pooled.value_or(part.inputs.front()), part);
  }
  const bool pooling = part.op.role == OpRole::kGlobalPool;  // with the classifier
  if (!pooling && !is_free(part.op.role)) unsupported(part, "");
  return std::nullopt;
}

std::optional<std::string> ofa_key(const PartUse& part) {
  if (part.op.name == "mbconv") {
    return block_key(part, middle_channels(part)) +
           "-se:" + (part.get_int("se_channels") == 0 ? "0" : "1") +
           "-hs:" + (part.get_bool("hswish") ? "1" : "0");
  }
  if (part.op.name == "conv2d") return convolution_key(part);
  if (part.op.name == "linear") return classifier_key(part.inputs.front(), part);
  if (part.op.name == "global_avg_pool") {
    return "AvgPool2D" + sizes_text(part.inputs.front(), part.output);
  }
  if (!is_free(part.op.role)) unsupported(part, "");
  return std::nullopt;
}

std::optional<std::string> own_key(const PartUse& part) {
  std::string key(part.op.name);
  for (const TensorType& input : part.inputs) {
    std::vector<std::string> dims;
    for (const std::int64_t size : input.shape.dims()) dims.push_back(std::to_string(size));
    key += " " + join(dims, "x");
  }
  for (std::size_t i = 0; i < part.op.attrs.size(); ++i) {
    const AttrSpec& spec = part.op.attrs[i];
    if (!spec.required && part.attrs[i] == spec.default_value) continue;
    key += " " + std::string(spec.name) + "=" + to_string(spec, part.attrs[i]);
  }
  return key;
}

constexpr std::array<LookupDialect, 3> kDialects{{
    {"proxylessnas", "published tables of ProxylessNAS: 'expand' is a ratio", proxyless_key},
    {"once_for_all", "published tables of Once-for-All: 'expand' is a number of channels", ofa_key},
    {"own", "operations with sizes and attributes", own_key, true},
}};

}  // namespace

std::span<const LookupDialect> lookup_dialects() {
  return kDialects;
}

const LookupDialect& own_dialect() {
  return kDialects.back();
}

const LookupDialect& recognise_dialect(std::span<const std::string> keys) {
  const auto block = std::ranges::find_if(
      keys, [](const std::string& key) { return key.starts_with("expanded_conv-"); });
  if (block == keys.end()) return own_dialect();
  return kDialects[block->find("-se:") == std::string::npos ? 0 : 1];
}

std::string wildcard_key(const PartUse& part) {
  return std::string(part.op.name) + " *";
}

}  // namespace nas
