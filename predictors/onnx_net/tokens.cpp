#include "predictors/onnx_net/tokens.h"

#include <algorithm>

namespace nas {
namespace {

constexpr const char* kOperators[] = {"Add",
                                      "Attention",
                                      "Average",
                                      "BatchNormalization",
                                      "Clip",
                                      "Concat",
                                      "Conv",
                                      "Div",
                                      "Erf",
                                      "Flatten",
                                      "Gather",
                                      "Gelu",
                                      "Gemm",
                                      "HardSigmoid",
                                      "HardSwish",
                                      "Identity",
                                      "LayerNormalization",
                                      "MatMul",
                                      "Max",
                                      "Mul",
                                      "Pad",
                                      "Pow",
                                      "ReduceMean",
                                      "ReduceSum",
                                      "Relu",
                                      "Reshape",
                                      "Sigmoid",
                                      "Slice",
                                      "Softmax",
                                      "Split",
                                      "Sqrt",
                                      "Squeeze",
                                      "Sub",
                                      "Tanh",
                                      "Transpose",
                                      "Unsqueeze",
                                      "global",
                                      "dw",
                                      "in",
                                      "in2",
                                      "{",
                                      "1x1",
                                      "2x2",
                                      "3x3",
                                      "5x5",
                                      "7x7",
                                      "/2",
                                      "/4",
                                      "d2",
                                      "p0",
                                      "p1",
                                      "=",
                                      "~"};
constexpr const char* kPhrases[] = {"Pool", "in ", "\n}"};
constexpr int kBlocks = 12, kRatios = 8;
constexpr char kFirstPrintable = ' ', kLastPrintable = '~';

}  // namespace

TextTokens::TextTokens() {
  words_.emplace_back("?");
  for (const std::string_view word : kOperators) add(std::string(" ").append(word));
  for (const char* word : kPhrases) add(word);
  first_value_ = static_cast<std::uint16_t>(words_.size());
  for (int i = 1; i <= kValues; ++i) {
    const std::string name = 'v' + std::to_string(i);
    add('\n' + name + ':');
    add(' ' + name);
  }
  for (int i = 1; i <= kBlocks; ++i) add(std::string("\n#").append(std::to_string(i)));
  for (int i = 1; i <= kRatios; ++i) {
    add(std::string(" *").append(std::to_string(i)));
    add('/' + std::to_string(i));
  }
  for (int i = 0; i < 10; ++i) add(' ' + std::to_string(i));
  add("\n");
  for (char c = kFirstPrintable; c <= kLastPrintable; ++c) add(std::string(1, c));
  for (std::vector<std::uint16_t>& list : by_first_) {
    std::ranges::stable_sort(list, [this](std::uint16_t a, std::uint16_t b) {
      return words_[a].size() > words_[b].size();
    });
  }
}

void TextTokens::add(std::string word) {
  by_first_[static_cast<unsigned char>(word[0])].push_back(
      static_cast<std::uint16_t>(words_.size()));
  words_.push_back(std::move(word));
}

TokenText TextTokens::encode(std::string_view text) const {
  TokenText tokens;
  while (!text.empty()) {
    const std::vector<std::uint16_t>& list = by_first_[static_cast<unsigned char>(text[0])];
    const auto found = std::ranges::find_if(
        list, [&](std::uint16_t token) { return text.starts_with(words_[token]); });
    tokens.push_back(found == list.end() ? kUnknown : *found);
    text.remove_prefix(found == list.end() ? 1 : words_[*found].size());
  }
  return tokens;
}

void TextTokens::rename(TokenText& text, std::span<const std::uint16_t> order) const {
  for (std::uint16_t& token : text) {
    if (token < first_value_ || token >= first_value_ + 2 * kValues) continue;
    const std::uint16_t place = token - first_value_;
    token = static_cast<std::uint16_t>(first_value_ + 2 * (order[place / 2] - 1) + place % 2);
  }
}

std::string TextTokens::decode(std::span<const std::uint16_t> tokens) const {
  std::string text;
  for (const std::uint16_t token : tokens) text += words_.at(token);
  return text;
}

}  // namespace nas
