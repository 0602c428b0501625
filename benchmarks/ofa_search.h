#pragma once

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "core/api/decision_effects.h"
#include "core/util/error.h"
#include "hwmodels/lookup_table.h"
#include "predictors/csv_tensors.h"
#include "predictors/registry.h"
#include "searchers/registry.h"
#include "searchspaces/registry.h"

// The search of Once-for-All on its released accuracy predictor, under a limit on what a table of
// blocks (Note 10) or anything else says of the latency; without a store: for the benchmarks and
// the acceptance tests.

namespace nas::bench {

class OfaSearch {
 public:
  using Milliseconds = std::function<double(const SearchSpace&, const Architecture&)>;

  /// Folder of the data set oneshot-ofa-predictor; latencies of architectures of `space()`.
  OfaSearch(const std::filesystem::path& predictor, Milliseconds milliseconds)
      : milliseconds_(std::move(milliseconds)) {
    predictor_->restore(read_csv_tensors(predictor / "tensors.csv", "mbv3_w1.2"));
  }
  /// Latencies of the Note 10: folder of the data set oneshot-latency-luts.
  OfaSearch(const std::filesystem::path& predictor, const std::filesystem::path& tables)
      : OfaSearch(predictor, Milliseconds()) {
    const auto model = read_lookup_table(tables / "ofa_note10.csv", "note10");
    std::vector<AdditiveCost> costs;  // by resolution
    Architecture sized{space_->info().name, std::vector<std::uint16_t>(space_->decisions().size())};
    for (std::uint16_t& r = sized.choices[0]; r < space_->decisions()[0].choices.size(); ++r) {
      const Task task = task_of(*space_, sized, space_->info().default_task);
      costs.push_back(model->cost(space_->blueprint(task).value(), model->devices().front()));
    }
    milliseconds_ = [costs = std::move(costs)](const SearchSpace&,
                                               const Architecture& architecture) {
      return costs[architecture.choices[0]].at(architecture.choices);
    };
  }

  /// Width 1.2, resolutions 160 to 224.
  const SearchSpace& space() const { return *space_; }
  double milliseconds(const Architecture& architecture) const {
    return milliseconds_(*space_, architecture);
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
  Milliseconds milliseconds_;
};

}  // namespace nas::bench
