#include "core/ir/same/digest.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "core/ir/arch_builder.h"
#include "core/ir/forms/text_form.h"
#include "core/ir/same/simplify.h"
#include "core/util/text.h"
#include "tests/core/ir/sample_graphs.h"

namespace nas {
namespace {

ArchGraph graph_of(const std::string& lines) {
  return parse_graph("searchlight-graph 1\n%x = input() : float[4,8,8]\n" + lines);
}

const std::string kConv = " {out_channels=4, kernel=3, padding=1}\n";

TEST_CASE("digest: renumbering, order of terms and scopes have no influence") {
  Rng rng({.seed = 3});
  for (int i = 0; i < 200; ++i) {
    const ArchGraph graph = test::random_graph(rng, 1 + rng.below(50));
    const Digest expected = digest(graph);
    for (int k = 0; k < 3; ++k) CHECK(digest(test::renumbered(graph, rng)) == expected);
  }
}

TEST_CASE("digest: graphs of equal function by simplification are equal") {
  const Digest plain = digest(graph_of("%a = relu(%x)\n%s = add(%a, %x)\nreturn out=%s\n"));
  CHECK(plain == digest(graph_of("%i = identity(%x)\n%a = relu(%x)\n%z = zero(%a)\n"
                                 "%s = add(%i, %z, %a)\n%d = tanh(%s)\nreturn out=%s\n")));
}

TEST_CASE("digest: each part of a graph counts") {
  std::map<Digest, std::string> seen;
  for (const std::string& lines : std::initializer_list<std::string>{
           "return out=%x\n", "return other=%x\n", "return out=%x, other=%x\n",
           "%a = relu(%x)\nreturn out=%a\n", "%a = tanh(%x)\nreturn out=%a\n",
           "%a = relu(%x)\nreturn out=%a, other=%x\n", "%a = relu(%x)\nreturn out=%x, other=%a\n",
           "%a = add(%x, %x)\nreturn out=%a\n", "%a = add(%x, %x, %x)\nreturn out=%a\n",
           "%a = max_pool(%x) {kernel=3, padding=1}\nreturn out=%a\n",
           "%a = max_pool(%x) {kernel=5, padding=2}\nreturn out=%a\n",
           "%a = relu(%x)\n%c = concat(%a, %x)\nreturn out=%c\n",
           "%a = relu(%x)\n%c = concat(%x, %a)\nreturn out=%c\n",
           "%y = input() : float[4,8,8]\nreturn out=%x\n",
           "%y = input() : float[4,8,8]\nreturn out=%y\n",
           "%y = input() : float[4,8,9]\nreturn out=%x\n", "%z = zero(%x)\nreturn out=%z\n",
           "%z = zero(%x) {stride=2}\nreturn out=%z\n"}) {
    const auto [place, added] = seen.emplace(digest(graph_of(lines)), lines);
    if (!added) MESSAGE(place->second, " equals ", lines);
    CHECK(added);
  }
}

/// An operation as one release has it: `attrs` may grow and change places.
OpSchema release(std::span<const AttrSpec> attrs) {
  return {.name = "scale",
          .role = OpRole::kActivation,
          .family = OpFamily::kActivation,
          .attrs = attrs,
          .infer = [](const OpCall& call, std::vector<TensorType>& outputs) {
            outputs.push_back(call.inputs[0]);
          }};
}

Digest digest_of_use(const OpSchema& op, std::initializer_list<AttrValue> attrs) {
  ArchBuilder builder;
  const Value x = builder.input({Element::kFloat, {4, 8, 8}});
  builder.output("y", builder.add_in_scope(op, {{x}}, std::vector(attrs), "block"));
  return digest(builder.finish());
}

TEST_CASE("digest: an attribute that a later release adds changes nothing at its default") {
  const AttrSpec factor = required_int("factor", 0, "a"), shift = optional_int("shift", 2, 0, "b");
  const AttrSpec soft = flag("soft", false, "added later");
  const AttrSpec before[] = {factor, shift}, after[] = {soft, shift, factor};
  const OpSchema old = release(before), grown = release(after);
  std::set<Digest> all;
  for (const int f : {0, 1}) {
    for (const int s : {2, 3}) {
      const Digest value = digest_of_use(old, {f, s});
      CHECK(digest_of_use(grown, {false, s, f}) == value);
      CHECK(digest_of_use(grown, {true, s, f}) != value);
      all.insert(value);
    }
  }
  CHECK(all.size() == 4);
}

TEST_CASE("digest: attributes are told apart by their names, not by their places") {
  const AttrSpec first[] = {optional_int("rows", 0, 0, "a"), optional_int("columns", 0, 0, "b")};
  const OpSchema op = release(first);
  CHECK(digest_of_use(op, {1, 0}) != digest_of_use(op, {0, 1}));
  CHECK(digest_of_use(op, {1, 2}) != digest_of_use(op, {2, 1}));
}

TEST_CASE("digest: one convolution read twice differs from two equal convolutions") {
  const ArchGraph shared =
      graph_of("%c = conv2d(%x)" + kConv + "%s = add(%c, %c)\nreturn out=%s\n");
  const ArchGraph twice = graph_of("%c = conv2d(%x)" + kConv + "%d = conv2d(%x)" + kConv +
                                   "%s = add(%c, %d)\nreturn out=%s\n");
  CHECK(digest(shared) != digest(twice));
}

TEST_CASE("digest: who shares with whom counts, although all paths are equal") {
  // Both graphs have two convolutions, each read by two activations; the sums pair them
  // differently.
  const std::string start = "%c = conv2d(%x)" + kConv + "%d = conv2d(%x)" + kConv +
                            "%c1 = relu(%c)\n%c2 = tanh(%c)\n%d1 = relu(%d)\n%d2 = tanh(%d)\n";
  const std::string end = "%o = concat(%s, %t)\nreturn out=%o\n";
  const Digest same = digest(graph_of(start + "%s = add(%c1, %c2)\n%t = add(%d1, %d2)\n" + end));
  const Digest crossed = digest(graph_of(start + "%s = add(%c1, %d2)\n%t = add(%d1, %c2)\n" + end));
  CHECK(same != crossed);
}

TEST_CASE("digest: equal digests of random graphs are isomorphic graphs, different ones are not") {
  Rng rng({.seed = 17});
  std::vector<ArchGraph> graphs;
  for (int i = 0; i < 150; ++i) graphs.push_back(test::random_graph(rng, 1 + rng.below(4)));
  int equal = 0;
  for (std::size_t i = 0; i < graphs.size(); ++i) {
    for (std::size_t k = 0; k < i; ++k) {
      if (isomorphic(graphs[i], graphs[k])) {
        CHECK(digest(graphs[i]) == digest(graphs[k]));
        ++equal;
      }
    }
  }
  CHECK(equal > 10);
}

/// The expression of a cell's output: "#" for zeros, which pooling keeps and after a convolution
/// (of either size) leave the shift of the batch norm; a skip is its source; sums are sorted.
/// Shared parts are written out.
std::string expression(std::span<const int> choices) {
  const std::array<std::string, 5> names{"none", "skip", "conv1", "conv3", "pool"};
  std::array<std::string, 4> nodes{"x"};
  std::size_t edge = 0;
  for (std::size_t to = 1; to < nodes.size(); ++to) {
    std::vector<std::string> terms;
    for (std::size_t from = 0; from < to; ++from) {
      const auto choice = static_cast<std::size_t>(choices[edge++]);
      const bool zeros = nodes[from] == "#", is_conv = choice == 2 || choice == 3;
      if (choice == 0 || (zeros && !is_conv)) continue;
      terms.push_back(choice == 1 ? nodes[from]
                      : zeros     ? std::string("shift")
                                  : "(" + nodes[from] + ")@" + names[choice]);
    }
    std::sort(terms.begin(), terms.end());
    nodes[to] = terms.empty() ? "#" : terms.size() == 1 ? terms[0] : "[" + join(terms, "+") + "]";
  }
  return nodes.back();
}

TEST_CASE("digest: all 15,625 NAS-Bench-201 cells, against expressions and the exact test") {
  // Equal digests must have isomorphic graphs and equal expressions; different digests with one
  // expression (they differ in what is shared) must not be isomorphic.
  std::map<std::string, std::map<Digest, ArchGraph>> by_expression;
  std::map<Digest, std::string> expressions;
  std::array<int, 6> choices{};
  for (int index = 0; index < 15'625; ++index) {
    for (int rest = index, edge = 0; edge < 6; ++edge, rest /= 5) {
      choices[static_cast<std::size_t>(edge)] = rest % 5;
    }
    const ArchGraph graph = simplified(test::nb201_cell(choices));
    const Digest value = digest(graph);
    const std::string text = expression(choices);
    REQUIRE(expressions.emplace(value, text).first->second == text);
    std::map<Digest, ArchGraph>& known = by_expression[text];
    for (const auto& [other, other_graph] : known) {
      REQUIRE(isomorphic(graph, other_graph) == (value == other));
    }
    known.emplace(value, graph);
  }
  CHECK(expressions.size() > by_expression.size());
}

TEST_CASE("digest: the hexadecimal form reads back") {
  const Digest value{{0x0123456789abcdefULL, 0xfedcba9876543210ULL}};
  CHECK(to_hex(value) == "0123456789abcdeffedcba9876543210");
  CHECK(parse_digest(to_hex(value)) == value);
  for (const char* bad :
       {"", "0123", "0123456789abcdeffedcba987654321g", "-123456789abcdeffedcba9876543210",
        "0123456789abcdeffedcba98765432100"}) {
    CHECK_THROWS_AS(parse_digest(bad), Error);
  }
}

}  // namespace
}  // namespace nas
