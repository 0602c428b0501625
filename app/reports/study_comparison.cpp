#include "app/reports/study_comparison.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>
#include <map>
#include <set>

#include "app/objectives/front.h"
#include "app/reports/report.h"
#include "core/util/error.h"
#include "core/util/pattern.h"
#include "core/util/statistics.h"
#include "core/util/text.h"

namespace nas {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t kMostDimensions = 3;  // of a hypervolume

/// What the final recipe says of the network, by which sizes and latency are judged.
RecipeChoice network_of(const RecipeChoice& final_recipe) {
  RecipeChoice network;
  for (const char* name : {"width", "depth", "skeleton"}) {
    const auto found = final_recipe.options.find(name);
    if (found != final_recipe.options.end()) network.options.insert(*found);
  }
  return network;
}

/// A configuration without what the seeds of one method differ in, and without how the winner is
/// trained after the search.
StudyConfig method_of(const StudyConfig& config) {
  StudyConfig method = config;
  method.train_winner = StudyConfig().train_winner;
  method.final_recipe = network_of(config.final_recipe);
  method.name.clear();
  method.seed = 0;
  method.budget_trials = 1;
  method.budget_seconds = 0;
  return method;
}

/// The studies that are meant, in the order of the names, each once.
std::vector<StudyData> choose(const Store& store, const StudyComparisonConfig& config) {
  std::vector<StudyRow> rows = store.studies();
  std::reverse(rows.begin(), rows.end());  // oldest first
  std::vector<std::string> names;
  const auto add = [&names](const std::string& name) {
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  };
  for (const std::string& pattern : config.studies) {
    const std::size_t before = names.size();
    bool any = false;
    for (const StudyRow& row : rows) {
      if (!matches_pattern(pattern, row.spec.name)) continue;
      any = true;
      add(row.spec.name);
    }
    if (any || names.size() > before) continue;
    if (pattern.find('*') == std::string::npos) find_study_or_throw(store, pattern);
    throw Error(ErrorKind::kUsage, "no study is named like '" + printable(pattern) + "'");
  }
  std::vector<StudyData> studies;
  for (const std::string& name : names) studies.push_back(load_study(store, name));
  if (!config.seeds) return studies;
  const std::size_t named = studies.size();
  for (const StudyRow& row : rows) {
    if (std::find(names.begin(), names.end(), row.spec.name) != names.end()) continue;
    const StudyConfig method = method_of(parse_study_config(row.spec.config, row.spec.name));
    for (std::size_t i = 0; i < named; ++i) {
      if (method_of(studies[i].config) != method) continue;
      studies.push_back(load_study(store, row.spec.name));
      break;
    }
  }
  return studies;
}

std::int64_t finished(const StudyData& study) {
  return std::count_if(study.trials.begin(), study.trials.end(),
                       [](const TrialRow& trial) { return trial.state != TrialState::kRunning; });
}

void check_comparable(const std::vector<StudyData>& studies) {
  for (const StudyData& study : studies) {
    if (study.config.objectives != studies[0].config.objectives) {
      throw Error(ErrorKind::kUsage, "study '" + study.row.spec.name + "' has other objectives (" +
                                         join(study.config.objectives, ", ") + ") than '" +
                                         studies[0].row.spec.name + "' (" +
                                         join(studies[0].config.objectives, ", ") +
                                         "), so they cannot be compared");
    }
    if (finished(study) == 0) {
      throw Error(ErrorKind::kUsage,
                  "study '" + study.row.spec.name + "' has no finished trial yet");
    }
  }
}

ComparedStudy read_study(const StudyData& study, const StudyComparison& comparison) {
  ComparedStudy compared{study.row.spec.name, study.row.spec.seed, {}, kNone, {}, kNone};
  for (const TrialRow& trial : study.trials) {
    if (trial.state == TrialState::kRunning) continue;
    if (static_cast<std::int64_t>(compared.merits.size()) == comparison.trials) break;
    std::optional<std::vector<double>> values;
    if (trial.state == TrialState::kComplete) {
      values = merits(comparison.objectives, to_values(trial.metrics));
    }
    compared.merits.push_back(values.value_or(std::vector<double>()));
    if (!values) continue;
    if (std::isnan(compared.best) || values->front() > compared.best) {
      compared.best = values->front();
    }
  }
  return compared;
}

void find_front(ComparedStudy& study) {
  std::vector<std::vector<double>> points;
  for (const std::vector<double>& merits : study.merits) {
    if (merits.empty()) continue;
    std::vector<double>& point = points.emplace_back(merits);
    for (double& value : point) value = -value;  // pareto_front minimises
  }
  std::set<std::vector<double>> distinct;
  for (const std::size_t index : pareto_front(points)) distinct.insert(points[index]);
  for (std::vector<double> point : distinct) {
    for (double& value : point) value = -value;
    study.front.push_back(std::move(point));
  }
}

/// In the box of all compared trials, so that a volume is a share.
void find_hypervolumes(StudyComparison& comparison) {
  std::vector<std::vector<double>> all;
  for (const ComparedMethod& method : comparison.methods) {
    for (const ComparedStudy& study : method.studies) {
      std::ranges::copy_if(study.merits, std::back_inserter(all),
                           [](const std::vector<double>& merits) { return !merits.empty(); });
    }
  }
  const TableFront box(std::move(all));
  for (ComparedMethod& method : comparison.methods) {
    for (ComparedStudy& study : method.studies) {
      study.hypervolume = box.hypervolume(study.front);
      study.hypervolumes = hypervolume_so_far(box, study.merits);
    }
  }
}

/// "evolution", with the options that set it apart from other methods of the same searcher.
std::string label_of(const StudyData& study, const std::vector<StudyData>& firsts) {
  std::string label = study.config.searcher.name;
  char mark = ':';
  for (const auto& [name, value] : study.config.searcher.options) {
    const bool differs = std::any_of(firsts.begin(), firsts.end(), [&](const StudyData& other) {
      if (other.config.searcher.name != study.config.searcher.name) return false;
      const auto found = other.config.searcher.options.find(name);
      return found == other.config.searcher.options.end() || found->second != value;
    });
    if (!differs) continue;
    label += mark + name + "=" + value;
    mark = ',';
  }
  return label;
}

void label_methods(const std::vector<StudyData>& firsts, StudyComparison& comparison) {
  std::map<std::string, int> uses;
  for (std::size_t i = 0; i < firsts.size(); ++i) {
    comparison.methods[i].label = label_of(firsts[i], firsts);
    ++uses[comparison.methods[i].label];
  }
  for (std::size_t i = 0; i < firsts.size(); ++i) {
    std::string& label = comparison.methods[i].label;
    if (uses[label] > 1) label += " (" + firsts[i].row.spec.name + ")";
  }
}

/// What else differs is said: it may be the reason of what the tests find.
std::vector<std::string> other_differences(const std::vector<StudyData>& firsts) {
  std::vector<std::string> lines;
  for (std::size_t i = 1; i < firsts.size(); ++i) {
    for (const std::string& line :
         differences(method_of(firsts[0].config), method_of(firsts[i].config))) {
      const std::string key = line.substr(0, line.find(": "));
      if (key.starts_with("searcher.")) continue;
      if (std::find(lines.begin(), lines.end(), key) == lines.end()) lines.push_back(key);
    }
  }
  return lines;
}

}  // namespace

StudyComparison compare_studies(const Store& store, const StudyComparisonConfig& config) {
  const std::vector<StudyData> studies = choose(store, config);
  NAS_CHECK(!studies.empty(), "a comparison names studies");
  check_comparable(studies);
  StudyComparison comparison;
  comparison.against_best = config.against_best;
  for (const std::string& text : studies[0].config.objectives) {
    comparison.objectives.push_back(parse_objective(text));
  }
  std::int64_t common = std::numeric_limits<std::int64_t>::max();
  for (const StudyData& study : studies) common = std::min(common, finished(study));
  if (config.trials > common) {
    throw Error(ErrorKind::kUsage, "only the first " + std::to_string(common) +
                                       " trials are finished in every study, not " +
                                       std::to_string(config.trials));
  }
  comparison.trials = config.trials > 0 ? config.trials : common;
  std::vector<StudyData> firsts;
  for (const StudyData& study : studies) {
    std::size_t place = 0;
    while (place < firsts.size() && method_of(firsts[place].config) != method_of(study.config)) {
      ++place;
    }
    if (place == firsts.size()) {
      firsts.push_back(study);
      comparison.methods.emplace_back();
    }
    ComparedStudy compared = read_study(study, comparison);
    find_front(compared);
    comparison.methods[place].studies.push_back(std::move(compared));
  }
  label_methods(firsts, comparison);
  comparison.differences = other_differences(firsts);
  const std::size_t dimensions = comparison.objectives.size();
  comparison.has_hypervolume = dimensions > 1 && dimensions <= kMostDimensions;
  if (comparison.has_hypervolume) find_hypervolumes(comparison);
  return comparison;
}

}  // namespace nas
