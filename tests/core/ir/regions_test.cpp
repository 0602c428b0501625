#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "core/ir/arch_builder.h"
#include "core/ir/blueprint/blueprint.h"
#include "core/ir/forms/text_form.h"
#include "core/ir/same/digest.h"
#include "core/ir/same/simplify.h"

namespace nas {
namespace {

/// A convolution, an mbconv with squeeze-excite, one without, a classifier.
Value add_network(GraphSink& sink, Value x, const ElasticValue& se_channels) {
  x = sink.add("conv2d", {x}, {{"out_channels", 8}, {"kernel", 1}});
  {
    const Scope scope(sink, "a");
    x = sink.add(
        "mbconv", {x},
        {{"mid_channels", 16}, {"out_channels", 8}, {"kernel", 3}, {"se_channels", se_channels}});
  }
  {
    const Scope scope(sink, "b");
    x = sink.add("mbconv", {x}, {{"mid_channels", 0}, {"out_channels", 4}, {"kernel", 5}});
  }
  return sink.add("linear", {sink.add("global_avg_pool", {x})}, {{"out_features", 2}});
}

ArchGraph network(const ElasticValue& se_channels) {
  ArchBuilder builder;
  const Value x = builder.input({Element::kFloat, {3, 8, 8}});
  builder.output("y", add_network(builder, x, se_channels));
  return builder.finish();
}

/// "mbconv 2..9(1) -> 9": nodes, inputs, output; indented by depth.
std::vector<std::string> lines_of(const ArchGraph& graph) {
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < graph.region_count(); ++i) {
    const Region region = graph.region(i);
    std::string line;
    for (std::size_t up = region.parent; up != Region::kNone; up = graph.region(up).parent) {
      line += "  ";
    }
    line += std::string(region.op->name) + " " + std::to_string(region.begin) + ".." +
            std::to_string(region.end - 1) + "(";
    for (const PortRef& input : region.inputs) line += std::to_string(input.node);
    lines.push_back(line + ") -> " + std::to_string(region.output.node));
  }
  return lines;
}

const std::vector<std::string> kLines = {"mbconv 2..15(1) -> 15", "  squeeze_excite 8..13(7) -> 13",
                                         "mbconv 16..20(15) -> 20"};

TEST_CASE("regions: a use of a macro is remembered with attributes, inputs, output and nodes") {
  const ArchGraph graph = network(4);
  CHECK(lines_of(graph) == kLines);
  const Region first = graph.region(0), last = graph.region(2);
  CHECK(first.attrs[first.op->attr_index("se_channels")].as_int() == 4);
  CHECK(first.attrs[first.op->attr_index("stride")].as_int() == 1);  // completed by its default
  CHECK(last.attrs[last.op->attr_index("kernel")].as_int() == 5);
  for (NodeId node = first.begin; node < first.end; ++node) {
    CHECK(graph.scope(node).starts_with("a/mbconv"));
  }
  CHECK_NOTHROW(graph.check());
}

TEST_CASE("regions: every node knows the innermost use that it came from") {
  const ArchGraph graph = network(4);
  for (NodeId node = 0; node < graph.size(); ++node) {
    std::size_t expected = Region::kNone;
    for (std::size_t i = 0; i < graph.region_count(); ++i) {
      const Region region = graph.region(i);
      if (region.begin <= node && node < region.end) expected = i;
    }
    CAPTURE(node);
    CHECK(graph.region_of(node) == expected);
  }
  CHECK(network(0).region_of(0) == Region::kNone);
}

TEST_CASE("regions: they are no part of equality, digest and text") {
  const ArchGraph graph = network(4);
  const ArchGraph read = parse_graph(to_text(graph));
  CHECK(read.region_count() == 0);
  CHECK(read == graph);
  CHECK(digest(read) == digest(graph));
  CHECK(to_text(read) == to_text(graph));
}

TEST_CASE("regions: a resolved blueprint has those of the graph that is built directly") {
  BlueprintBuilder builder;
  const Value x = builder.input({Element::kFloat, {3, 8, 8}});
  const std::vector<std::int64_t> widths{0, 4, 6};
  builder.output("y", add_network(builder, x, ElasticValue::of(0, widths)));
  const Blueprint blueprint = builder.finish();
  for (std::uint16_t choice = 0; choice < 3; ++choice) {
    const ArchGraph resolved = resolve(blueprint, std::vector{choice});
    const ArchGraph direct = network(widths[choice]);
    CHECK(resolved == direct);
    CHECK(lines_of(resolved) == lines_of(direct));
    for (std::size_t i = 0; i < direct.region_count(); ++i) {
      CHECK(std::ranges::equal(resolved.region(i).attrs, direct.region(i).attrs));
    }
    CHECK_NOTHROW(resolved.check());
  }
}

TEST_CASE("regions: uses inside a use stand after it") {
  ArchBuilder builder;
  const Value x = builder.input({Element::kFloat, {4, 8, 8}});
  builder.output("y", builder.add("nb201_residual", {x}, {{"out_channels", 8}}));
  const ArchGraph graph = builder.finish();
  CHECK(lines_of(graph) == std::vector<std::string>{"nb201_residual 1..9(0) -> 9",
                                                    "  relu_conv_bn 1..3(0) -> 3",
                                                    "  relu_conv_bn 4..6(3) -> 6"});
}

TEST_CASE("regions: a failed use leaves none") {
  ArchBuilder builder;
  const Value x = builder.input({Element::kFloat, {4, 2, 2}});
  CHECK_THROWS_AS(
      builder.add("mbconv", {x}, {{"mid_channels", 9}, {"out_channels", 0}, {"kernel", 3}}), Error);
  builder.output("y", builder.add("relu", {x}));
  CHECK(builder.finish().region_count() == 0);
}

TEST_CASE("regions: simplification keeps the uses that stay whole") {
  ArchBuilder builder;
  Value x = builder.input({Element::kFloat, {4, 8, 8}});
  const auto block = [&](const char* name, Value input) {
    const Scope scope(builder, name);
    return builder.add("relu_conv_bn", {input}, {{"out_channels", 4}, {"kernel", 3}});
  };
  x = block("kept", builder.add("identity", {x}));
  block("dead", x);
  const Value zero = builder.add("zero", {x});
  x = builder.add("add", {x, block("of_zeros", zero)});
  builder.output("y", x);
  const ArchGraph graph = builder.finish();
  CHECK(graph.region_count() == 3);
  const ArchGraph small = simplified(graph);
  // relu and convolution of zeros are zeros: only its batch normalisation is left of the third use.
  CHECK(lines_of(small) == std::vector<std::string>{"relu_conv_bn 1..3(0) -> 3"});
  CHECK_NOTHROW(small.check());
}

}  // namespace
}  // namespace nas
