#include <doctest/doctest.h>

#include "core/api/notation.h"
#include "tests/searchspaces/space_testing.h"

// One genotype in the notations that repositories write.

namespace nas {
namespace {

using test::make_space;
using test::usage_error;

const std::string kNormal =
    "[('sep_conv_5x5', 1), ('skip_connect', 0), ('avg_pool_3x3', 0), ('dil_conv_5x5', 2), "
    "('sep_conv_3x3', 3), ('skip_connect', 1), ('max_pool_3x3', 4), ('dil_conv_3x3', 0)]";
const std::string kReduce =
    "[('max_pool_3x3', 0), ('max_pool_3x3', 1), ('skip_connect', 2), ('sep_conv_3x3', 0), "
    "('skip_connect', 2), ('sep_conv_5x5', 3), ('avg_pool_3x3', 1), ('skip_connect', 2)]";
constexpr std::string_view kExpected =
    "skip_connect:0 sep_conv_5x5:1 | avg_pool_3x3:0 dil_conv_5x5:2 | skip_connect:1 sep_conv_3x3:3 "
    "| dil_conv_3x3:0 max_pool_3x3:4 ; max_pool_3x3:0 max_pool_3x3:1 | sep_conv_3x3:0 "
    "skip_connect:2 | skip_connect:2 sep_conv_5x5:3 | avg_pool_3x3:1 skip_connect:2";

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos;
       at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

/// Each pair with the strength that the search gave it.
std::string weighted(const std::string& cell) {
  return replaced(cell, ")", ", 0.125)");
}

/// The pairs in lists of two, as PyTorch forks of the authors' code print them.
std::string by_node(const std::string& cell) {
  std::string text;
  int pairs = 0;
  for (std::size_t i = 0; i < cell.size(); ++i) {
    if (cell[i] == '(' && pairs % 2 == 0) text += '(';
    text += cell[i];
    if (cell[i] == ')' && ++pairs % 2 == 0) text += ')';
  }
  return text;
}

TEST_CASE("darts: a genotype is read in every dialect of the authors' named tuple") {
  const auto space = make_space("darts");
  const std::string range = "range(2, 6)", list = "[2, 3, 4, 5]";
  const std::string plain = "Genotype(normal=" + kNormal + ", normal_concat=" + range +
                            ", reduce=" + kReduce + ", reduce_concat=" + range + ")";
  const std::string without = "Genotype(normal=" + kNormal + ", reduce=" + kReduce + ")";
  const std::string json = replaced(
      replaced(replaced("{'normal': " + kNormal + ", 'reduce': " + kReduce + "}", "'", "\""), "(",
               "["),
      ")", "]");
  const std::vector<std::string> texts{
      plain,
      without,
      "MINE = " + plain,
      "03/04 10:11:12 AM genotype = " + plain,
      "2019-03-04 10:11:12,345 - INFO - genotype = " + plain,
      "# seed 2\nMINE = " + plain,
      "genotypes.Genotype(reduce=" + kReduce + ", normal=" + kNormal + ", reduce_concat=" + list +
          ", normal_concat=" + list + ",)",
      "Genotype(normal=" + by_node(kNormal) + ", normal_concat=[2, 3, 4, 5], reduce=" +
          by_node(kReduce) + ", reduce_concat=(2, 3, 4, 5), connectN=None, connects=None)",
      "Genotype(normal=" + weighted(kNormal) + ", reduce=" + weighted(kReduce) + ")",
      replaced(replaced(plain, "'", "\""), "), (", "),\n  ("),
      "Genotype(" + kNormal + ", " + range + ", " + kReduce + ", " + range + ")",
      "Genotype(" + kNormal + ", " + kReduce + ")",
      "[" + kNormal + ", " + kReduce + "]",
      json,
      "{\"genotype\": " + json + ", \"epoch\": 50}",
      "normal = " + kNormal + "\nreduce = " + kReduce,
      "'" + replaced(plain, "'", "\"") + "',",
      replaced(replaced(plain, "sep_conv", "SEP_CONV"), "skip_connect", "Skip_Connect"),
      replaced(replaced(plain, "range(2, 6)", "range(2,6)"), "range(2,6)", "range(2, 6, 1)"),
      plain + "  # 97.4 %\n",
      replaced(plain, "('skip_connect', 0)", "(0, 'skip_connect')"),
      replaced(plain, "('skip_connect', 0)", "('skip_connect', np.int64(0))"),
      "([[1, 4], [0, 2], [0, 1], [2, 6], [3, 3], [1, 2], [4, 0], [0, 5]], [[0, 0], [1, 0], [2, 2], "
      "[0, 3], [2, 2], [3, 4], [1, 1], [2, 2]])",
      "array([[[1, 4], [0, 2], [0, 1], [2, 6], [3, 3], [1, 2], [4, 0], [0, 5]],\n       [[0, 0], "
      "[1, "
      "0], [2, 2], [0, 3], [2, 2], [3, 4], [1, 1], [2, 2]]])",
      std::string(kExpected)};
  for (const std::string& text : texts) {
    CAPTURE(text);
    CHECK(space->format(read_architecture(*space, text).architecture) == kExpected);
  }
  CHECK(read_architecture(*space, "darts_v2").architecture == space->parse("DARTS_V2"));
  CHECK(read_architecture(*space, "DARTS").architecture == space->parse("DARTS_V2"));
}

TEST_CASE("darts: what a derived cell cannot be is said") {
  const auto space = make_space("darts");
  const std::string plain = "Genotype(normal=" + kNormal + ", reduce=" + kReduce + ")";
  const auto error = [&](std::string_view from, std::string_view to) {
    const std::string text = replaced(plain, from, to);
    return usage_error([&] { read_architecture(*space, text); });
  };
  const auto has = [](const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
  };
  for (const char* none : {"('none', 4)", "('NONE', 4)", "(None, 4)"}) {
    CAPTURE(none);
    CHECK(has(error("('max_pool_3x3', 4)", none), "a derived cell has no operation 'none'"));
  }
  CHECK(has(usage_error([&] {
              read_architecture(*space,
                                replaced(std::string(kExpected), "max_pool_3x3:4", "none:4"));
            }),
            "a derived cell has no operation 'none'"));
  CHECK(has(error("('max_pool_3x3', 4)", "('max_pool_3x4', 4)"), "did you mean 'max_pool_3x3'"));
  CHECK(has(error("('max_pool_3x3', 4)", "('max_pool_3x3', 5)"), "an input of node 5 in [0, 4]"));
  CHECK(has(error("('max_pool_3x3', 4), ", ""), "'normal' has 7 pairs, expected 8"));
  CHECK(has(error("('max_pool_3x3', 4)", "('max_pool_3x3', 0)"), "two different inputs of node 5"));
  CHECK(has(error(", reduce=", ", reduction_cell="), "a field 'reduce'"));
  CHECK(has(error(", reduce=", ", normal_concat=range(3, 6), reduce="),
            "the concatenation of nodes 2 to 5"));
}

}  // namespace
}  // namespace nas
