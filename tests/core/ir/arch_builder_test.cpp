#include "core/ir/arch_builder.h"

#include <doctest/doctest.h>

#include <array>
#include <string>

#include "core/ir/cost.h"
#include "core/ops/registry.h"

namespace nas {
namespace {

const TensorType kImage{Element::kFloat, {16, 32, 32}};

/// The text of the error that one use of an operation on an image raises.
std::string error_of(std::string_view op, const TensorType& type,
                     std::initializer_list<NamedAttr> attrs) {
  ArchBuilder builder;
  const Value x = builder.input(type);
  const Scope scope(builder, "cells.3");
  try {
    builder.add(op, {x}, attrs);
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::kUsage);
    return error.what();
  }
  return "no error";
}

}  // namespace

TEST_CASE("a misfit names the node's path, the attribute and the dimension") {
  CHECK(error_of("conv2d", kImage, {{"out_channels", 9}, {"kernel", 3}, {"groups", 3}}) ==
        "conv2d 'cells.3/conv2d': groups = 3 does not divide in_channels = 16");
  CHECK(error_of("conv2d", kImage, {{"out_channels", 9}, {"kernel", 3}, {"groups", 2}}) ==
        "conv2d 'cells.3/conv2d': groups = 2 does not divide out_channels = 9");
  CHECK(error_of("conv2d", kImage, {{"out_channels", 9}, {"kernel", 35}, {"padding", 1}}) ==
        "conv2d 'cells.3/conv2d': a window of 35 does not fit into height = 32 with padding = 1");
  CHECK(error_of("conv2d", kImage, {{"out_channels", 9}, {"kernel", 0}}) ==
        "conv2d 'cells.3/conv2d': kernel = 0, must be >= 1");
  CHECK(error_of("conv2d", kImage, {{"kernel", 3}}) ==
        "in 'cells.3': conv2d: attribute 'out_channels' (output channels; 0 = as the input) is "
        "missing; it has no default");
  CHECK(error_of("max_pool", kImage, {{"kernel", 3}, {"padding", 2}}) ==
        "max_pool 'cells.3/max_pool': padding = 2 exceeds half of kernel = 3");
  CHECK(error_of("linear", kImage, {{"out_features", 10}}) ==
        "linear 'cells.3/linear': input 0 is float[16,32,32], expected float[features]; put "
        "flatten or global_avg_pool before it");
  CHECK(error_of("channel_shuffle", kImage, {{"groups", 5}}) ==
        "channel_shuffle 'cells.3/channel_shuffle': groups = 5 does not divide channels = 16");
  CHECK(error_of("slice_channels", kImage, {{"begin", 10}, {"length", 7}}) ==
        "slice_channels 'cells.3/slice_channels': channels 10 to 17 (exclusive) are not in "
        "channels = 16");
  CHECK(error_of("crop", kImage, {{"left", 32}}) ==
        "crop 'cells.3/crop': left = 32 leaves nothing of width = 32");
  CHECK(error_of("sep_conv", kImage, {{"out_channels", 0}, {"kernel", 3}}) ==
        "in 'cells.3': sep_conv: out_channels = 0, must be >= 1");
  CHECK(error_of("relu", {Element::kIndex, {7}}, {}) ==
        "relu 'cells.3/relu': input 0 is index[7], expected float elements");
}

TEST_CASE("an error inside a macro names the primitive's path") {
  CHECK(error_of("factorized_reduction", {Element::kFloat, {4, 7, 7}}, {{"out_channels", 8}}) ==
        "concat 'cells.3/factorized_reduction/concat': input 1 is float[4,3,3], but input 0 is "
        "float[4,4,4]");
}

TEST_CASE("an attribute of the wrong type is refused, not read as other bits") {
  CHECK(error_of("dropout", kImage, {{"rate", 1}}).find("rate") != std::string::npos);
  CHECK(error_of("conv2d", kImage, {{"out_channels", 8}, {"kernel", 3.0}}).find("kernel") !=
        std::string::npos);
  CHECK(error_of("conv2d", kImage, {{"out_channels", 8}, {"kernel", 3}, {"bias", 2}}) ==
        "conv2d 'cells.3/conv2d': bias = 2, must be true or false");
  CHECK(error_of("conv2d", kImage, {{"out_channels", 8}, {"kernel", 3}, {"kernel", 3}}) ==
        "in 'cells.3': conv2d: attribute 'kernel' is given twice");
}

TEST_CASE("absurd sizes are errors, never overflow") {
  const std::int64_t huge = std::int64_t{1} << 31;
  CHECK(error_of("conv2d", kImage, {{"out_channels", huge}, {"kernel", huge}}) != "no error");
  CHECK(error_of("conv2d", kImage, {{"out_channels", huge}, {"kernel", 1}})
            .find("more than 2147483648") != std::string::npos);
  CHECK(error_of("conv2d", kImage, {{"out_channels", huge + 1}, {"kernel", 1}}) ==
        "conv2d 'cells.3/conv2d': out_channels = 2147483649, must be an integer <= 2147483648");
  CHECK(error_of("conv2d", kImage, {{"out_channels", 1}, {"kernel", 3}, {"padding", huge}})
            .find("more than 2147483648") != std::string::npos);
  CHECK(error_of("conv2d", kImage, {{"out_channels", 1}, {"kernel", huge}, {"dilation", huge}}) !=
        "no error");
  CHECK(error_of("linear", {Element::kFloat, {huge}}, {{"out_features", huge}})
            .find("more than 2147483648") != std::string::npos);
  ArchBuilder builder;
  CHECK_THROWS_AS(builder.input({Element::kFloat, {huge, huge, huge, huge}}), Error);
  CHECK_THROWS_AS(builder.input({Element::kFloat, {3, 0, 3}}), Error);
  CHECK_THROWS_AS(builder.input({Element::kFloat, {-3}}), Error);
}

TEST_CASE("MACs that do not fit into 64 bits are an error") {
  ArchBuilder builder;
  Value x = builder.input({Element::kFloat, {1, 46340, 46340}});
  // Nearly 2^31 weights slide over nearly 2^31 places: three times almost 2^62 MACs.
  x = builder.add("conv2d", {x}, {{"out_channels", 1}, {"kernel", 46339}, {"padding", 23169}});
  x = builder.add("conv2d", {x}, {{"out_channels", 1}, {"kernel", 46339}, {"padding", 23169}});
  x = builder.add("conv2d", {x}, {{"out_channels", 1}, {"kernel", 46339}, {"padding", 23169}});
  builder.output("y", x);
  const ArchGraph graph = builder.finish();
  CHECK(graph.cost(1).macs > std::int64_t{1} << 61);
  CHECK_THROWS_AS(graph_cost(graph), Error);
}

TEST_CASE("a builder survives a refused node") {
  const auto build = [](bool with_error) {
    ArchBuilder builder;
    Value x = builder.input(kImage);
    if (with_error) {
      const Scope scope(builder, "gone");
      CHECK_THROWS_AS(builder.add("conv2d", {x}, {{"out_channels", 7}, {"kernel", 99}}), Error);
    }
    const Scope scope(builder, "kept");
    x = builder.add("relu", {x});
    builder.output("y", x);
    return builder.finish();
  };
  CHECK(build(true) == build(false));
}

TEST_CASE("values that do not exist are refused") {
  ArchBuilder builder;
  const Value x = builder.input(kImage);
  CHECK_THROWS_AS(builder.add("relu", {Value{5, 0}}), Error);
  CHECK_THROWS_AS(builder.add("relu", {Value{x.node, 1}}), Error);
  CHECK_THROWS_AS(builder.output("y", Value{5, 0}), Error);
  CHECK_THROWS_AS(builder.type(Value{5, 0}), Error);
  CHECK_THROWS_AS(builder.add("relu", {x, x}), Error);
  CHECK_THROWS_AS(builder.add("input", std::span<const Value>{}), Error);
}

TEST_CASE("names of scopes and outputs keep to what the text form can hold") {
  ArchBuilder builder;
  const Value x = builder.input(kImage);
  for (const char* name : {"", "a b", "a\n", "x#y", "x@y", "a\xff", "\xc3", "\xed\xa0\x80"}) {
    CAPTURE(name);
    CHECK_THROWS_AS(builder.push_scope(name), Error);
    CHECK_THROWS_AS(builder.output(name, x), Error);
  }
  builder.output("y", x);
  CHECK_THROWS_AS(builder.output("y", x), Error);
}

TEST_CASE("finish needs an output and leaves the builder empty") {
  ArchBuilder builder;
  Value x = builder.input(kImage);
  CHECK_THROWS_AS(builder.finish(), Error);
  builder.output("y", x);
  const ArchGraph first = builder.finish();
  CHECK(first.size() == 1);
  CHECK_THROWS_AS(builder.type(x), Error);
  x = builder.input(kImage);
  builder.output("y", x);
  CHECK(builder.finish() == first);
}

TEST_CASE("choose builds only the selected alternative, and refuses an open decision") {
  ArchBuilder builder;
  const Value x = builder.input(kImage);
  int built = 0;
  const auto relu = [&] {
    ++built;
    return builder.add("relu", {x});
  };
  const auto tanh = [&] {
    ++built;
    return builder.add("tanh", {x});
  };
  const Value y = builder.choose(1, {relu, tanh});
  CHECK(built == 1);
  CHECK(y.node == 1);
  CHECK_THROWS_AS(builder.choose(2, {relu, tanh}), Error);
  CHECK_THROWS_AS(builder.choose(-1, {relu, tanh}), Error);
  const ElasticValue open = ElasticValue::of(0, std::vector<AttrValue>{0, 1});
  CHECK_THROWS_AS(builder.choose(open, {relu, tanh}), Error);
  CHECK_THROWS_AS(
      builder.add("zero", {x}, {{"stride", ElasticValue::of(0, std::vector<AttrValue>{1, 2})}}),
      Error);
}

TEST_CASE("add_in_scope gives the same graph as open scopes") {
  ArchBuilder with_scopes;
  Value x = with_scopes.input(kImage);
  {
    const Scope outer(with_scopes, "a");
    const Scope inner(with_scopes, "b");
    x = with_scopes.add("crop", {x}, {{"top", 1}, {"left", 2}});
    x = with_scopes.add("crop", {x}, {{"top", 1}, {"left", 2}});
  }
  with_scopes.output("y", x);

  ArchBuilder flat;
  Value y = flat.input(kImage);
  const std::array<AttrValue, 2> attrs{1, 2};
  y = flat.add_in_scope(find_op("crop"), std::span(&y, 1), attrs, "a/b");
  y = flat.add_in_scope(find_op("crop"), std::span(&y, 1), attrs, "a/b");
  flat.output("y", y);
  CHECK(flat.finish() == with_scopes.finish());
  CHECK_THROWS_AS(flat.add_in_scope(find_op("sep_conv"), {}, {}, ""), Error);
  CHECK_THROWS_AS(flat.add_in_scope(find_op("crop"), {}, {}, ""), Error);
}

}  // namespace nas
