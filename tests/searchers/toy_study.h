#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/api/searcher.h"

namespace nas::test {

/// A plain product space; `restricted` objects to choices whose sum is odd. Architectures are texts
/// like "0,3,1".
class ToySpace final : public SearchSpace {
 public:
  ToySpace(std::vector<std::size_t> sizes, bool restricted = false);
  const SpaceInfo& info() const override { return info_; }
  std::span<const Decision> decisions() const override { return decisions_; }
  std::optional<std::string> objection(Choices choices) const override;
  std::optional<Blueprint> blueprint(const Task&) const override { return std::nullopt; }
  ArchGraph build(const Architecture&, const Task&) const override;
  Architecture parse(std::string_view text) const override;
  std::string format(const Architecture& architecture) const override;

 private:
  SpaceInfo info_;
  std::vector<Decision> decisions_;
  bool restricted_;
};

struct Judgement {
  Outcome outcome = Outcome::kComplete;
  std::vector<double> merits;
  double violation = 0;
};
using ToyJudge = std::function<Judgement(const Architecture&)>;

struct ToyTrial {
  std::int64_t number;
  Architecture architecture;
  std::string reason;
  Judgement judgement;
};

struct ToyStudy {
  std::string searcher = "random";
  OptionMap options;
  std::uint64_t seed = 0;
  std::int64_t trials = 50;
  std::int64_t workers = 1;  ///< proposal n is asked for when all up to n - workers were told
  std::size_t objectives = 1;
};

/// The loop of the study engine, without an engine: ends early when the searcher has nothing more
/// to propose.
std::vector<ToyTrial> run(const ToyStudy& study, const SearchSpace& space, const ToyJudge& judge);

/// Two scores of toy architectures: one follows the hill, one is noise.
class ToyScores final : public ScoreSource {
 public:
  std::vector<std::string> names() const override { return {"follows", "noise"}; }
  std::vector<Architecture> pool() const override { return {}; }
  std::vector<double> scores(std::span<const Architecture> architectures,
                             std::span<const std::string> names) const override;
};

/// Searchers that learn get all predictors and the toy scores; without options of the study's own,
/// with settings that make a fit a matter of milliseconds.
std::unique_ptr<Searcher> started(const ToyStudy& study, const SearchSpace& space);
void tell(Searcher& searcher, const ToyTrial& trial);

/// One merit: 0 at the top of a smooth hill whose foot is the architecture 0, 0, 0, ...
Judgement hill(const Architecture& architecture);

}  // namespace nas::test
