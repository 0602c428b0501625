#include "core/ir/forms/text_form.h"

#include <doctest/doctest.h>

#include <array>

#include "core/ir/arch_builder.h"
#include "tests/core/ir/sample_graphs.h"

namespace nas {
namespace {

const std::string kHeader = "searchlight-graph 1\n";
const std::string kInput = kHeader + "%0 = input() : float[4,8,8]\n";

/// The text of the error that reading gives, or "" when the graph is accepted.
std::string refusal(const std::string& text) {
  try {
    parse_graph(text);
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::kData);
    return error.what();
  }
  return {};
}

bool says(const std::string& message, std::string_view part) {
  const bool found = message.find(part) != std::string::npos;
  if (!found) MESSAGE(message);
  return found;
}

TEST_CASE("text form: the written form is the documented one") {
  ArchBuilder builder;
  Value x = builder.input({Element::kFloat, {3, 32, 32}});
  {
    const Scope scope(builder, "stem");
    x = builder.add("conv2d", {x}, {{"out_channels", 16}, {"kernel", 3}, {"padding", 1}});
  }
  builder.output("logits", x);
  CHECK(to_text(builder.finish()) ==
        "searchlight-graph 1\n"
        "%0 = input() : float[3,32,32]\n"
        "%1 = conv2d(%0) {out_channels=16, kernel=3, stride=1, padding=1, dilation=1, groups=1, "
        "bias=false} : float[16,32,32] @stem\n"
        "return logits=%1\n");
}

TEST_CASE("text form: networks and random graphs round-trip with scopes and names") {
  constexpr std::array kChoices{3, 0, 1, 4, 2, 3};
  const ArchGraph network = test::nb201_network(kChoices, 2);
  CHECK(parse_graph(to_text(network)) == network);
  Rng rng({.seed = 5});
  for (int i = 0; i < 50; ++i) {
    const ArchGraph graph = test::random_graph(rng, 30);
    const ArchGraph back = parse_graph(to_text(graph));
    CHECK(back == graph);
    CHECK(to_text(back) == to_text(graph));
  }
}

TEST_CASE("text form: unusual characters in scopes and output names survive") {
  ArchBuilder builder;
  builder.push_scope("a\"b\"/c,%\\\xc3\xa9");
  const Value x = builder.input({Element::kFloat, {4, 8, 8}});
  const Value y = builder.add("relu", {x});
  builder.pop_scope();
  builder.output("the=%out,\xe2\x82\xac", y);
  const ArchGraph graph = builder.finish();
  CHECK(parse_graph(to_text(graph)) == graph);
}

TEST_CASE("text form: defaults, comments, blank lines, CRLF and named values are read") {
  const ArchGraph graph = parse_graph(
      "# a comment\r\n\r\nsearchlight-graph 1\r\n"
      "%x = input() : float[4,8,8]   # the image\r\n"
      "  %c=conv2d( %x ){ kernel=3 , out_channels=8,padding=1 }@stem\r\n"
      "%r = relu(%c.0)\r\n"
      "return out = %r, \"second\"=%c\r\n\r\n# end");
  REQUIRE(graph.size() == 3);
  CHECK(graph.get_int(1, "stride") == 1);
  CHECK(graph.get_bool(1, "bias") == false);
  CHECK(graph.type({2, 0}) == TensorType{Element::kFloat, {8, 8, 8}});
  CHECK(graph.scope(1) == "stem");
  CHECK(graph.graph_outputs()[1] == GraphOutput{"second", {1, 0}});
}

TEST_CASE("text form: what is wrong is named with its line") {
  CHECK(says(refusal(""), "first line must be"));
  CHECK(says(refusal("searchlight-graph 2\n"), "line 1"));
  CHECK(says(refusal(kInput), "return"));
  CHECK(says(refusal(kInput + "%1 = conv2 (%0)\n"), "line 3"));
  CHECK(says(refusal(kInput + "%1 = rellu(%0)\n"), "did you mean 'relu'"));
  CHECK(says(refusal(kInput + "%1 = conv2d(%0) {out_channels=4, kernl=3}\n"), "kernel"));
  CHECK(says(refusal(kInput + "%1 = conv2d(%0) {out_channels=4}\n"), "needs the attribute kernel"));
  CHECK(says(refusal(kInput + "%1 = zero(%0) {stride=1, stride=2}\n"), "given twice"));
  CHECK(says(refusal(kInput + "%1 = zero(%0) {stride=0}\n"), "must be in [1"));
  CHECK(says(refusal(kInput + "%1 = zero(%0) {stride=two}\n"), "expected an integer"));
  CHECK(says(refusal(kInput + "%1 = batch_norm(%0) {affine=1}\n"), "expected true or false"));
  CHECK(says(refusal(kInput + "%1 = batch_norm(%0) {eps=small}\n"), "expected a number"));
  CHECK(says(refusal(kInput + "%1 = relu(%2)\n%2 = relu(%0)\n"), "%2 is not defined above"));
  CHECK(says(refusal(kInput + "%0 = relu(%0)\n"), "defined twice"));
  CHECK(says(refusal(kInput + "%1 = relu(%0.1)\n"), "%0 has 1 output"));
  CHECK(says(refusal(kInput + "%1 = relu(%0) : float[4,8,9]\n"), "float[4,8,8], not float[4,8,9]"));
  CHECK(says(refusal(kInput + "%1 = relu(%0, %0)\n"), "line 3"));
  CHECK(says(refusal(kInput + "%1 = sep_conv(%0) {out_channels=4, kernel=3}\n"), "macro"));
  CHECK(says(refusal(kInput + "%1 = relu(%0) junk\n"), "column 15"));
  CHECK(says(refusal(kInput + "return out=%0\n%1 = relu(%0)\n"), "nothing may follow"));
  CHECK(says(refusal(kHeader + "%0 = input()\n"), "needs one type"));
  CHECK(says(refusal(kHeader + "%0 = input() : float[1,2,3,4,5]\n"), "line 2"));
  CHECK(says(refusal(kInput + "%1 = conv2d(%0) {out_channels=4, kernel=3, groups=3}\n"), "groups"));
  CHECK(says(refusal(kInput + "return \"out=%0\n"), "closing quote"));
  CHECK(says(refusal(kInput + std::string((1 << 20) + 1, ' ')), "1 MiB"));
}

TEST_CASE("text form: cut anywhere, a text is read or refused, never anything else") {
  const std::string text(test::kCellText);
  int accepted = 0;
  for (std::size_t length = 0; length <= text.size(); ++length) {
    try {
      parse_graph(text.substr(0, length));
      ++accepted;
    } catch (const Error& error) {
      CHECK(error.kind() == ErrorKind::kData);
    }
  }
  CHECK(accepted == 2);  // with and without the last line end
}

TEST_CASE("text form: a chain of 100,000 operations is read without recursion") {
  std::string text = kInput;
  for (int i = 1; i <= 100'000; ++i) {
    text += "%" + std::to_string(i) + " = relu(%" + std::to_string(i - 1) + ")\n";
  }
  CHECK(parse_graph(text + "return out=%100000\n").size() == 100'001);
}

}  // namespace
}  // namespace nas
