#include "core/ir/digest.h"

#include <doctest/doctest.h>

#include <map>

#include "core/ir/text_form.h"
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

TEST_CASE("digest: the value is the same on every machine and in every release") {
  // The store keeps digests, so this value may change only together with a migration.
  CHECK(to_hex(digest(parse_graph(test::kCellText))) == "e9cfa8f3860fd04d6efee8ba3f4be289");
}

}  // namespace
}  // namespace nas
