#include "app/study/study_edit.h"

#include "app/study/study_data.h"
#include "app/study/study_owner.h"
#include "app/study/study_preparation.h"
#include "core/util/error.h"
#include "core/util/text.h"
#include "searchers/budget_option.h"
#include "searchers/registry.h"

namespace nas {
namespace {

/// The searcher's option that stands for the budget; "" when it has none.
std::string option_of_budget(const StudyConfig& config) {
  return nas::budget_option(find_plugin(searcher_plugins(), "searcher", config.searcher.name));
}

[[noreturn]] void refuse_smaller(const StudyConfig& stored, std::string_view what,
                                 const std::string& now, const std::string& before) {
  throw Error(ErrorKind::kUsage, "study '" + stored.name + "' has a budget of " + before + " " +
                                     std::string(what) + ", which cannot shrink to " + now +
                                     "; choose another name for a shorter study");
}

/// Seconds as a budget: 0 is none, which is more than any.
bool fewer_seconds(double a, double b) {
  return a != b && a > 0 && (b == 0 || a < b);
}

}  // namespace

Extension extended(const StudyConfig& stored, const BudgetChange& budget) {
  Extension extension{stored, "", ""};
  StudyConfig& config = extension.config;
  config.budget_trials = budget.trials.value_or(stored.budget_trials);
  config.budget_seconds = budget.seconds.value_or(stored.budget_seconds);
  if (config.budget_trials < stored.budget_trials) {
    refuse_smaller(stored, "trials", std::to_string(config.budget_trials),
                   std::to_string(stored.budget_trials));
  }
  if (fewer_seconds(config.budget_seconds, stored.budget_seconds)) {
    refuse_smaller(stored, "seconds", format_double(config.budget_seconds),
                   stored.budget_seconds == 0 ? "unlimited" : format_double(stored.budget_seconds));
  }
  const std::string option = option_of_budget(stored);
  if (config.budget_trials > stored.budget_trials && !option.empty() &&
      config.searcher.options.at(option) == "0") {
    const std::string plan = std::to_string(stored.budget_trials);
    config.searcher.options[option] = plan;
    extension.note = "searcher '" + config.searcher.name +
                     "' plans its proposals for the whole budget: it keeps its plan for " + plan +
                     " trials (" + option + "=" + plan +
                     "), so the rows differ from those of a study of " +
                     std::to_string(config.budget_trials) + " trials from the start";
  }
  extension.event = join(differences(stored, config), "; ");
  resolve(config);  // throws for a budget out of range
  return extension;
}

StudyConfig with_budget_of(const StudyConfig& given, const StudyConfig& stored) {
  StudyConfig config = given;
  config.budget_trials = stored.budget_trials;
  config.budget_seconds = stored.budget_seconds;
  const std::string option = option_of_budget(given);
  if (!option.empty() && given.searcher.name == stored.searcher.name &&
      given.searcher.options.at(option) == "0") {
    config.searcher.options[option] = stored.searcher.options.at(option);
  }
  return config;
}

void rename_study(Session& session, std::string_view from, const std::string& to) {
  Store& store = session.writer();
  const StudyRow row = find_study_or_throw(store, from);
  if (row.spec.name == to) {
    throw Error(ErrorKind::kUsage, "study '" + printable(to) + "' has this name already");
  }
  StudyConfig config = parse_study_config(row.spec.config, "study '" + row.spec.name + "'");
  config.name = to;
  const std::string toml = to_toml(config);
  // What could not be read back (a name that is not UTF-8) could not be resumed.
  (void)parse_study_config(toml, "study '" + to + "'");
  require_idle(store, row);
  study_editor(store).change_study(
      row.id, {to, toml, row.spec.budget_trials, "name: '" + row.spec.name + "' -> '" + to + "'"});
  std::error_code ignored;  // a preparation that is lost is made again
  std::filesystem::rename(preparation_file(session, row.spec.name), preparation_file(session, to),
                          ignored);
}

StudyRemoval remove_study(Session& session, std::string_view name, bool dry_run) {
  Store& store = session.writer();
  const StudyRow row = find_study_or_throw(store, name);
  require_idle(store, row);
  const StudyRemoval removal = study_editor(store).remove_study(row.id, dry_run);
  std::error_code ignored;
  if (!dry_run) std::filesystem::remove(preparation_file(session, row.spec.name), ignored);
  return removal;
}

}  // namespace nas
