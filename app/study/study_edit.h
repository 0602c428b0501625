#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "app/session/session.h"
#include "app/study/study_config.h"
#include "core/api/study_editor.h"

namespace nas {

/// A larger budget for a study that exists; what is absent stays.
struct BudgetChange {
  std::optional<std::int64_t> trials;
  std::optional<double> seconds;
};

/// What continuing a study with a larger budget changes.
struct Extension {
  StudyConfig config;  ///< with the new budget
  std::string event;   ///< "budget.trials: 10 -> 20"; "" when nothing changes
  /// Why the rows differ from those of a study that had the larger budget from the start; "" when
  /// they do not.
  std::string note;
};
/// Throws Error(kUsage) for a smaller budget. Requires a resolved configuration.
Extension extended(const StudyConfig& stored, const BudgetChange& budget);

/// `given` with the budget of `stored`, and with the plan that a continued study keeps: what is
/// left to differ are other settings.
StudyConfig with_budget_of(const StudyConfig& given, const StudyConfig& stored);

/// Gives a study another name; file names of its models stay. Throws Error(kUsage) for a taken name
/// and while a process runs it.
void rename_study(Session& session, std::string_view from, const std::string& to);

/// As `StudyEditor::remove_study`. Throws Error(kUsage) while a process runs it. `dry_run`: says
/// what would go.
StudyRemoval remove_study(Session& session, std::string_view name, bool dry_run);

}  // namespace nas
