#include <array>
#include <bit>
#include <cmath>

#include "core/api/searcher.h"
#include "searchers/elitist_population.h"

namespace nas {
namespace {

struct GeneticOptions {
  std::int64_t population = 50;
  double crossover = 0.7;
  double mutation = 0.1;
  std::string code = "gray";
  bool repeats = false;
};

constexpr std::string_view kTdnn = "EfficientTDNN (arXiv:2103.13581), released code";
constexpr std::string_view kSega = "Geatpy, soea_SEGA_templet";
constexpr std::array kFields = {
    Field<GeneticOptions>{"population", &GeneticOptions::population,
                          "parents kept, and children between two selections", "architectures", 2,
                          10'000, kTdnn},
    Field<GeneticOptions>{"crossover", &GeneticOptions::crossover,
                          "probability that a child takes the bits between two points from a "
                          "second parent",
                          "", 0, 1, kSega},
    Field<GeneticOptions>{"mutation", &GeneticOptions::mutation,
                          "probability of each bit to be turned", "", 0, 1, kTdnn},
    Field<GeneticOptions>{.name = "code",
                          .member = &GeneticOptions::code,
                          .meaning = "bits of a choice: its number, or the reflected binary code, "
                                     "in which neighbouring choices differ in one bit",
                          .source = kTdnn,
                          .choices = "gray|binary"},
    Field<GeneticOptions>{"repeats", &GeneticOptions::repeats,
                          "children may equal earlier proposals, as in the published method; "
                          "otherwise they are made again"},
};

GeneticOptions parse(const OptionMap& options) {
  return parse_fields<GeneticOptions>(kFields, options, "searcher 'genetic'");
}

using Bits = std::vector<bool>;

// The bits of a decision with n choices are a number from 0 to 2^b - 1 >= n - 1, which is scaled to
// the choices: so every chromosome is an architecture, and a choice may have several codes.
class Code {
 public:
  Code(std::span<const Decision> decisions, bool gray) {
    for (const Decision& decision : decisions) {
      const std::size_t choices = decision.choices.size();
      const auto width = static_cast<std::size_t>(std::bit_width(choices - 1));
      const std::size_t codes = std::size_t{1} << width;
      Gene gene{width, std::vector<std::uint16_t>(codes), {}};
      gene.codes.resize(choices);
      for (std::size_t number = 0; number < codes; ++number) {
        const double place = codes == 1
                                 ? 0
                                 : static_cast<double>(number) / static_cast<double>(codes - 1) *
                                       static_cast<double>(choices - 1);
        const auto choice = static_cast<std::size_t>(std::lround(place));
        const std::size_t code = gray ? number ^ (number >> 1U) : number;
        gene.choices[code] = static_cast<std::uint16_t>(choice);
        gene.codes[choice].push_back(code);
      }
      genes_.push_back(std::move(gene));
    }
  }

  /// One of the chromosomes of these choices; any where a decision has no effect.
  Bits encode(const SearchSpace& space, Choices choices, Rng rng) const {
    const std::vector<bool> active = active_decisions(space, choices);
    Bits bits;
    for (std::size_t i = 0; i < choices.size(); ++i) {
      const std::vector<std::size_t>& codes = genes_[i].codes[choices[i]];
      const std::size_t code =
          active[i] ? codes[rng.below(codes.size())] : rng.below(genes_[i].choices.size());
      for (std::size_t b = genes_[i].width; b-- > 0;) bits.push_back((code >> b & 1U) != 0);
    }
    return bits;
  }

  std::vector<std::uint16_t> decode(const Bits& bits) const {
    std::vector<std::uint16_t> choices;
    std::size_t next = 0;
    for (const Gene& gene : genes_) {
      std::size_t code = 0;
      for (std::size_t b = 0; b < gene.width; ++b) code = 2 * code + (bits[next++] ? 1 : 0);
      choices.push_back(gene.choices[code]);
    }
    return choices;
  }

 private:
  struct Gene {
    std::size_t width;                            // bits
    std::vector<std::uint16_t> choices;           // by code
    std::vector<std::vector<std::size_t>> codes;  // by choice
  };
  std::vector<Gene> genes_;
};

// Binary tournaments, two-point crossover, bits that turn, and parents that compete with their
// children. A chromosome follows from what was told, so that a study resumes from its tells.
class GeneticSearcher final : public ElitistSearcher {
 public:
  explicit GeneticSearcher(const GeneticOptions& options)
      : ElitistSearcher(options.population, options.repeats), options_(options) {}

  void start(const SearchSetup& setup) override {
    ElitistSearcher::start(setup);
    code_.emplace(setup.space.decisions(), options_.code == "gray");
  }

 private:
  /// The same every time.
  Bits chromosome(const Individual& individual) const {
    constexpr std::uint64_t kChromosome = 1;
    return code_->encode(proposals().space(), individual.architecture.choices,
                         proposals().rng(individual.number).stream(kChromosome));
  }

  Proposal child(const ElitistPopulation& population, Rng& rng) const override {
    const Individual& first = population.winner(rng);
    const Individual& second = population.winner(rng);
    Proposal proposal{first.architecture, "mutation of trial " + std::to_string(first.number)};
    Bits bits = chromosome(first);
    if (rng.bernoulli(options_.crossover)) {
      proposal.reason = "crossover of trials " + std::to_string(first.number) + " and " +
                        std::to_string(second.number);
      const Bits other = chromosome(second);
      std::size_t begin = rng.below(bits.size() + 1), end = rng.below(bits.size() + 1);
      if (begin > end) std::swap(begin, end);
      for (std::size_t i = begin; i < end; ++i) bits[i] = other[i];
    }
    for (std::size_t i = 0; i < bits.size(); ++i) {
      if (rng.bernoulli(options_.mutation)) bits[i] = !bits[i];
    }
    proposal.architecture.choices = code_->decode(bits);
    return proposal;
  }

  GeneticOptions options_;
  std::optional<Code> code_;
};

}  // namespace

extern const Plugin<Searcher> genetic_searcher;
constinit const Plugin<Searcher> genetic_searcher{
    .name = "genetic",
    .summary =
        "genetic algorithm on bit strings: two-point crossover, mutation of bits, parents compete "
        "with their children",
    .paper =
        "R. Wang, Z. Wei, H. Duan, S. Ji, Y. Long, Z. Hong: EfficientTDNN, IEEE/ACM TASLP 2022, "
        "arXiv:2103.13581 (SEGA of Geatpy); J. H. Holland: Adaptation in Natural and Artificial "
        "Systems, 1975",
    .fields = [] { return describe_fields<GeneticOptions>(kFields); },
    .resolve =
        [](const OptionMap& options) {
          return fields_to_map<GeneticOptions>(kFields, parse(options));
        },
    .make = [](const OptionMap& options) -> std::unique_ptr<Searcher> {
      return std::make_unique<GeneticSearcher>(parse(options));
    },
};

}  // namespace nas
