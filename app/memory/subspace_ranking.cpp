#include "app/memory/subspace_ranking.h"

#include <algorithm>
#include <limits>
#include <tuple>

#include "core/api/decision_name.h"
#include "core/util/error.h"
#include "core/util/parallel_jobs.h"
#include "core/util/rng.h"
#include "core/util/statistics.h"
#include "hwmodels/mcu/network_plan.h"

namespace nas {
namespace {

/// How much of the limits a network takes too much, and its MACs.
struct Fit {
  double excess = 0;
  double macs = 0;
};

double relative_excess(std::int64_t bytes, std::int64_t limit) {
  return std::max(0.0, static_cast<double>(bytes - limit) / static_cast<double>(limit));
}

Fit fit_of(const ArchGraph& graph, const McuDevice& device) {
  NetworkPlanOptions options{.best_order = false, .nodes = 0};
  NetworkPlan plan = plan_network(graph, device.engine, options);
  const std::int64_t above_bound = plan.memory.arena.bytes - plan.memory.arena.lower_bound;
  // Only where a better plan could make it fit is one looked for.
  if (plan.memory.sram_bytes() > device.sram_bytes &&
      plan.memory.sram_bytes() - above_bound <= device.sram_bytes) {
    constexpr std::int64_t kNodes = 20'000;
    options.nodes = kNodes;
    plan = plan_network(graph, device.engine, options);
  }
  return {relative_excess(plan.memory.sram_bytes(), device.sram_bytes) +
              relative_excess(plan.memory.flash_bytes(), device.flash_bytes),
          static_cast<double>(plan.macs())};
}

constexpr std::size_t kMostSubspaces = 100'000;

class Ranker {
 public:
  Ranker(const SearchSpace& space, const Task& task, const McuDevice& device,
         const SubspaceRanking& ranking)
      : space_(space), task_(task), device_(device), ranking_(ranking) {
    if (ranking.samples < 1) throw Error(ErrorKind::kUsage, "samples must be >= 1");
    for (const DecisionId fixed : decisions_named(space, ranking.by)) {
      fixed_.push_back(fixed);
      count_ *= space.decisions()[fixed].choices.size();
      if (count_ > kMostSubspaces) {
        throw Error(ErrorKind::kUsage, "these decisions make more than " +
                                           std::to_string(kMostSubspaces) +
                                           " subspaces; fix fewer of them");
      }
    }
  }

  std::vector<Subspace> run() {
    std::vector<Subspace> subspaces(count_);
    std::size_t done = 0;
    ParallelJobs jobs{.threads = ranking_.threads, .stop = ranking_.stop};
    jobs.run = [&](std::size_t job) { subspaces[job] = judge(job); };
    jobs.keep = [&](std::span<const std::size_t> kept) {
      done += kept.size();
      if (ranking_.progress) ranking_.progress(done, count_);
    };
    run_jobs(count_, jobs);
    std::erase_if(subspaces, [](const Subspace& subspace) { return subspace.sampled == 0; });
    std::ranges::stable_sort(subspaces, {}, [](const Subspace& subspace) {
      return std::tuple(-subspace.mean_macs, subspace.least_excess);
    });
    return subspaces;
  }

 private:
  /// By fixed decision, the last one fastest.
  std::vector<std::uint16_t> choices_of(std::size_t index) const {
    std::vector<std::uint16_t> choices(fixed_.size());
    for (std::size_t i = fixed_.size(); i-- > 0;) {
      const std::size_t size = space_.decisions()[fixed_[i]].choices.size();
      choices[i] = static_cast<std::uint16_t>(index % size);
      index /= size;
    }
    return choices;
  }

  Subspace judge(std::size_t index) const {
    const std::vector<std::uint16_t> choices = choices_of(index);
    Subspace subspace;
    for (std::size_t i = 0; i < fixed_.size(); ++i) {
      subspace.values.push_back(space_.decisions()[fixed_[i]].choices[choices[i]]);
    }
    const Rng draws({.seed = ranking_.seed, .purpose = Purpose::kSample});
    Rng rng = draws.stream(index);
    std::vector<double> macs;
    subspace.least_excess = std::numeric_limits<double>::infinity();
    for (std::int64_t i = 0; i < ranking_.samples && !ranking_.stop.stop_requested(); ++i) {
      Architecture architecture = sample(space_, rng);
      for (std::size_t f = 0; f < fixed_.size(); ++f) {
        architecture.choices[fixed_[f]] = choices[f];
      }
      make_canonical(space_, architecture);
      const Fit fit = fit_of(space_.build(architecture, task_), device_);
      ++subspace.sampled;
      subspace.least_excess = std::min(subspace.least_excess, fit.excess);
      if (fit.excess == 0) macs.push_back(fit.macs);
    }
    subspace.fitting = static_cast<std::int64_t>(macs.size());
    if (!macs.empty()) {
      constexpr double kFourOfFive = 0.8;
      subspace.mean_macs = mean(macs);
      subspace.p80_macs = quantile(macs, kFourOfFive);
    }
    return subspace;
  }

  const SearchSpace& space_;
  const Task& task_;
  const McuDevice& device_;
  const SubspaceRanking& ranking_;
  std::vector<std::size_t> fixed_;
  std::size_t count_ = 1;
};

}  // namespace

std::vector<Subspace> rank_subspaces(const SearchSpace& space, const Task& task,
                                     const McuDevice& device, const SubspaceRanking& ranking) {
  return Ranker(space, task, device, ranking).run();
}

double gain_over_median(const std::vector<Subspace>& ranked) {
  std::vector<double> means;
  for (const Subspace& subspace : ranked) {
    if (subspace.fitting > 0) means.push_back(subspace.mean_macs);
  }
  if (means.empty()) return 0;
  const double first = means.front();
  return first / quantile(means, 0.5);
}

}  // namespace nas
