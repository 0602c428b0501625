#include <array>

#include "core/api/searcher.h"
#include "searchers/proposals.h"

namespace nas {
namespace {

struct RandomOptions {
  bool repeats = false;
};

constexpr std::array kFields = {
    Field<RandomOptions>{"repeats", &RandomOptions::repeats,
                         "draw with replacement, as the published baselines do; otherwise no "
                         "architecture is proposed twice"},
};

RandomOptions parse(const OptionMap& options) {
  return parse_fields<RandomOptions>(kFields, options, "searcher 'random'");
}

class RandomSearcher final : public Searcher {
 public:
  explicit RandomSearcher(const RandomOptions& options) : options_(options) {}

  void start(const SearchSetup& setup) override { proposals_.emplace(setup); }

  std::optional<Proposal> ask(std::int64_t number) override {
    Rng rng = proposals_->rng(number);
    if (options_.repeats) return Proposal{sample(proposals_->space(), rng), "random"};
    if (proposals_->exhausted()) return std::nullopt;
    Architecture architecture = proposals_->draw_new(rng);
    proposals_->note(architecture);
    return Proposal{std::move(architecture), "random"};
  }

  void tell(const Told& told) override { proposals_->note(told.architecture); }

 private:
  RandomOptions options_;
  std::optional<Proposals> proposals_;
};

}  // namespace

extern const Plugin<Searcher> random_plugin;
constinit const Plugin<Searcher> random_plugin{
    .name = "random",
    .summary = "uniform random search: the baseline that everything must beat",
    .paper =
        "L. Li, A. Talwalkar: Random Search and Reproducibility for Neural Architecture "
        "Search, 2019, arXiv:1902.07638",
    .fields = [] { return describe_fields<RandomOptions>(kFields); },
    .resolve =
        [](const OptionMap& options) {
          return fields_to_map<RandomOptions>(kFields, parse(options));
        },
    .make = [](const OptionMap& options) -> std::unique_ptr<Searcher> {
      return std::make_unique<RandomSearcher>(parse(options));
    },
};

}  // namespace nas
