#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/ir/draw/op_colours.h"

namespace nas {

/// What stands above a drawing. Lines that are too long for the page are broken.
struct SvgHeading {
  std::string title;
  std::vector<std::string> lines;
};

/// Pixels with one decimal.
std::string svg_px(double value);
/// Text between tags: control characters replaced, markup escaped.
std::string svg_text(std::string_view text);

struct SvgBox {
  double x, y, width, height;
  double radius = 7;
};
std::string svg_rect(const SvgBox& box, std::string_view css);

/// An arrow along the points. Vertical and horizontal runs stay straight, the rest become curves
/// that end upright, or level where `across` (drawings from left to right).
std::string svg_arrow(std::span<const std::pair<double, double>> points, bool across = false,
                      bool dotted = false);

/// The inside of a drawing as a stand-alone SVG (light and dark through prefers-color-scheme) below
/// its heading and the legend of the colours it uses, centred.
std::string svg_page(const SvgHeading& heading, std::span<const FamilyColours* const> legend,
                     double width, double height, const std::string& drawing);

}  // namespace nas
