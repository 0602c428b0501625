#include "core/onnx/repeated_lines.h"

#include <doctest/doctest.h>

namespace nas {
namespace {

using Lines = std::vector<TextLine>;

/// A line that reads the lines before it at these distances.
void add(Lines& lines, const std::string& text, std::initializer_list<std::size_t> back) {
  TextLine& line = lines.emplace_back(TextLine{text});
  for (const std::size_t distance : back) line.operands.push_back({lines.size() - 1 - distance});
}

void add_cell(Lines& lines) {
  add(lines, "Conv", {1});
  add(lines, "Pool", {2});
  add(lines, "Add", {2, 1});
}

Lines stem() {
  return {{"Stem", {{.input = true}}}};
}

}  // namespace

TEST_CASE("repeated lines: a cell stands once with its count, and by its number elsewhere") {
  Lines lines = stem();
  for (int i = 0; i < 3; ++i) add_cell(lines);
  add(lines, "Reduce", {1});
  add_cell(lines);
  add(lines, "Head", {1});
  CHECK(repeated_lines_text(lines) ==
        "\nv1: in Stem\n#1 3 {\nv1: in Conv\nv2: in Pool\nv3: v1 v2 Add\n}"
        "\nv3: v2 Reduce\n#1 1\nv5: v4 Head");
}

TEST_CASE("repeated lines: blocks hold blocks, the innermost is found first") {
  Lines lines = stem();
  for (int stage = 0; stage < 2; ++stage) {
    for (int i = 0; i < 4; ++i) add_cell(lines);
    add(lines, "Reduce", {1});
  }
  CHECK(repeated_lines_text(lines) ==
        "\nv1: in Stem\n#1 2 {\n#2 4 {\nv1: in Conv\nv2: in Pool\nv3: v1 v2 Add\n}"
        "\nv2: v1 Reduce\n}");
}

TEST_CASE("repeated lines: what reads from elsewhere is not a repetition") {
  Lines lines = stem();
  add_cell(lines);
  add_cell(lines);
  lines.back().operands.push_back({0});  // of the second cell's addition
  CHECK(repeated_lines_text(lines) ==
        "\nv1: in Stem\nv2: v1 Conv\nv3: v1 Pool\nv4: v2 v3 Add\nv5: v4 Conv\nv6: v4 Pool"
        "\nv7: v5 v6 v1 Add");
}

TEST_CASE("repeated lines: a chained line continues, outputs and inputs are told apart") {
  Lines lines = stem();
  add(lines, "Relu", {1});
  lines.back().chained = true;
  add(lines, "Split", {1});
  lines.push_back({"Concat", {{2, false, 1}, {2, false, 0}, {0, true, 1}}});
  CHECK(repeated_lines_text(lines) == "\nv1: in Stem Relu\nv2: v1 Split\nv3: v2.1 v2 in2 Concat");
  CHECK(repeated_lines_text({}).empty());
}

}  // namespace nas
