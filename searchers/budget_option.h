#pragma once

#include <string>

#include "core/api/plugin.h"
#include "core/api/searcher.h"

namespace nas {

/// What the meaning of an option says that stands for the study's budget where it is 0.
inline constexpr std::string_view kStandsForBudget = "0 = the study's budget of trials";

/// The option by which a searcher plans with the budget, as its record says (`kStandsForBudget`).
/// "": the first proposals are the same whatever the budget is. The conformance test proves both.
inline std::string budget_option(const Plugin<Searcher>& searcher) {
  for (const FieldDoc& field : searcher.fields()) {
    if (field.meaning.find(kStandsForBudget) != std::string::npos) return std::string(field.name);
  }
  return "";
}

}  // namespace nas
