#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "app/presentation/plot.h"
#include "app/presentation/table.h"
#include "app/session/session.h"
#include "core/api/searcher.h"

namespace nas {

struct StudyComparisonConfig {
  /// Names of studies; '*' stands for any text: "evolution-*".
  std::vector<std::string> studies;
  bool seeds = false;         ///< and those that differ from one of them by name and seed only
  std::int64_t trials = 0;    ///< of each study, the first ones; 0: as many as all have
  bool against_best = false;  ///< tests compare with the best method, else with the first
};

/// What a study had found after the trials that count. Merits are turned so that larger is better.
struct ComparedStudy {
  std::string name;
  std::uint64_t seed = 0;
  std::vector<std::vector<double>> merits;   ///< by trial, by objective; empty: not complete
  double best = 0;                           ///< merit of the first objective; NaN: none
  std::vector<std::vector<double>> front{};  ///< merits of the non-dominated trials
  double hypervolume = 0;                    ///< NaN where it is not computed
  std::vector<double> hypervolumes{};        ///< by trial, of all up to it; empty likewise
};

/// Studies that differ by name, seed and budget only.
struct ComparedMethod {
  std::string label;
  std::vector<ComparedStudy> studies;
};

struct StudyComparison {
  std::vector<Objective> objectives;
  std::int64_t trials = 0;
  bool against_best = false;
  bool has_hypervolume = false;
  std::vector<ComparedMethod> methods;
  std::vector<std::string>
      differences;  ///< settings besides the searcher's in which methods differ
};

/// Groups finished trials of stored studies by method. Throws Error(kUsage) for unknown names, for
/// studies of other objectives and for studies without a finished trial.
StudyComparison compare_studies(const Store& store, const StudyComparisonConfig& config);

/// A row for each quantity and method: the best value of the first objective; of several objectives
/// also the hypervolume (share of the box from the worst to the best value of each objective) and
/// the size of the front. Median, quartiles and a rank-sum test against the reference, Holm's
/// correction.
Table study_comparison_table(const StudyComparison& comparison);
/// A row for each study.
Table compared_studies_table(const StudyComparison& comparison);
/// What is followed from trial to trial.
enum class Anytime : std::uint8_t {
  kBest,         ///< best value of the first objective
  kHypervolume,  ///< requires `has_hypervolume`
};
/// By trial: median and quartiles over the studies of each method.
Table study_curves_table(const StudyComparison& comparison, Anytime quantity = Anytime::kBest);
Plot study_curves_plot(const StudyComparison& comparison, Anytime quantity = Anytime::kBest);
/// Of two objectives: what half of the studies of a method attain, with the band of the quartiles
/// (Fonseca and Fleming, EMO 1996: attainment surfaces). nullopt for another number of objectives.
std::optional<Plot> attainment_plot(const StudyComparison& comparison);

/// comparison.csv, comparison.json, studies.csv, curves.csv, anytime.svg; of two and three
/// objectives also hypervolume.csv and hypervolume.svg, of two attainment.svg. Returns the paths.
std::vector<std::filesystem::path> write_study_comparison(const StudyComparison& comparison,
                                                          const std::filesystem::path& directory);

}  // namespace nas
