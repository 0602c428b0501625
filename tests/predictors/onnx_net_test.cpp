#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "core/onnx/network_text.h"
#include "core/util/statistics.h"
#include "predictors/onnx_net/text_facts.h"
#include "predictors/onnx_net/training.h"
#include "predictors/registry.h"
#include "searchspaces/registry.h"
#include "tests/predictors/accuracy_tables.h"
#include "tests/test_data.h"

using namespace nas;

namespace {

std::string text_of(const SearchSpace& space, const Architecture& architecture) {
  return network_text(space.build(architecture, space.info().default_task),
                      NetworkText::kRunLength);
}

std::vector<TokenText> random_texts(std::size_t vocabulary, std::span<const std::size_t> lengths) {
  Rng rng({.seed = 4});
  std::vector<TokenText> texts;
  for (const std::size_t length : lengths) {
    TokenText& text = texts.emplace_back();
    while (text.size() < length) text.push_back(static_cast<std::uint16_t>(rng.below(vocabulary)));
  }
  return texts;
}

std::vector<const TokenText*> pointers(const std::vector<TokenText>& texts) {
  std::vector<const TokenText*> result;
  for (const TokenText& text : texts) result.push_back(&text);
  return result;
}

}  // namespace

TEST_CASE("onnx_net tokens: networks of every space are read back, and all that is printable is") {
  const TextTokens tokens;
  CHECK(tokens.words().size() < 300);
  Rng rng({.seed = 2});
  for (const Plugin<SearchSpace>* plugin : space_plugins()) {
    CAPTURE(plugin->name);
    const auto space = plugin->make({});
    if (space->info().default_task.qubits > 0) continue;  // circuits have no ONNX form
    const std::string text = text_of(*space, sample(*space, rng));
    const TokenText read = tokens.encode(text);
    CHECK(tokens.decode(read) == text);
    CHECK(read.size() * 2 < text.size());  // words, not characters
    CHECK(std::ranges::find(read, TextTokens::kUnknown) == read.end());
  }
  std::string printable = "\n";
  for (char c = ' '; c <= '~'; ++c) printable += c;
  CHECK(tokens.decode(tokens.encode(printable)) == printable);
  CHECK(tokens.encode("\x01") == TokenText{TextTokens::kUnknown});
  CHECK(tokens.encode("").empty());
}

TEST_CASE("onnx_net tokens: the longest word is taken, so that a text has one reading") {
  const TextTokens tokens;
  const TokenText read = tokens.encode(" Conv 3x3 BatchNormalization Relu");
  std::vector<std::string> words;
  for (const std::uint16_t token : read) words.push_back(tokens.words()[token]);
  CHECK(words == std::vector<std::string>{" Conv", " 3x3", " BatchNormalization", " Relu"});
}

TEST_CASE("onnx_net: the derivative of the encoder agrees with differences along any direction") {
  TextEncoder net({.vocabulary = 50, .width = 32, .layers = 2, .outputs = 3}, Rng({.seed = 3}));
  Rng rng({.seed = 5});
  for (float& value : net.parameters()) value += static_cast<float>(0.05 * rng.normal());
  const std::vector<TokenText> texts = random_texts(50, std::vector<std::size_t>{1, 5, 17, 90});
  FloatMatrix slopes(texts.size(), 3);
  for (float& slope : slopes.values) slope = static_cast<float>(rng.normal());
  TextEncoder::Pass pass, other;
  const FloatMatrix outputs = net.forward(pointers(texts), pass);
  const std::vector<float> scores = net.scores(pointers(texts));
  for (std::size_t i = 0; i < texts.size(); ++i) CHECK(outputs.row(i)[0] == scores[i]);
  std::vector<float> gradient(net.parameters().size());
  net.backward(pass, slopes, gradient);
  const std::vector<float> base = net.parameters();
  const auto value_at = [&](std::span<const double> direction, double step) {
    for (std::size_t i = 0; i < base.size(); ++i) {
      net.parameters()[i] = base[i] + static_cast<float>(step * direction[i]);
    }
    double sum = 0;
    const FloatMatrix moved = net.forward(pointers(texts), other);
    for (std::size_t i = 0; i < moved.values.size(); ++i) {
      sum += static_cast<double>(slopes.values[i] * moved.values[i]);
    }
    return sum;
  };
  for (int trial = 0; trial < 8; ++trial) {
    std::vector<double> direction(base.size());
    double expected = 0, length = 0;
    for (std::size_t i = 0; i < base.size(); ++i) {
      direction[i] = rng.normal();
      expected += direction[i] * static_cast<double>(gradient[i]);
      length += std::pow(static_cast<double>(gradient[i]), 2);
    }
    constexpr double kStep = 3e-4;
    const double found = (value_at(direction, kStep) - value_at(direction, -kStep)) / (2 * kStep);
    CHECK(std::abs(found - expected) < 0.02 * std::sqrt(length));
  }
}

TEST_CASE("onnx_net: a text's score does not depend on the texts beside it") {
  const TextEncoder net({.vocabulary = 30, .width = 32, .layers = 1}, Rng({.seed = 3}));
  const std::vector<TokenText> texts = random_texts(30, std::vector<std::size_t>{40, 3, 66});
  const std::vector<float> together = net.scores(pointers(texts));
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const TokenText* one = &texts[i];
    CHECK(net.scores(std::span(&one, 1))[0] == doctest::Approx(together[i]).epsilon(1e-5));
  }
}

TEST_CASE("onnx_net: the hinge loss is that of the pairs, ties are not pairs") {
  std::vector<float> slopes;
  const std::vector<float> scores{0.3F, 0.25F, 0};
  // Pairs (0, 1): 0.1 - 0.05; (0, 2): none; the third pair is a tie.
  const double loss = pairwise_hinge(scores, std::vector<double>{2, 1, 1}, 0.1, slopes);
  CHECK(loss == doctest::Approx(0.05 / 2));
  CHECK(slopes == std::vector<float>{-0.5F, 0.5F, 0});
  CHECK(pairwise_hinge(scores, std::vector<double>{1, 1, 1}, 0.1, slopes) == 0);
}

TEST_CASE(
    "onnx_net facts: counts in deviations over all spaces, MACs within each, none without a path") {
  const auto network = [](double windows, double macs) {
    TextSubject subject;
    subject.path.values[0] = windows;
    subject.path.macs = macs;
    subject.path.valid = macs > 0;
    return subject;
  };
  const std::vector<TextSubject> small{network(0, std::exp(1.0)), network(2, std::exp(3.0))},
      large{network(4, std::exp(11.0)), network(6, std::exp(13.0)), network(3, 0)};
  const std::vector<std::span<const TextSubject>> spaces{small, large};
  const auto facts = text_facts(spaces);
  REQUIRE(facts.size() == 2);
  REQUIRE(facts[1].size() == 3);
  REQUIRE(facts[0][0].size() == kTextFacts);
  // 0, 2, 4, 6 and 3 have mean 3 and sum of squares 20; logarithms 1 and 3 as 11 and 13 differ
  // by 2.
  const double deviation = std::sqrt(20.0 / 4);
  CHECK(facts[0][0][0] == doctest::Approx(-3 / deviation));
  CHECK(facts[1][1][0] == doctest::Approx(3 / deviation));
  CHECK(facts[1][2][0] == doctest::Approx(0));
  for (const auto& space : facts) {
    CHECK(space[0].back() == doctest::Approx(-1 / std::sqrt(2.0)));
    CHECK(space[1].back() == doctest::Approx(1 / std::sqrt(2.0)));
    CHECK(space[0][1] == 0);  // what does not vary
  }
  CHECK(facts[1][2].back() == -4);
}

TEST_CASE("onnx_net: facts of texts without labels are learned beside the labels of others") {
  constexpr std::uint16_t kCounted = 5;  // a word; texts of the second space have other words
  Rng rng({.seed = 6});
  const auto drawn = [&](std::size_t count, std::uint16_t first) {
    LabelledTexts space;
    while (space.texts.size() < count) {
      TokenText& text = space.texts.emplace_back();
      double counted = 0;
      while (text.size() < 12) {
        const bool one = rng.bernoulli(0.3);
        counted += one ? 1 : 0;
        text.push_back(one ? kCounted : static_cast<std::uint16_t>(first + rng.below(8)));
      }
      space.facts.push_back({static_cast<float>((counted - 3.6) / 1.6)});
    }
    return space;
  };
  std::vector<LabelledTexts> spaces{drawn(80, 10), drawn(80, 20)};
  for (const TokenText& text : spaces[0].texts) {
    spaces[0].targets.push_back(static_cast<double>(std::ranges::count(text, 10)));
  }
  TextEncoder net({.vocabulary = 40, .width = 16, .layers = 1, .outputs = 2}, Rng({.seed = 3}));
  train_texts(net, spaces, {.epochs = 30, .batch = 16, .rate = 4e-3, .hidden = 0, .facts = 1},
              rng.stream(1), [](std::size_t) {});
  TextEncoder::Pass pass;
  for (const std::uint16_t first : {std::uint16_t{10}, std::uint16_t{20}}) {
    const LabelledTexts asked = drawn(60, first);
    const FloatMatrix outputs = net.forward(pointers(asked.texts), pass);
    std::vector<double> told, facts, counts;
    for (std::size_t i = 0; i < asked.texts.size(); ++i) {
      told.push_back(outputs.row(i)[1]);
      facts.push_back(asked.facts[i][0]);
      counts.push_back(static_cast<double>(std::ranges::count(asked.texts[i], 10)));
    }
    CHECK(spearman(told, facts).value() > 0.9);
    if (first != 10) continue;
    const std::vector<float> scores = net.scores(pointers(asked.texts));
    CHECK(spearman(std::vector<double>(scores.begin(), scores.end()), counts).value() > 0.8);
  }
}

TEST_CASE("onnx_net: words that were never seen become the unknown word") {
  TextEncoder net({.vocabulary = 10, .width = 16, .layers = 1}, Rng({.seed = 3}));
  std::vector<bool> seen(10, true);
  seen[7] = false;
  const std::vector<TokenText> texts{{1, 7, 2}, {1, TextTokens::kUnknown, 2}};
  CHECK(net.scores(pointers(texts))[0] != net.scores(pointers(texts))[1]);
  net.forget_unseen(seen);
  CHECK(net.scores(pointers(texts))[0] == net.scores(pointers(texts))[1]);
}

TEST_CASE("onnx_net: without labels it orders another space; a network without a path is last") {
  const auto known = find_plugin(space_plugins(), "space", "nasbench101").make({});
  const auto fresh = find_plugin(space_plugins(), "space", "nasbench201").make({});
  Rng rng({.seed = 8});
  std::vector<Architecture> cells;
  while (cells.size() < 60) cells.push_back(sample(*known, rng));
  TransferTask task{"nb101", subjects_of(*known, cells), {}};
  for (const Architecture& cell : cells) {
    const ArchGraph graph = known->build(cell, known->info().default_task);
    task.targets.push_back(static_cast<double>(graph_cost(graph).macs));
  }
  std::vector<Architecture> asked{fresh->parse("|none~0|+|none~0|none~1|+|none~0|none~1|none~2|")};
  while (asked.size() < 20) asked.push_back(sample(*fresh, rng));
  const auto predictor =
      make_predictor("onnx_net", {{"width", "16"}, {"layers", "1"}, {"epochs", "2"}});
  auto& transfer = dynamic_cast<TransferPredictor&>(*predictor);
  transfer.fit_tasks(std::span(&task, 1), subjects_of(*fresh, asked), {});
  const auto forecasts = transfer.forecast(subjects_of(*fresh, asked));
  REQUIRE(forecasts.size() == 20);
  for (std::size_t i = 1; i < forecasts.size(); ++i) {
    CHECK(forecasts[0].mean <= forecasts[i].mean);
  }
  const auto copy = make_predictor("onnx_net", {{"width", "16"}, {"layers", "1"}});
  copy->restore(predictor->save());
  const auto same = dynamic_cast<TransferPredictor&>(*copy).forecast(subjects_of(*fresh, asked));
  for (std::size_t i = 0; i < same.size(); ++i) CHECK(same[i].mean == forecasts[i].mean);

  PredictorState other = predictor->save();
  const std::size_t at = other.text.find("BatchNormalization");
  other.text.replace(at, 5, "Botch");
  CHECK_THROWS_WITH_AS(copy->restore(other), doctest::Contains("another version"), Error);
  PredictorState earlier = predictor->save();
  const std::string outputs = "\"outputs\":" + std::to_string(1 + kTextFacts) + ",";
  earlier.text.replace(earlier.text.find(outputs), outputs.size(), "");
  CHECK_THROWS_WITH_AS(copy->restore(earlier), doctest::Contains("an earlier version"), Error);
  CHECK_THROWS_WITH_AS(make_predictor("onnx_net", {{"width", "40"}}),
                       doctest::Contains("multiple of 16"), Error);
}
