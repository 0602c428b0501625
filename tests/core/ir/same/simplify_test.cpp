#include "core/ir/same/simplify.h"

#include <doctest/doctest.h>

#include <array>

#include "core/ir/forms/text_form.h"
#include "core/ir/same/digest.h"
#include "tests/core/ir/sample_graphs.h"

namespace nas {
namespace {

const std::string kStart = "searchlight-graph 1\n%x = input() : float[4,8,8]\n";

ArchGraph graph_of(const std::string& lines) {
  return parse_graph(kStart + lines);
}

/// Whether the first graph becomes the second, node for node.
bool becomes(const std::string& before, const std::string& after) {
  const std::string got = to_text(simplified(graph_of(before)));
  const std::string wanted = to_text(graph_of(after));
  if (got != wanted) MESSAGE(got);
  return got == wanted;
}

TEST_CASE("simplify: dead nodes go, inputs stay") {
  CHECK(becomes("%y = input() : float[7]\n%d = relu(%x)\n%e = tanh(%x)\nreturn out=%e\n",
                "%y = input() : float[7]\n%e = tanh(%x)\nreturn out=%e\n"));
}

TEST_CASE("simplify: identities and operations that do nothing are passed through") {
  CHECK(
      becomes("%a = identity(%x)\n%b = add(%a)\n%c = concat(%b)\n%d = crop(%c)\n"
              "%e = slice_channels(%d)\n%f = channel_shuffle(%e) {groups=1}\n%g = tanh(%f)\nreturn "
              "out=%g\n",
              "%g = tanh(%x)\nreturn out=%g\n"));
  CHECK(becomes("%a = identity(%x)\nreturn out=%a, in=%x\n", "return out=%x, in=%x\n"));
  const std::string kept =
      "%a = crop(%x) {top=1, left=1}\n%b = channel_shuffle(%a) {groups=2}\n"
      "%c = slice_channels(%b) {begin=1, length=2}\n%d = dropout(%c)\nreturn out=%d\n";
  CHECK(becomes(kept, kept));
}

TEST_CASE("simplify: zeros vanish from additions, and an addition of one term is that term") {
  CHECK(becomes("%z = zero(%x)\n%a = tanh(%x)\n%s = add(%z, %a, %x)\nreturn out=%s\n",
                "%a = tanh(%x)\n%s = add(%a, %x)\nreturn out=%s\n"));
  CHECK(becomes("%z = zero(%x)\n%a = tanh(%x)\n%s = add(%a, %z)\n%r = relu(%s)\nreturn out=%r\n",
                "%a = tanh(%x)\n%r = relu(%a)\nreturn out=%r\n"));
}

TEST_CASE("simplify: zeros run through what maps zero to zero, and no further") {
  const std::string zero = "%z = zero(%x)\n%a = tanh(%x)\n";
  for (const char* line :
       {"relu(%z)", "relu6(%z)", "hswish(%z)", "tanh(%z)", "gelu(%z)", "dropout(%z)",
        "max_pool(%z) {kernel=3, padding=1}", "avg_pool(%z) {kernel=3, padding=1}",
        "conv2d(%z) {out_channels=4, kernel=1}", "channel_shuffle(%z) {groups=2}",
        "multiply(%z, %a)", "multiply(%a, %z)", "add(%z, %z)"}) {
    CAPTURE(line);
    CHECK(becomes(zero + "%k = " + line + "\n%s = add(%a, %k)\nreturn out=%s\n",
                  "%a = tanh(%x)\nreturn out=%a\n"));
  }
  for (const char* line : {"batch_norm(%z)", "sigmoid(%z)", "hsigmoid(%z)",
                           "conv2d(%z) {out_channels=4, kernel=1, bias=true}"}) {
    CAPTURE(line);
    const std::string kept = zero + "%k = " + line + "\n%s = add(%a, %k)\nreturn out=%s\n";
    CHECK(simplified(graph_of(kept)).size() == 5);
  }
}

TEST_CASE("simplify: zeros of another shape vanish where they are added") {
  CHECK(becomes(
      "%z = zero(%x) {stride=2}\n%k = conv2d(%z) {out_channels=8, kernel=1}\n"
      "%c = concat(%k, %k)\n%p = slice_channels(%c) {begin=4, length=8}\n"
      "%a = conv2d(%x) {out_channels=8, kernel=1, stride=2}\n%s = add(%p, %a)\nreturn out=%s\n",
      "%a = conv2d(%x) {out_channels=8, kernel=1, stride=2}\nreturn out=%a\n"));
}

TEST_CASE("simplify: zeros that are needed are made once, above all their readers") {
  // Both zeros are the same value; the one that needs no convolution is kept.
  CHECK(
      becomes("%c = conv2d(%x) {out_channels=4, kernel=1}\n%z = zero(%c)\n%y = zero(%x)\n"
              "%b = batch_norm(%z)\n%d = batch_norm(%y)\n%s = add(%b, %d)\nreturn out=%s\n",
              "%y = zero(%x)\n%b = batch_norm(%y)\n%d = batch_norm(%y)\n%s = add(%b, %d)\nreturn "
              "out=%s\n"));
  // A shape that only a convolution of zeros makes.
  const std::string kept =
      "%z = zero(%x)\n%c = conv2d(%z) {out_channels=8, kernel=1}\n%b = batch_norm(%c)\n"
      "return out=%b\n";
  CHECK(becomes(kept, kept));
  CHECK(becomes("%z = zero(%x)\n%r = relu(%z)\nreturn out=%r\n", "%z = zero(%x)\nreturn out=%z\n"));
}

TEST_CASE("simplify: a maker below its readers in the numbering is moved up") {
  // %w reads nothing that is otherwise dead, %z does; both zeros are equal.
  const ArchGraph graph = graph_of(
      "%d = conv2d(%x) {out_channels=4, kernel=1}\n%z = zero(%d)\n%b = batch_norm(%z)\n"
      "%w = zero(%x)\n%e = batch_norm(%w)\n%s = concat(%b, %e)\nreturn out=%s\n");
  const ArchGraph small = simplified(graph);
  CHECK(small.size() == 5);
  small.check();
}

TEST_CASE("simplify: random graphs stay valid, shrink once, and keep types and names") {
  Rng rng({.seed = 11});
  int smaller = 0;
  for (int i = 0; i < 300; ++i) {
    const ArchGraph graph = test::random_graph(rng, 1 + rng.below(40));
    const ArchGraph small = simplified(graph);
    small.check();
    CHECK(simplified(small) == small);
    CHECK(small.size() <= graph.size());
    smaller += small.size() < graph.size();
    REQUIRE(small.graph_inputs().size() == graph.graph_inputs().size());
    REQUIRE(small.graph_outputs().size() == 2);
    for (std::size_t k = 0; k < 2; ++k) {
      const GraphOutput &before = graph.graph_outputs()[k], &after = small.graph_outputs()[k];
      CHECK(before.name == after.name);
      CHECK(graph.type(before.value) == small.type(after.value));
    }
    CHECK(digest(small) == digest(graph));
    CHECK(isomorphic(small, simplified(test::renumbered(graph, rng))));
  }
  CHECK(smaller > 200);
}

TEST_CASE("simplify: a NAS-Bench-201 network without a path loses its cells") {
  const ArchGraph network = test::nb201_network(std::array{0, 0, 3, 0, 3, 3}, 3);
  const ArchGraph small = simplified(network);
  CHECK(small.size() < network.size());
  // Every edge into node 1 and 2 is none, so conv(2->3) sees zeros, and 0->3, 1->3 are
  // convolutions.
  const ArchGraph dead = simplified(test::nb201_network(std::array{0, 0, 0, 0, 0, 0}, 3));
  CHECK(dead.size() < 30);
}

TEST_CASE("simplify: a deep chain of identities needs no recursion") {
  CHECK(simplified(test::chain(100'000, "identity")).size() == 1);
  CHECK(simplified(test::chain(100'000, "relu")).size() == 100'001);
}

}  // namespace
}  // namespace nas
