#pragma once

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <memory>
#include <vector>

#include "core/api/decision_effects.h"
#include "core/util/error.h"
#include "hwmodels/lookup_table.h"
#include "predictors/csv_tensors.h"
#include "predictors/registry.h"
#include "searchers/registry.h"
#include "searchspaces/registry.h"

// The search of Once-for-All on its released accuracy predictor and latency table (Note 10),
// without a store: for the benchmark and the acceptance test.

namespace nas::bench {

class OfaSearch {
 public:
  /// Folders of the data sets oneshot-ofa-predictor and oneshot-latency-luts.
  OfaSearch(const std::filesystem::path& predictor, const std::filesystem::path& tables) {
    predictor_->restore(read_csv_tensors(predictor / "tensors.csv", "mbv3_w1.2"));
    const auto model = read_lookup_table(tables / "ofa_note10.csv", "note10");
    Architecture sized{space_->info().name, std::vector<std::uint16_t>(space_->decisions().size())};
    for (std::uint16_t& r = sized.choices[0]; r < space_->decisions()[0].choices.size(); ++r) {
      const Task task = task_of(*space_, sized, space_->info().default_task);
      costs_.push_back(model->cost(space_->blueprint(task).value(), model->devices().front()));
    }
  }

  const SearchSpace& space() const { return *space_; }
  double milliseconds(const Architecture& architecture) const {
    return costs_[architecture.choices[0]].at(architecture.choices);
  }
  /// Percent.
  std::vector<double> accuracies(std::vector<Architecture> architectures) const {
    std::vector<double> values;
    for (const Prediction& one : predictor_->predict(*space_, {std::move(architectures), {}, {}})) {
      values.push_back(one.mean);
    }
    return values;
  }

  struct Found {
    double accuracy = 0;  ///< predicted, percent
    Architecture architecture;
    std::int64_t evaluations = 0;
  };
  /// The best of `budget` predictions of networks of at most `limit_ms`, asked for 100 at a time.
  Found run(std::string_view searcher, const OptionMap& options, std::uint64_t seed,
            double limit_ms, std::int64_t budget) const {
    const auto search = find_plugin(searcher_plugins(), "searcher", searcher).make(options);
    SearchSetup setup{*space_, {{"accuracy", true}}, seed, 1, budget};
    setup.violation = [&](const Architecture& a) {
      return std::max(0.0, milliseconds(a) / limit_ms - 1);
    };
    search->start(setup);
    Found found;
    for (std::int64_t first = 0; first < budget; first += kBatch) {
      std::vector<Architecture> batch;
      for (std::int64_t number = first; number < std::min(budget, first + kBatch); ++number) {
        std::optional<Proposal> proposal = search->ask(number);
        if (!proposal) return found;
        batch.push_back(std::move(proposal->architecture));
      }
      const std::vector<double> accuracy = accuracies(batch);
      for (std::size_t i = 0; i < batch.size(); ++i) {
        const double violation = setup.violation(batch[i]);
        const bool holds = violation == 0;
        if (holds && accuracy[i] > found.accuracy) {
          found.accuracy = accuracy[i];
          found.architecture = batch[i];
        }
        ++found.evaluations;
        search->tell({.number = first + static_cast<std::int64_t>(i),
                      .architecture = batch[i],
                      .outcome = holds ? Outcome::kComplete : Outcome::kInfeasible,
                      .merits = holds ? std::span(&accuracy[i], 1) : std::span<const double>(),
                      .violation = violation});
      }
    }
    return found;
  }

  /// The published settings: 500 iterations of 100 children after 100 random networks.
  static constexpr std::int64_t kBudget = 100 + 500 * 100;

 private:
  static constexpr std::int64_t kBatch = 100;

  std::unique_ptr<SearchSpace> space_ =
      find_plugin(space_plugins(), "space", "ofa_mobilenetv3")
          .make({{"width_multiplier", "1.2"}, {"grid", "coarse"}});
  std::unique_ptr<Predictor> predictor_ = make_predictor("ofa_mlp", {});
  std::vector<AdditiveCost> costs_;  ///< by resolution
};

}  // namespace nas::bench
