#pragma once

#include <string>
#include <vector>

#include "app/presentation/table.h"
#include "core/api/store.h"

namespace nas {

/// A drawing of what a study recorded while it prepared.
struct StudyCurveDrawing {
  std::string file;     ///< "study_loss.svg"
  std::string meaning;  ///< one line
  std::string svg;
};
/// One for each kind of value ("loss" of "train_loss" and "loss", "entropy", ...) in order of name,
/// then the weights of alternatives (core/api/alpha_name.h) as a picture over epochs. None for an
/// empty curve.
std::vector<StudyCurveDrawing> study_curve_drawings(const std::vector<CurvePoint>& curve,
                                                    const std::string& study);

Table study_curve_table(const std::vector<CurvePoint>& curve);  ///< every point, by name and epoch
Table events_table(const std::vector<EventRow>& newest_first);  ///< the oldest first

}  // namespace nas
