#include "core/util/verification.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/util/csv.h"
#include "core/util/error.h"
#include "core/util/file.h"
#include "core/util/text.h"
#include "tests/test_data.h"

using namespace nas;

namespace {

using Trials = std::vector<ScoredTrial>;

Trials trials_of(const std::vector<double>& targets, const std::vector<double>& others) {
  Trials trials;
  for (const double score : targets) trials.push_back({score, true});
  for (const double score : others) trials.push_back({score, false});
  return trials;
}

/// Two unit Gaussians, `distance` apart.
Trials gaussian_trials(std::size_t of_each, double distance, std::uint64_t seed) {
  Rng rng(RngKey{.seed = seed});
  Trials trials;
  for (std::size_t i = 0; i < of_each; ++i) {
    trials.push_back({rng.normal() + distance, true});
    trials.push_back({rng.normal(), false});
  }
  return trials;
}

/// The share of trials of a kind with at least this score, counted one by one.
double share_above(const Trials& trials, bool target, double threshold) {
  double above = 0;
  double all = 0;
  for (const ScoredTrial& trial : trials) {
    if (trial.target != target) continue;
    all += 1;
    above += trial.score >= threshold ? 1 : 0;
  }
  return above / all;
}

std::vector<double> thresholds_of(const Trials& trials) {
  std::vector<double> thresholds;
  for (const ScoredTrial& trial : trials) thresholds.push_back(trial.score);
  std::sort(thresholds.begin(), thresholds.end(), std::greater<>());
  thresholds.erase(std::unique(thresholds.begin(), thresholds.end()), thresholds.end());
  return thresholds;
}

/// The crossing of the ROC curve and the antidiagonal, sought by bisection along the curve.
double bisected_eer(const Trials& trials) {
  std::vector<std::pair<double, double>> curve = {{0, 0}};
  for (const double threshold : thresholds_of(trials)) {
    curve.emplace_back(share_above(trials, false, threshold), share_above(trials, true, threshold));
  }
  const auto at = [&](double position) {
    const double last = static_cast<double>(curve.size() - 1);
    const auto i = static_cast<std::size_t>(std::min(position, last - 1e-12));
    const double part = position - static_cast<double>(i);
    return std::pair(curve[i].first + part * (curve[i + 1].first - curve[i].first),
                     curve[i].second + part * (curve[i + 1].second - curve[i].second));
  };
  double low = 0;
  double high = static_cast<double>(curve.size() - 1);
  for (int i = 0; i < 100; ++i) {
    const double middle = (low + high) / 2;
    const auto [x, y] = at(middle);
    (1 - x - y > 0 ? low : high) = middle;
  }
  return at(high).first;
}

double counted_min_cost(const Trials& trials, double p) {
  double least = p;
  for (const double threshold : thresholds_of(trials)) {
    least = std::min(least, p * (1 - share_above(trials, true, threshold)) +
                                (1 - p) * share_above(trials, false, threshold));
  }
  return least / std::min(p, 1 - p);
}

Trials golden_trials(const std::filesystem::path& directory) {
  const CsvTable table = CsvTable::parse(read_file(directory / "eer_golden.csv"), "eer_golden.csv");
  Trials trials;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    trials.push_back({*parse_double(table.at(row, table.column("score"))),
                      table.at(row, table.column("label")) == "1"});
  }
  return trials;
}

Rng test_rng() {
  return Rng(RngKey{.seed = 7});
}

}  // namespace

TEST_CASE("equal error rate: curves drawn by hand") {
  CHECK(equal_error_rate(trials_of({3, 4}, {1, 2})) == 0);
  CHECK(equal_error_rate(trials_of({1, 2}, {3, 4})) == 1);
  // (0, 0), (0, 1/2), (1/2, 1/2), (1/2, 1), (1, 1)
  CHECK(equal_error_rate(trials_of({3, 1}, {2, 0})) == 0.5);
  // Equal scores are one step: (0, 0), (0, 1/2), (1/2, 1), (1, 1), and x = 1 - (1/2 + x).
  CHECK(equal_error_rate(trials_of({2, 1}, {1, 0})) == doctest::Approx(0.25));
  CHECK(equal_error_rate(trials_of({1, 1, 1}, {1})) == doctest::Approx(0.5));
}

TEST_CASE("equal error rate: equals bisection along the curve, with ties and without") {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Trials trials = gaussian_trials(30, 1.0, seed);
    trials.resize(47);
    CHECK(equal_error_rate(trials) == doctest::Approx(bisected_eer(trials)).epsilon(1e-9));
    for (ScoredTrial& trial : trials) trial.score = std::round(2 * trial.score);
    CHECK(equal_error_rate(trials) == doctest::Approx(bisected_eer(trials)).epsilon(1e-9));
  }
  // Thousands of trials are summed by blocks, which end where a score does.
  for (const double distance : {0.2, 1.0, 3.0}) {
    Trials trials = gaussian_trials(1700, distance, 1);
    CHECK(equal_error_rate(trials) == doctest::Approx(bisected_eer(trials)).epsilon(1e-9));
    for (ScoredTrial& trial : trials) trial.score = std::round(2 * trial.score);
    CHECK(equal_error_rate(trials) == doctest::Approx(bisected_eer(trials)).epsilon(1e-9));
  }
}

TEST_CASE("detection cost: values by hand and by counting") {
  // Accepting the score 3 alone misses half of the targets and lets nothing in.
  CHECK(min_detection_cost(trials_of({3, 1}, {2, 0}), {.target_probability = 0.5}) == 0.5);
  CHECK(min_detection_cost(trials_of({3, 4}, {1, 2})) == 0);
  // The constant answers cost 1, whichever of them is the better one.
  for (const double p : {0.01, 0.5, 0.99}) {
    CHECK(min_detection_cost(trials_of({1, 2}, {3, 4}), {.target_probability = p}) ==
          doctest::Approx(1));
  }
  // A miss that costs ten times as much: the score 1 is accepted, and half of the others.
  CHECK(min_detection_cost(trials_of({3, 1}, {2, 0}), {.target_probability = 0.5, .miss = 10}) ==
        doctest::Approx(0.5));
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    Trials trials = gaussian_trials(40, 1.5, seed);
    for (ScoredTrial& trial : trials) trial.score = std::round(4 * trial.score);
    for (const double p : {0.01, 0.05, 0.3, 0.8}) {
      CHECK(min_detection_cost(trials, {.target_probability = p}) ==
            doctest::Approx(counted_min_cost(trials, p)).epsilon(1e-9));
    }
  }
}

TEST_CASE("acceptance: EER and minDCF of the 400 golden scores (EfficientTDNN, section 6)") {
  const auto directory = test::test_data("tdnn-efficienttdnn");
  if (directory.empty()) return;
  const Trials trials = golden_trials(directory);
  REQUIRE(trials.size() == 400);
  CHECK(std::abs(equal_error_rate(trials) - 0.2415458937) < 5e-11);
  CHECK(std::abs(min_detection_cost(trials, {.target_probability = 0.01}) - 0.9903381643) < 5e-11);
  CHECK(std::abs(min_detection_cost(trials, {.target_probability = 0.05}) - 0.8424069485) < 5e-11);
}

TEST_CASE(
    "verification: trials of one kind, no trials and scores that are no numbers are refused") {
  for (const Trials& trials : {Trials{}, trials_of({1, 2}, {}), trials_of({}, {1, 2})}) {
    CHECK_THROWS_WITH_AS(equal_error_rate(trials), doctest::Contains("of different ones"), Error);
    CHECK_THROWS_AS(min_detection_cost(trials), Error);
    CHECK_THROWS_AS(eer_interval(trials, {}, {}, test_rng()), Error);
  }
  for (const double bad : {std::nan(""), std::numeric_limits<double>::infinity()}) {
    CHECK_THROWS_WITH_AS(equal_error_rate(trials_of({1, bad}, {0})),
                         "the score of trial 2 of 3 is not finite", Error);
    CHECK_THROWS_AS(cohort_statistics({1, bad}), Error);
  }
  CHECK_THROWS_AS(min_detection_cost(trials_of({1}, {0}), {.target_probability = 1}), Error);
  CHECK_THROWS_AS(min_detection_cost(trials_of({1}, {0}), {.miss = 0}), Error);
}

TEST_CASE("score normalisation: the highest scores of the cohort, deviation divided by n") {
  const CohortStatistics two = cohort_statistics({1, 5, 3, -9}, 2);
  CHECK(two.mean == 4);
  CHECK(two.deviation == 1);
  const CohortStatistics all = cohort_statistics({1, 5, 3, -1}, 300);
  CHECK(all.mean == 2);
  CHECK(all.deviation == doctest::Approx(std::sqrt(5.0)));
  CHECK(as_norm(6, two, {.mean = 2, .deviation = 2}) == 2);
  CHECK(as_norm(1, {.mean = 0, .deviation = 0}, {.mean = 1, .deviation = 1}) ==
        doctest::Approx(0.5e8));
  CHECK_THROWS_WITH_AS(cohort_statistics({}), doctest::Contains("cohort"), Error);
}

TEST_CASE("cosine score: the mean over all pairs of segments") {
  Rng rng = test_rng();
  std::vector<float> a(3 * 5);
  std::vector<float> b(2 * 5);
  for (float& value : a) value = static_cast<float>(rng.normal());
  for (float& value : b) value = static_cast<float>(rng.normal());
  double sum = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t j = 0; j < 2; ++j) {
      double product = 0;
      double squares_a = 0;
      double squares_b = 0;
      for (std::size_t k = 0; k < 5; ++k) {
        product += a[i * 5 + k] * b[j * 5 + k];
        squares_a += a[i * 5 + k] * a[i * 5 + k];
        squares_b += b[j * 5 + k] * b[j * 5 + k];
      }
      sum += product / std::sqrt(squares_a * squares_b);
    }
  }
  CHECK(cosine_score(mean_direction(a, 5), mean_direction(b, 5)) ==
        doctest::Approx(sum / 6).epsilon(1e-5));
  CHECK(mean_direction(std::vector<float>{0, 0, 3, 4}, 2) == std::vector<float>{0.3F, 0.4F});
  CHECK_THROWS_AS(mean_direction(std::vector<float>{0, std::nanf("")}, 2), Error);
}

TEST_CASE("bootstrap: the width is that of the normal approximation") {
  // Unit Gaussians two apart: EER 0.1587, and (FNR + FPR) / 2 at the fixed threshold between them
  // has this standard error.
  constexpr std::size_t kEach = 2000;
  const Trials trials = gaussian_trials(kEach, 2.0, 1);
  const double rate = 0.158655;
  const double width = 2 * 1.96 * 0.5 * std::sqrt(2 * rate * (1 - rate) / kEach);
  std::vector<TrialUnits> own_units;
  for (std::uint32_t i = 0; i < trials.size(); ++i) own_units.push_back({i, i});
  for (const auto& units : {std::vector<TrialUnits>{}, own_units}) {
    const Interval interval = eer_interval(trials, units, {}, test_rng());
    CHECK(interval.low < equal_error_rate(trials));
    CHECK(interval.high > equal_error_rate(trials));
    CHECK(interval.high - interval.low == doctest::Approx(width).epsilon(0.15));
    const Interval again = eer_interval(trials, units, {}, test_rng());
    CHECK(again.low == interval.low);
    CHECK(again.high == interval.high);
  }
}

TEST_CASE("bootstrap: repeated trials of one unit are one fact, and only units see that") {
  const Trials once = gaussian_trials(100, 2.0, 3);
  Trials often;
  std::vector<TrialUnits> units;
  for (std::uint32_t i = 0; i < once.size(); ++i) {
    for (int copy = 0; copy < 9; ++copy) {
      often.push_back(once[i]);
      units.push_back({i, i});
    }
  }
  const auto width = [](const Interval& interval) { return interval.high - interval.low; };
  const double honest = width(eer_interval(once, {}, {}, test_rng()));
  CHECK(width(eer_interval(often, units, {}, test_rng())) == doctest::Approx(honest).epsilon(0.2));
  CHECK(width(eer_interval(often, {}, {}, test_rng())) < honest / 2);
}

TEST_CASE("bootstrap: too few units and senseless options are refused") {
  const Trials trials = trials_of({3, 4}, {1, 2});
  const std::vector<TrialUnits> units = {{0, 0}, {1, 1}, {0, 1}, {1, 0}};
  CHECK_THROWS_WITH_AS(eer_interval(trials, units, {}, test_rng()),
                       doctest::Contains("over 2 units says nothing"), Error);
  CHECK_THROWS_AS(eer_interval(trials, {}, {.rounds = 1}, test_rng()), Error);
  CHECK_THROWS_AS(eer_interval(trials, {}, {.level = 1}, test_rng()), Error);
  // Ten units, of which only two that are rarely drawn together are ever compared.
  std::vector<TrialUnits> rare = {{0, 0}, {1, 1}, {0, 1}, {0, 1}};
  Trials many = trials;
  for (std::uint32_t unit = 2; unit < 10; ++unit) {
    many.push_back({5, true});
    rare.push_back({unit, unit});
  }
  CHECK_THROWS_WITH_AS(eer_interval(many, rare, {}, test_rng()), doctest::Contains("most draws"),
                       Error);
}
