#pragma once

#include <string>
#include <vector>

namespace nas {

/// Values of named rows over whole steps, as a picture.
struct HeatMap {
  std::string title;
  std::string across;  ///< what columns are: "epoch"
  struct Row {
    std::string group;  ///< rows of one group stand together under its name
    std::string name;
    std::vector<double> values;  ///< by column; not finite: left empty
  };
  std::vector<Row> rows;      ///< in order of their groups
  std::vector<double> steps;  ///< by column
  std::string note;           ///< small text below
};

/// A stand-alone SVG: one rectangle a value from pale (the least of all rows) to dark (the most),
/// in one hue, so that it reads without colours; at most 200 columns, of which the last of several
/// steps is shown. All text escaped. Deterministic.
std::string render_svg(const HeatMap& map);

}  // namespace nas
