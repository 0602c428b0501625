#include "app/presentation/heat_map.h"

#include <doctest/doctest.h>

#include <cmath>

#include "app/presentation/text_curve.h"

namespace nas::test {
namespace {

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++found;
  }
  return found;
}

TEST_CASE("heat maps: a rectangle a finite value, the least pale, the most dark, groups once") {
  const HeatMap map{.title = "a <b>",
                    .across = "epoch",
                    .rows = {{"edge 1", "skip", {0.25, 1}},
                             {"edge 1", "conv", {0.5, std::nan("")}},
                             {"edge 2", "skip", {0, 0.75}}},
                    .steps = {1, 2},
                    .note = {}};
  const std::string svg = render_svg(map);
  CHECK(count(svg, "<rect ") == 5);
  CHECK(count(svg, ">edge 1<") == 1);
  CHECK(count(svg, ">edge 2<") == 1);
  CHECK(svg.find("a &lt;b&gt;") != std::string::npos);
  CHECK(count(svg, "#ffffd9") == 1);  // 0
  CHECK(count(svg, "#081d58") == 1);  // 1
  CHECK(svg.find("skip, epoch 2: 0.75") != std::string::npos);
  CHECK(svg.find("pale 0, dark 1") != std::string::npos);
}

TEST_CASE("heat maps: many steps share columns, no step and equal values are drawn as well") {
  HeatMap map{.title = "t", .across = "epoch", .rows = {{"g", "r", {}}}, .steps = {}, .note = {}};
  CHECK(count(render_svg(map), "<rect ") == 0);
  for (int i = 0; i < 1000; ++i) {
    map.steps.push_back(i);
    map.rows[0].values.push_back(3);
  }
  const std::string svg = render_svg(map);
  CHECK(count(svg, "<rect ") == 200);
  CHECK(svg.find("epoch 999: 3") != std::string::npos);
  CHECK(svg.find("epoch 4: 3") != std::string::npos);
  CHECK(svg.find("epoch 3: 3") == std::string::npos);
}

TEST_CASE("text curves: bars from lowest to highest, as many as fit, blanks where nothing is") {
  CHECK(text_curve(std::vector<double>{0, 7, 3.6}) == "▁█▅");
  CHECK(text_curve(std::vector<double>{1, std::nan(""), 2}) == "▁ █");
  CHECK(text_curve(std::vector<double>{5, 5}) == "▅▅");
  CHECK(text_curve({}).empty());
  CHECK(text_curve(std::vector<double>{0, 2, 6, 8}, 2) == "▁█");
}

}  // namespace
}  // namespace nas::test
