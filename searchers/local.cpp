#include <algorithm>
#include <array>
#include <map>

#include "core/api/searcher.h"
#include "searchers/fitness.h"
#include "searchers/proposals.h"

namespace nas {
namespace {

struct LocalOptions {
  std::int64_t initial = 10;
  std::string move = "first";
};

constexpr std::string_view kWhite = "White et al. (arXiv 2004.08996), released code";
constexpr std::array kFields = {
    Field<LocalOptions>{"initial", &LocalOptions::initial,
                        "random architectures, the best of which starts a climb", "architectures",
                        1, 100'000, kWhite},
    Field<LocalOptions>{.name = "move",
                        .member = &LocalOptions::move,
                        .meaning = "first: go to the first neighbour that is better; best: judge "
                                   "all neighbours, then go to the best",
                        .source = kWhite,
                        .choices = "first|best"},
};

LocalOptions parse(const OptionMap& options) {
  return parse_fields<LocalOptions>(kFields, options, "searcher 'local'");
}

struct Judged {
  std::int64_t number;
  Architecture architecture;
  Fitness fitness;
};

// Rounds of: random architectures, then a climb from the best of them to a local optimum. The state
// follows from the tells alone. A neighbour that was judged before is not proposed again, its value
// is known. While a climb waits for late tells it proposes random architectures, which then belong
// to the next round.
class LocalSearcher final : public Searcher {
 public:
  explicit LocalSearcher(const LocalOptions& options) : options_(options) {}

  void start(const SearchSetup& setup) override { proposals_.emplace(setup); }

  std::optional<Proposal> ask(std::int64_t number) override {
    if (proposals_->exhausted()) return std::nullopt;
    for (const Architecture& neighbour : neighbours_) {
      if (proposals_->seen(neighbour)) continue;
      return propose(neighbour, "neighbour of trial " + std::to_string(centre_->number));
    }
    Rng rng = proposals_->rng(number);
    return propose(proposals_->draw_new(rng), "random start");
  }

  void tell(const Told& told) override {
    proposals_->note(told.architecture);
    Judged judged{told.number, told.architecture, fitness_of(told)};
    // A wall-clock measurement may differ the second time; the first one stands.
    judged_.try_emplace(told.architecture.choices, judged);
    if (!centre_) starts_.push_back(std::move(judged));
    if (!centre_ && starts_.size() == static_cast<std::size_t>(options_.initial)) {
      climb_from(best_of(starts_));
    }
    while (centre_ && step()) {
    }
  }

 private:
  Proposal propose(const Architecture& architecture, std::string reason) {
    proposals_->note(architecture);
    return {architecture, std::move(reason)};
  }

  static Judged best_of(const std::vector<Judged>& candidates) {
    return *std::min_element(
        candidates.begin(), candidates.end(),
        [](const Judged& a, const Judged& b) { return better(a.fitness, b.fitness); });
  }

  void climb_from(Judged centre) {
    starts_.clear();
    neighbours_ = neighbours(proposals_->space(), centre.architecture);
    // Stream 1 of the centre's own numbers: those of its proposal may have been used to draw it.
    proposals_->rng(centre.number).stream(1).shuffle(std::span(neighbours_));
    centre_ = std::move(centre);
  }

  // Moves on if what is known allows it; false: more must be judged, or a new round begins. Known
  // neighbours have no precedence over those before them: on a slope that was climbed before, the
  // way up would always be the old one.
  bool step() {
    std::optional<Judged> next;
    for (const Architecture& neighbour : neighbours_) {
      const auto known = judged_.find(neighbour.choices);
      if (known == judged_.end()) return false;
      if (!better(known->second.fitness, (next ? *next : *centre_).fitness)) continue;
      next = known->second;
      if (options_.move == "first") break;
    }
    if (next) {
      climb_from(*std::move(next));
      return true;
    }
    centre_.reset();  // a local optimum
    neighbours_.clear();
    return false;
  }

  LocalOptions options_;
  std::optional<Proposals> proposals_;
  std::map<std::vector<std::uint16_t>, Judged> judged_;
  std::vector<Judged> starts_;            // of the round whose climb has not begun
  std::optional<Judged> centre_;          // of the climb
  std::vector<Architecture> neighbours_;  // of the centre, in random order
};

}  // namespace

extern const Plugin<Searcher> local_searcher;
constinit const Plugin<Searcher> local_searcher{
    .name = "local",
    .summary = "local search: climbs over neighbours to a local optimum, then starts anew",
    .paper =
        "C. White, S. Nolen, Y. Savani: Exploring the Loss Landscape in Neural Architecture "
        "Search, 2020, arXiv:2004.08996",
    .fields = [] { return describe_fields<LocalOptions>(kFields); },
    .resolve =
        [](const OptionMap& options) {
          return fields_to_map<LocalOptions>(kFields, parse(options));
        },
    .make = [](const OptionMap& options) -> std::unique_ptr<Searcher> {
      return std::make_unique<LocalSearcher>(parse(options));
    },
};

}  // namespace nas
