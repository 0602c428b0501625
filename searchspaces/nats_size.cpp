#include <array>
#include <memory>
#include <string>
#include <vector>

#include "searchspaces/mixed_radix.h"
#include "searchspaces/nasbench201_network.h"
#include "searchspaces/notation_reader.h"
#include "searchspaces/notations.h"

// The size space of NATS-Bench: five layers of 8 to 64 channels, "c1:c2:c3:c4:c5". A stem of c1, a
// cell c1 -> c1, a residual block c1 -> c2 of stride 2, a cell c2 -> c3, a residual block c3 -> c4,
// a cell c4 -> c5. The index is the lexicographic one, c1 slowest.

namespace nas {

namespace {

constexpr std::size_t kLayers = 5;
constexpr std::array<std::int64_t, 8> kChannels{8, 16, 24, 32, 40, 48, 56, 64};

std::vector<Decision> layer_decisions() {
  std::vector<Decision> decisions;
  for (std::size_t layer = 1; layer <= kLayers; ++layer) {
    decisions.push_back({"layer_" + std::to_string(layer) + "/channels", DecisionKind::kChannels,
                         number_names(kChannels)});
  }
  return decisions;
}

SpaceInfo nats_size_info() {
  SpaceInfo info;
  info.name = "nats_size";
  info.version = "1";
  info.macs_count_bias = true;
  return info;
}

ElasticValue channels_of(DecisionId layer) {
  return ElasticValue::of(layer, std::span<const std::int64_t>(kChannels));
}

/// A skip between two different widths is a 1x1 convolution with batch norm and without ReLU; the
/// selector is a function of both widths.
Value add_skip(GraphSink& sink, Value from, DecisionId in_layer, DecisionId out_layer) {
  if (in_layer == out_layer) return sink.add("identity", {from});
  constexpr auto kChoices = static_cast<std::uint16_t>(kChannels.size());
  const ElasticValue differs =
      ElasticValue::of({in_layer, out_layer}, {kChoices, kChoices},
                       [](Choices c) { return AttrValue(std::int64_t{c[0] != c[1]}); });
  return sink.choose(differs, {[&] { return sink.add("identity", {from}); },
                               [&] {
                                 const Value conv = sink.add(
                                     "conv2d", {from},
                                     {{"out_channels", channels_of(out_layer)}, {"kernel", 1}});
                                 return sink.add("batch_norm", {conv});
                               }});
}

/// The one cell of the space,
/// |nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|skip_connect~0|nor_conv_3x3~1|nor_conv_3x3~2|.
/// Edges from node 0 change the width, the others keep it.
Value add_cell(GraphSink& sink, Value input, DecisionId in_layer, DecisionId out_layer) {
  const Scope scope(sink, "cell");
  const ElasticValue channels = channels_of(out_layer);
  const auto conv = [&](Value from, std::string_view name) {
    const Scope edge(sink, name);
    return sink.add("relu_conv_bn", {from}, {{"out_channels", channels}, {"kernel", 3}});
  };
  const auto node = [&](std::vector<Value> terms, std::string_view name) {
    const Scope sum(sink, name);
    return sink.add("add", terms);
  };
  const Value node_1 = node({conv(input, "edge_0_1")}, "node_1");
  const Value edge_0_2 = conv(input, "edge_0_2");
  const Value node_2 = node({edge_0_2, conv(node_1, "edge_1_2")}, "node_2");
  const Value skip = [&] {
    const Scope edge(sink, "edge_0_3");
    return add_skip(sink, input, in_layer, out_layer);
  }();
  const Value edge_1_3 = conv(node_1, "edge_1_3");
  return node({skip, edge_1_3, conv(node_2, "edge_2_3")}, "node_3");
}

class NatsSize final : public NumberedSpace, public Notations {
 public:
  NatsSize() : NumberedSpace(nats_size_info(), layer_decisions()) {}

  Architecture parse(std::string_view text) const override {
    Architecture architecture{info().name, {}};
    NotationReader reader(info().name, text);
    const std::vector<std::string> names = number_names(kChannels);
    reader.skip_blanks();
    for (std::size_t layer = 0; layer < kLayers; ++layer) {
      reader.skip_blanks();
      if (layer > 0) reader.expect(":");
      reader.skip_blanks();
      architecture.choices.push_back(reader.choice("number of channels", names));
    }
    reader.skip_blanks();
    reader.expect_end();
    return architecture;
  }

  std::string format(const Architecture& architecture) const override {
    validate(*this, architecture);
    std::string text;
    for (const std::uint16_t choice : architecture.choices) {
      if (!text.empty()) text += ':';
      text += std::to_string(kChannels[choice]);
    }
    return text;
  }

  Task settle(const Task& task) const override { return settle_task(info(), task, {}); }

  std::span<const Notation> notations() const override { return nats_size_notations(); }

 private:
  Blueprint describe(const Task& settled) const override {
    BlueprintBuilder builder;
    Value x =
        nasbench201_stem(builder, builder.input({Element::kFloat, settled.input}), channels_of(0));
    for (DecisionId stage = 0; stage < 3; ++stage) {
      const Scope scope(builder, "stages." + std::to_string(stage));
      const DecisionId out_layer = 2 * stage;
      DecisionId in_layer = 0;
      if (stage > 0) {
        in_layer = out_layer - 1;
        const Scope reduction(builder, "reduction");
        x = builder.add("nb201_residual", {x}, {{"out_channels", channels_of(in_layer)}});
      }
      x = add_cell(builder, x, in_layer, out_layer);
    }
    builder.output("logits", nasbench201_head(builder, x, settled.classes));
    return builder.finish();
  }
};

}  // namespace

extern constinit const Plugin<SearchSpace> nats_size_search_space{
    "nats_size",
    "32,768 channel settings of a fixed cell network, with published tables (NATS-Bench size)",
    "Dong, Liu, Musial and Gabrys, NATS-Bench: Benchmarking NAS Algorithms for Architecture "
    "Topology and Size, TPAMI 2021, arXiv 2009.00437",
    no_fields,
    resolve_no_options,
    [](const OptionMap& options) -> std::unique_ptr<SearchSpace> {
      resolve_no_options(options);
      return std::make_unique<NatsSize>();
    }};

}  // namespace nas
