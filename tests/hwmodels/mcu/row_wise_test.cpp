#include "hwmodels/mcu/row_wise.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>

#include "core/int8/lowering.h"
#include "core/ir/forms/text_form.h"
#include "core/util/error.h"

namespace nas {
namespace {

MicroProgram lowered(const std::string& lines) {
  return lower(parse_graph("searchlight-graph 1\n" + lines)).program;
}

// Tokens [8, 10] with a hidden tensor of 32 channels.
const std::string kMlp = R"(%0 = input() : float[8,10]
%1 = conv1d(%0) {out_channels=32, kernel=1, bias=true}
%2 = gelu(%1)
%3 = conv1d(%2) {out_channels=8, kernel=1, bias=true}
%4 = add(%0, %3)
return y=%4
)";

TEST_CASE("row-wise: the hidden tensor of an MLP is there for the rows in hand only") {
  const MicroProgram program = lowered(kMlp);
  const RowWisePlan one = plan_row_wise(program);
  REQUIRE(one.regions.size() == 1);
  CHECK(one.regions[0].tokens == 10);
  // The sum overwrites the tokens; two hidden rows beside each other at the activation; biases are
  // smaller than the 8 x 32 weights.
  CHECK(one.regions[0].whole_bytes == 80);
  CHECK(one.regions[0].row_bytes == 64);
  CHECK(one.regions[0].factor_bytes == 256);
  CHECK(one.sram_bytes() == 400);
  const RowWisePlan four = plan_row_wise(program, {.rows = 4});
  CHECK(four.sram_bytes() == 80 + 4 * 64 + 256);
  // As many rows as there are: running together gains nothing, so steps stand by themselves. The
  // last has the tokens for the sum, the hidden tensor, its own result and its weights.
  CHECK(plan_row_wise(program, {.rows = 100}).sram_bytes() == 80 + 320 + 80 + 256);
}

TEST_CASE("row-wise: attention needs all keys and values, but no scores") {
  const MicroProgram program = lowered(R"(%0 = input() : float[8,10]
%q = conv1d(%0) {out_channels=8, kernel=1, bias=true} @q
%k = conv1d(%0) {out_channels=8, kernel=1, bias=true} @k
%v = conv1d(%0) {out_channels=8, kernel=1, bias=true} @v
%1 = reshape(%q) {dim0=2, dim1=4, dim2=10} @q
%2 = reshape(%k) {dim0=2, dim1=4, dim2=10} @k
%3 = reshape(%v) {dim0=2, dim1=4, dim2=10} @v
%4 = swap_axes(%1) {first=1, second=2}
%5 = matmul(%4, %2)
%6 = softmax(%5)
%7 = swap_axes(%6) {first=1, second=2}
%8 = matmul(%3, %7)
%9 = reshape(%8) {dim0=8, dim1=10}
%10 = add(%0, %9)
return y=%10
)");
  CHECK(has_attention(program));
  const RowWisePlan plan = plan_row_wise(program);
  CHECK(plan.regions.size() >= 2);
  // Tokens, queries, keys and values are whole; the scores, 2 x 10 x 10, never are.
  CHECK(plan.sram_bytes() >= 4 * 80);
  CHECK(plan.sram_bytes() < 4 * 80 + 200);
  std::size_t next = 0;
  for (const RowRegion& region : plan.regions) {
    CHECK(region.first == next);
    next = region.last + 1;
  }
  CHECK(next == program.steps.size());
}

TEST_CASE("row-wise: of a constant with a row for each token those in hand are in SRAM") {
  // Embeddings of relative positions become such constants: [4, 10] for each of ten tokens.
  const MicroProgram program = lowered(R"(%0 = input() : float[8,10]
%1 = reshape(%0) {dim0=2, dim1=4, dim2=10}
%2 = relative_scores(%1) {columns=3, reach=2}
%3 = softmax(%2)
%4 = relative_values(%3) {channels=4, columns=3, reach=2}
return y=%4
)");
  const auto most = [&](std::int64_t rows) {
    std::int64_t bytes = 0;
    for (const RowRegion& region : plan_row_wise(program, {.rows = rows}).regions) {
      bytes = std::max(bytes, region.factor_bytes);
    }
    return bytes;
  };
  CHECK(most(1) == 40);
  CHECK(most(3) == 120);
}

TEST_CASE("row-wise: what does not work row by row stands whole") {
  const MicroProgram program = lowered(R"(%0 = input() : float[3,8,8]
%1 = conv2d(%0) {out_channels=4, kernel=3, padding=1, bias=true}
%2 = relu(%1)
return y=%2
)");
  CHECK_FALSE(has_attention(program));
  const RowWisePlan plan = plan_row_wise(program);
  REQUIRE(plan.regions.size() == 1);  // relu ends the convolution
  CHECK(plan.regions[0].tokens == 0);
  CHECK(plan.regions[0].whole_bytes == 3 * 64 + 4 * 64);
  CHECK_THROWS_WITH_AS(plan_row_wise(program, {.rows = 0}), doctest::Contains("rows = 0"), Error);
}

}  // namespace
}  // namespace nas
