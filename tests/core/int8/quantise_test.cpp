#include "core/int8/quantise.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "core/int8/equalise.h"
#include "core/int8/executor.h"
#include "core/int8/sample_input.h"
#include "core/int8/scales.h"
#include "core/ir/forms/text_form.h"
#include "core/util/error.h"
#include "core/util/rng.h"

namespace nas {
namespace {

using Reals = std::vector<float>;

/// One layer of a graph's own words, with its tensors.
WeightedGraph network(std::string_view text, const std::map<std::string, Reals>& tensors) {
  WeightedGraph result{parse_graph(text), {}};
  for (NodeId node = 0; node < result.graph.size(); ++node) {
    const ParamList params = result.graph.params(node);
    for (const ParamSpec& spec : params) {
      const std::string name = result.graph.path(node) + "." + std::string(spec.name);
      const Reals& values = tensors.at(name);
      REQUIRE(static_cast<std::int64_t>(values.size()) == spec.shape.elements());
      result.weights.tensors[name] =
          store_floats({spec.shape.dims().begin(), spec.shape.dims().end()}, values);
    }
  }
  return result;
}

constexpr std::string_view kFlattened = R"(searchlight-graph 1
  %0 = input() : float[2,1,2]
  %1 = flatten(%0)
  %2 = linear(%1) {out_features=2}
  return logits=%2)";

WeightedGraph flattened(const Reals& weight = {0.5F, -1, 0.25F, 2, 1, 1, -1, 0.5F}) {
  return network(kFlattened, {{"linear.weight", weight}, {"linear.bias", {0.5F, -0.25F}}});
}

Reals linear(const Reals& x, const Reals& weight, const Reals& bias) {
  Reals result;
  for (std::size_t o = 0; o < bias.size(); ++o) {
    float sum = bias[o];
    for (std::size_t i = 0; i < x.size(); ++i) sum += weight[o * x.size() + i] * x[i];
    result.push_back(sum);
  }
  return result;
}

const std::vector<Reals> kSamples = {{1, -1, 0.5F, 0.25F}, {-0.5F, 1, 1, -1}, {0, 0.3F, -1, 1}};

std::string error_of(const std::function<void()>& body) {
  try {
    body();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

/// Both passes over kSamples through `flattened`.
Calibration calibrated(const WeightedGraph& net) {
  Calibration calibration(net.graph);
  const Reals weight = read_floats(net.weights, "linear.weight");
  const Reals bias = read_floats(net.weights, "linear.bias");
  for (int pass = 0; pass < 2; ++pass) {
    for (const Reals& sample : kSamples) {
      calibration.observe(0, sample);
      calibration.observe(1, sample);
      calibration.observe(2, linear(sample, weight, bias));
    }
    if (pass == 0) calibration.start_counting();
  }
  return calibration;
}

}  // namespace

TEST_CASE("quantise: a scale spans its range and holds zero exactly") {
  for (const ValueRange range : {ValueRange{-1, 3}, {0, 6}, {2, 5}, {-7, -1}, {-1e-5F, 1e5F}}) {
    const Quantisation quantisation = asymmetric(range);
    const double scale = quantisation.scale();
    const double low = scale * (-128 - quantisation.zero_point());
    const double high = scale * (127 - quantisation.zero_point());
    CHECK(low <= std::min(range.min, 0.0F) + scale / 2);
    CHECK(high >= std::max(range.max, 0.0F) - scale / 2);
    CHECK(quantisation.zero_point() >= -128);
    CHECK(quantisation.zero_point() <= 127);
  }
  CHECK(asymmetric({0, 6}).zero_point() == -128);
  CHECK(asymmetric({0, 0}).scale() > 0);
}

TEST_CASE("quantise: a layer behind a flattened image answers as in floating point") {
  const WeightedGraph net = flattened();
  const QuantisedNetwork quantisation = quantised(net, calibrated(net));
  CHECK(quantisation.notes.empty());
  MicroExecutor executor(quantisation.program);
  const MicroTensor& input =
      quantisation.program.tensors[static_cast<std::size_t>(quantisation.program.inputs[0])];
  for (const Reals& sample : kSamples) {
    executor.set_input(0, as_program_input(sample, {2, 1, 2}, input));
    executor.run();
    const Reals expected = linear(sample, read_floats(net.weights, "linear.weight"),
                                  read_floats(net.weights, "linear.bias"));
    const Reals answer = executor.output(0);
    for (std::size_t i = 0; i < expected.size(); ++i) {
      CHECK(answer[i] == doctest::Approx(expected[i]).epsilon(0.02));
    }
  }
}

TEST_CASE("quantise: a layer normalisation over channels answers within a few steps") {
  constexpr std::string_view kText = R"(searchlight-graph 1
    %0 = input() : float[16,6]
    %1 = layer_norm(%0) {over_channels=true}
    return y=%1)";
  constexpr std::size_t kChannels = 16, kTokens = 6;
  Reals factors, constants;
  for (std::size_t c = 0; c < kChannels; ++c) {
    factors.push_back(0.5F + 0.05F * static_cast<float>(c));
    constants.push_back(0.1F * static_cast<float>(c % 3));
  }
  const WeightedGraph net =
      network(kText, {{"layer_norm.weight", factors}, {"layer_norm.bias", constants}});
  Calibration calibration(net.graph);
  std::vector<Reals> samples, answers;
  Rng rng({.seed = 7, .purpose = Purpose::kTest});
  for (int n = 0; n < 4; ++n) {
    Reals x(kChannels * kTokens), y(x.size());
    for (std::size_t t = 0; t < kTokens; ++t) {
      // Rows of other means and spreads.
      const double mean = rng.normal(), spread = 0.5 + rng.uniform();
      double sum = 0, squares = 0;
      for (std::size_t c = 0; c < kChannels; ++c) {
        const double value = mean + spread * rng.normal();
        x[c * kTokens + t] = static_cast<float>(value);
        sum += value;
        squares += value * value;
      }
      const double middle = sum / kChannels;
      const double deviation = std::sqrt(squares / kChannels - middle * middle + 1e-5);
      for (std::size_t c = 0; c < kChannels; ++c) {
        const double unit = (static_cast<double>(x[c * kTokens + t]) - middle) / deviation;
        y[c * kTokens + t] = static_cast<float>(unit) * factors[c] + constants[c];
      }
    }
    calibration.observe(0, x);
    calibration.observe(1, y);
    samples.push_back(x);
    answers.push_back(y);
  }
  const MicroProgram program = quantised(net, calibration).program;
  MicroExecutor executor(program);
  const MicroTensor& input = program.tensors[static_cast<std::size_t>(program.inputs[0])];
  const MicroTensor& output = program.tensors[static_cast<std::size_t>(program.outputs[0])];
  double squares = 0;
  for (std::size_t n = 0; n < samples.size(); ++n) {
    executor.set_input(0, as_program_input(samples[n], {16, 6}, input));
    executor.run();
    const Reals answer = executor.output(0);  // channels last, or rows of channels
    REQUIRE(answer.size() == kChannels * kTokens);
    for (std::size_t t = 0; t < kTokens; ++t) {
      for (std::size_t c = 0; c < kChannels; ++c) {
        const bool last = output.dims.back() == 16;
        const double got = answer[last ? t * kChannels + c : c * kTokens + t];
        const double off = got - static_cast<double>(answers[n][c * kTokens + t]);
        squares += off * off;
      }
    }
  }
  const double steps = std::sqrt(squares / 4 / kChannels / kTokens) /
                       static_cast<double>(output.quantisation.scale());
  CHECK(steps < 2);
}

TEST_CASE("quantise: a bias has the scale of input times weights") {
  const WeightedGraph net = flattened();
  const MicroProgram program = quantised(net, calibrated(net)).program;
  const MicroStep& layer = program.steps.back();
  const auto tensor = [&](std::size_t operand) -> const MicroTensor& {
    return program.tensors[static_cast<std::size_t>(layer.inputs[operand])];
  };
  CHECK(tensor(2).quantisation.scale() ==
        doctest::Approx(tensor(0).quantisation.scale() * tensor(1).quantisation.scale()));
  CHECK(tensor(1).quantisation.zero_point() == 0);
  CHECK(tensor(1).quantisation.scale() == doctest::Approx(2.0 / 127));
}

TEST_CASE("quantise: percentiles leave rare numbers out, as far as they are asked to") {
  const ArchGraph graph =
      parse_graph("searchlight-graph 1\n%0 = input() : float[1000]\nreturn x=%0");
  Calibration calibration(graph);
  Reals values(1000);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i) / 1000;
  values.back() = 100;
  calibration.observe(0, values);
  calibration.start_counting();
  calibration.observe(0, values);
  CHECK(calibration.min_max(0).max == 100);
  CHECK(calibration.percentile(0, 99.5).max < 1.1F);
  CHECK(calibration.percentile(0, 100).max == 100);
  CHECK(calibration.percentile(0, 100).min == 0);
}

TEST_CASE("quantise: numbers that are not finite are an error that names the node") {
  const WeightedGraph net = flattened();
  Calibration calibration(net.graph);
  const std::string text = error_of([&] { calibration.observe(2, Reals{1, std::nanf("")}); });
  CHECK(text.find("'linear' gives 1 numbers of 2 that are not finite") != std::string::npos);
  const std::string unseen = error_of([&] { quantised(net, Calibration(net.graph)); });
  CHECK(unseen.find("no sample went through") != std::string::npos);
  const WeightedGraph broken = flattened({INFINITY, 0, 0, 0, 0, 0, 0, 0});
  const std::string weights = error_of([&] { quantised(broken, calibrated(net)); });
  CHECK(weights.find("'linear.weight' holds numbers that are not finite") != std::string::npos);
}

TEST_CASE("quantise: channels of zeros and values that are always zero are said, and work") {
  constexpr std::string_view kText = R"(searchlight-graph 1
    %0 = input() : float[2,1,1]
    %1 = conv2d(%0) {out_channels=2, kernel=1, bias=true}
    return logits=%1)";
  const WeightedGraph net =
      network(kText, {{"conv2d.weight", {1, -2, 0, 0}}, {"conv2d.bias", {0, 0.75F}}});
  Calibration calibration(net.graph);
  calibration.observe(0, Reals{1, 0.5F, -1, 1});
  calibration.observe(1, Reals{0, 0.75F, -3, 0.75F});
  const QuantisedNetwork quantisation = quantised(net, calibration);
  REQUIRE(quantisation.notes.size() == 1);
  CHECK(quantisation.notes[0].find("1 output channels whose weights are all 0") !=
        std::string::npos);
  MicroExecutor executor(quantisation.program);
  executor.set_input(0, Reals{-1, 1});
  executor.run();
  CHECK(executor.output(0)[0] == doctest::Approx(-3).epsilon(0.02));
  CHECK(executor.output(0)[1] == doctest::Approx(0.75).epsilon(0.02));

  Calibration constant(net.graph);
  constant.observe(0, Reals{0, 0});
  constant.observe(1, Reals{0, 0});
  CHECK(quantised(net, constant).notes.size() == 3);
}

TEST_CASE("quantise: equalised layers are the same function with balanced channels") {
  constexpr std::string_view kText = R"(searchlight-graph 1
    %0 = input() : float[1,1,1]
    %1 = conv2d(%0) {out_channels=2, kernel=1, bias=true} @a
    %2 = relu(%1) @a
    %3 = conv2d(%2) {out_channels=1, kernel=1, bias=true} @b
    return logits=%3)";
  const WeightedGraph net = network(kText, {{"a/conv2d.weight", {100, 0.01F}},
                                            {"a/conv2d.bias", {1, 0.02F}},
                                            {"b/conv2d.weight", {0.01F, 50}},
                                            {"b/conv2d.bias", {0.5F}}});
  const WeightedGraph balanced = equalised(net);
  const auto answer = [](const WeightedGraph& of, float x) {
    const Reals a = read_floats(of.weights, "a/conv2d.weight");
    const Reals b = read_floats(of.weights, "b/conv2d.weight");
    const Reals bias = read_floats(of.weights, "a/conv2d.bias");
    float sum = read_floats(of.weights, "b/conv2d.bias")[0];
    for (std::size_t i = 0; i < 2; ++i) sum += b[i] * std::max(a[i] * x + bias[i], 0.0F);
    return sum;
  };
  for (const float x : {-1.0F, -0.1F, 0.3F, 2.0F}) {
    CHECK(answer(balanced, x) == doctest::Approx(answer(net, x)));
  }
  const Reals a = read_floats(balanced.weights, "a/conv2d.weight");
  const Reals b = read_floats(balanced.weights, "b/conv2d.weight");
  for (std::size_t i = 0; i < 2; ++i) CHECK(a[i] == doctest::Approx(b[i]));
}

}  // namespace nas
