#include <array>
#include <numeric>
#include <span>
#include <vector>

#include "core/api/searcher.h"
#include "core/util/error.h"
#include "core/util/quantity.h"
#include "core/util/text.h"
#include "searchers/proposals.h"

namespace nas {
namespace {

struct RandomOptions {
  bool repeats = false;
  bool pool = false;
  std::string indices;
};

constexpr std::array kFields = {
    Field<RandomOptions>{"repeats", &RandomOptions::repeats,
                         "draw with replacement, as the published baselines do; otherwise no "
                         "architecture is proposed twice"},
    Field<RandomOptions>{"pool", &RandomOptions::pool,
                         "draw from the architectures that scores are known of, the rows of a "
                         "benchmark, each once, instead of from the space"},
    Field<RandomOptions>{"indices", &RandomOptions::indices,
                         "FIRST..LAST of the published order: draw only from these, each once; "
                         "empty: from the whole space"},
};

RandomOptions parse(const OptionMap& options) {
  return parse_fields<RandomOptions>(kFields, options, "searcher 'random'");
}

RandomOptions checked(const OptionMap& map) {
  RandomOptions options = parse(map);
  if (options.pool && (options.repeats || !options.indices.empty())) {
    throw Error(ErrorKind::kUsage,
                "searcher 'random': pool = true draws rows once each; leave repeats and indices "
                "out");
  }
  return options;
}

/// The published indices from FIRST to LAST, shuffled.
std::vector<std::uint64_t> shuffled_range(const std::string& text, const SearchSpace& space,
                                          Rng rng) {
  const auto* indexed = dynamic_cast<const IndexedSpace*>(&space);
  if (indexed == nullptr) {
    throw Error(ErrorKind::kUsage, "searcher 'random': space '" + space.info().name +
                                       "' has no published order, so no indices");
  }
  const std::size_t dots = text.find("..");
  const auto first = parse_whole(std::string_view(text).substr(0, dots));
  const auto last = dots == std::string::npos ? first : parse_whole(text.substr(dots + 2));
  if (!first || !last || *first < 0 || *last < *first ||
      static_cast<std::uint64_t>(*last) >= indexed->size()) {
    throw Error(ErrorKind::kUsage, "searcher 'random': indices = " + printable(text) +
                                       ", expected FIRST..LAST within 0.." +
                                       std::to_string(indexed->size() - 1));
  }
  std::vector<std::uint64_t> indices(static_cast<std::size_t>(*last - *first + 1));
  std::iota(indices.begin(), indices.end(), static_cast<std::uint64_t>(*first));
  rng.shuffle(std::span(indices));
  return indices;
}

class RandomSearcher final : public Searcher {
 public:
  explicit RandomSearcher(const RandomOptions& options) : options_(options) {}

  void start(const SearchSetup& setup) override {
    proposals_.emplace(setup);
    if (options_.pool) {
      if (setup.scores != nullptr) pool_ = setup.scores->pool();
      if (pool_.empty()) {
        throw Error(ErrorKind::kUsage,
                    "searcher 'random': pool = true needs a benchmark that is searched");
      }
      proposals_->rng(0).stream(1).shuffle(std::span(pool_));
    }
    if (!options_.indices.empty()) {
      indices_ = shuffled_range(options_.indices, setup.space, proposals_->rng(0));
    }
  }

  std::optional<Proposal> ask(std::int64_t number) override {
    if (options_.pool) {
      if (static_cast<std::size_t>(number) >= pool_.size()) return std::nullopt;
      return Proposal{pool_[static_cast<std::size_t>(number)], "random row"};
    }
    if (!options_.indices.empty()) return at_index(number);
    Rng rng = proposals_->rng(number);
    if (options_.repeats) return Proposal{sample(proposals_->space(), rng), "random"};
    if (proposals_->exhausted()) return std::nullopt;
    Architecture architecture = proposals_->draw_new(rng);
    proposals_->note(architecture);
    return Proposal{std::move(architecture), "random"};
  }

  void tell(const Told& told) override { proposals_->note(told.architecture); }

 private:
  std::optional<Proposal> at_index(std::int64_t number) const {
    if (static_cast<std::size_t>(number) >= indices_.size()) return std::nullopt;
    const std::uint64_t index = indices_[static_cast<std::size_t>(number)];
    const auto& space = dynamic_cast<const IndexedSpace&>(proposals_->space());
    return Proposal{space.at(index), "index " + std::to_string(index)};
  }

  RandomOptions options_;
  std::vector<std::uint64_t> indices_;
  std::vector<Architecture> pool_;  ///< shuffled
  std::optional<Proposals> proposals_;
};

}  // namespace

extern const Plugin<Searcher> random_searcher;
constinit const Plugin<Searcher> random_searcher{
    .name = "random",
    .summary = "uniform random search: the baseline that everything must beat",
    .paper =
        "L. Li, A. Talwalkar: Random Search and Reproducibility for Neural Architecture "
        "Search, 2019, arXiv:1902.07638",
    .fields = [] { return describe_fields<RandomOptions>(kFields); },
    .resolve =
        [](const OptionMap& options) {
          return fields_to_map<RandomOptions>(kFields, checked(options));
        },
    .make = [](const OptionMap& options) -> std::unique_ptr<Searcher> {
      return std::make_unique<RandomSearcher>(checked(options));
    },
};

}  // namespace nas
