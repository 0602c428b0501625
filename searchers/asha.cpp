#include <algorithm>
#include <array>

#include "searchers/brackets.h"

namespace nas {
namespace {

struct AshaOptions {
  double eta = 3;
  std::int64_t min_epochs = 1;
  std::int64_t configurations = 0;
};

constexpr std::array kFields = {
    Field<AshaOptions>{"eta", &AshaOptions::eta,
                       "one in eta is promoted, with eta times the epochs", "", 2, 100,
                       "Li et al. (arXiv 1810.05934): 4; Hyperband: 3"},
    Field<AshaOptions>{"min_epochs", &AshaOptions::min_epochs,
                       "epochs of the lowest rung are at least this", "epochs", 1, 100'000,
                       "NAS-Bench-201: 1 of 12"},
    Field<AshaOptions>{"configurations", &AshaOptions::configurations,
                       "architectures to begin; 0: continues until the budget is spent",
                       "architectures", 0, 1e9},
};

AshaOptions parse(const OptionMap& options) {
  return parse_fields<AshaOptions>(kFields, options, "searcher 'asha'");
}

// Li et al. (MLSys 2020), algorithm 2: promote whatever is among the best 1 / eta of its rung so
// far, from the highest rung down; otherwise begin a new one. Tells come in order of proposal, so
// that promotions do not depend on timing.
class AshaSearcher final : public Searcher {
 public:
  explicit AshaSearcher(const AshaOptions& options) : options_(options) {}

  void start(const SearchSetup& setup) override {
    proposals_.emplace(setup);
    for (const std::int64_t epochs : ladder({options_.min_epochs, setup.epochs, options_.eta})) {
      rungs_.push_back({epochs, {}, {}, {}});
    }
  }

  std::optional<Proposal> ask(std::int64_t number) override {
    for (std::size_t i = rungs_.size() - 1; i-- > 0;) {
      const auto member = promotable(rungs_[i]);
      if (!member) continue;
      rungs_[i].members[*member].promoted = true;
      placed_ = number;
      const Member& parent = rungs_[i].members[*member];
      const std::int64_t epochs = rungs_[i + 1].epochs;
      return Proposal{parent.architecture,
                      "trial " + std::to_string(parent.number) + " is promoted to " +
                          std::to_string(epochs) + " epochs",
                      epochs};
    }
    const bool begun = options_.configurations > 0 && begun_ >= options_.configurations;
    if (begun || proposals_->exhausted()) return std::nullopt;
    Rng rng = proposals_->rng(number);
    Proposal proposal{proposals_->draw_new(rng), "random", rungs_[0].epochs};
    placed_ = number;
    ++begun_;
    proposals_->note(proposal.architecture);
    return proposal;
  }

  void tell(const Told& told) override {
    const auto rung = std::find_if(rungs_.begin(), rungs_.end(), [&](const Rung& candidate) {
      return candidate.epochs == told.epochs;
    });
    NAS_CHECK(rung != rungs_.end(), "a trial of epochs that no rung has");
    if (told.number > placed_) replay(told, rung);
    proposals_->note(told.architecture);
    rung->members.push_back({told.number, told.architecture, false});
    rung->fitness.push_back(fitness_of(told));
    rung->order = best_first(rung->fitness);
  }

 private:
  struct Member {
    std::int64_t number;
    Architecture architecture;
    bool promoted;
  };
  struct Rung {
    std::int64_t epochs;
    std::vector<Member> members;  // told ones
    std::vector<Fitness> fitness;
    std::vector<std::size_t> order;  // best first
  };

  // The best of the rung's best 1 / eta that was not promoted.
  std::optional<std::size_t> promotable(const Rung& rung) const {
    const auto top =
        static_cast<std::size_t>(static_cast<double>(rung.members.size()) / options_.eta);
    for (std::size_t i = 0; i < top; ++i) {
      const std::size_t member = rung.order[i];
      if (rung.fitness[member].outcome != Outcome::kComplete) break;
      if (!rung.members[member].promoted) return member;
    }
    return std::nullopt;
  }

  // A proposal that was told without being asked for here.
  void replay(const Told& told, std::vector<Rung>::iterator rung) {
    placed_ = told.number;
    if (rung == rungs_.begin()) {
      ++begun_;
      return;
    }
    for (Member& parent : std::prev(rung)->members) {
      if (parent.promoted || parent.architecture != told.architecture) continue;
      parent.promoted = true;
      return;
    }
  }

  AshaOptions options_;
  std::optional<Proposals> proposals_;
  std::vector<Rung> rungs_;  // fewest epochs first
  std::int64_t begun_ = 0;
  std::int64_t placed_ = -1;  // the latest proposal that is accounted for
};

}  // namespace

extern const Plugin<Searcher> asha_searcher;
constinit const Plugin<Searcher> asha_searcher{
    .name = "asha",
    .summary =
        "asynchronous successive halving: promotes the best of each rung without waiting for it",
    .paper =
        "L. Li, K. Jamieson, A. Rostamizadeh, E. Gonina, J. Ben-tzur, M. Hardt, B. Recht, A. "
        "Talwalkar: A System for Massively Parallel Hyperparameter Tuning, MLSys 2020, "
        "arXiv:1810.05934",
    .fields = [] { return describe_fields<AshaOptions>(kFields); },
    .resolve =
        [](const OptionMap& options) {
          return fields_to_map<AshaOptions>(kFields, parse(options));
        },
    .make = [](const OptionMap& options) -> std::unique_ptr<Searcher> {
      return std::make_unique<AshaSearcher>(parse(options));
    },
};

}  // namespace nas
