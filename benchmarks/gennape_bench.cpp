// The members of GENNAPE and their votes on the 4,096 cells of NAS-Bench-201 without `none`,
// learned from NAS-Bench-101: `scripts/reproduce gennape`. usage: gennape_bench DATA [SEEDS [DRAWS
// [OPTION=VALUE...]]]   (DATA: with tab-nb101 and tab-nb201)

#include <sys/resource.h>

#include <chrono>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <string>

#include "core/util/statistics.h"
#include "core/util/text.h"
#include "predictors/gennape/options.h"
#include "predictors/registry.h"
#include "tests/predictors/accuracy_tables.h"

namespace {

using namespace nas;
using namespace nas::test;

constexpr std::size_t kPool =
    2000;  // what votes are relative to, as `nasctl predictor fit` draws it

double cpu_seconds() {
  return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

double megabytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

std::vector<CompGraph> graphs_of(const AccuracyTable& table, std::span<const std::size_t> rows) {
  std::vector<CompGraph> graphs;
  for (const std::size_t row : rows) {
    graphs.push_back(comp_graph_of(
        table.space->build(table.architectures[row], table.space->info().default_task)));
  }
  return graphs;
}

std::vector<std::size_t> good_rows(const AccuracyTable& table, double least, std::size_t count,
                                   std::size_t skip) {
  std::vector<std::size_t> rows;
  for (std::size_t row = 0; row < table.accuracy.size() && rows.size() < skip + count; ++row) {
    if (table.accuracy[row] >= least) rows.push_back(row);
  }
  rows.erase(rows.begin(), rows.begin() + static_cast<std::ptrdiff_t>(std::min(skip, rows.size())));
  return rows;
}

struct Judged {
  double spearman = 0, kendall = 0, best_fifth = 0, ndcg10 = 0;
};

/// NDCG at 10 with relevance from 0 to 20, as the paper has it.
double ndcg_of(std::span<const double> truth, std::span<const double> scores) {
  const auto [low, high] = std::minmax_element(truth.begin(), truth.end());
  std::vector<double> relevance;
  for (const double value : truth) relevance.push_back((value - *low) / (*high - *low) * 20);
  return ndcg(relevance, scores, 10);
}

Judged judge(std::span<const double> truth, std::span<const double> scores) {
  std::vector<std::size_t> rows(truth.size());
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = i;
  return {rank_correlation(truth, scores, rows), kendall_of(truth, scores, rows),
          rank_correlation(truth, scores, best_fifth(truth, rows)), ndcg_of(truth, scores)};
}

void print(const std::string& name, const Judged& judged) {
  std::printf("  %-28s spearman %.4f  tau %.4f  best fifth %.3f  ndcg@10 %.4f\n", name.c_str(),
              judged.spearman, judged.kendall, judged.best_fifth, judged.ndcg10);
  std::fflush(stdout);
}

using Votes = std::vector<std::vector<double>>;

std::vector<double> vote_of(const Votes& votes, std::span<const double> weights) {
  std::vector<double> sums(votes.front().size());
  for (std::size_t m = 0; m < votes.size(); ++m) {
    for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += weights[m] * votes[m][i];
  }
  return sums;
}

/// Each member, the paper's vote, and that without one of its members.
void print_table(const Gennape& model, std::span<const CompGraph> graphs,
                 std::span<const double> truth) {
  const Votes votes = model.votes(graphs);
  std::vector<double> weights;
  for (std::size_t m = 0; m < model.members(); ++m) {
    print(std::string(model.name(m)) + " alone", judge(truth, votes[m]));
    const std::string name(model.name(m));
    const bool published = name != "cl" && name != "cl_fcm";
    weights.push_back(published ? model.weight(m) : 0);
  }
  print("the vote of the paper's six", judge(truth, vote_of(votes, weights)));
  for (std::size_t m = 0; m < weights.size(); ++m) {
    if (weights[m] == 0) continue;
    std::vector<double> without = weights;
    without[m] = 0;
    print("  without " + std::string(model.name(m)), judge(truth, vote_of(votes, without)));
  }
}

GennapeOptions options_of(int argc, char** argv) {
  OptionMap options{{"members", std::string(kAllGennapeMembers)}};
  for (int i = 4; i < argc; ++i) {
    const std::string text(argv[i]);
    options[text.substr(0, text.find('='))] = text.substr(text.find('=') + 1);
  }
  return parse_gennape(options);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: gennape_bench DATA [SEEDS [DRAWS [OPTION=VALUE...]]]\n");
    return 2;
  }
  const std::filesystem::path data(argv[1]);
  const std::uint64_t seeds = argc > 2 ? std::stoull(argv[2]) : 3;
  const std::uint64_t draws = argc > 3 ? std::stoull(argv[3]) : 2;
  const GennapeOptions options = options_of(argc, argv);
  const auto learned = static_cast<std::size_t>(options.source_graphs);
  const AccuracyTable whole = read_nb201(data / "tab-nb201");
  const AccuracyTable family = only(read_nb201(data / "tab-nb201"), whole.without_none);
  const std::vector<CompGraph> graphs = graphs_of(family, family.all());
  std::printf("4,096 cells of NAS-Bench-201 without none\n");
  print("MACs, nothing learned", judge(family.accuracy, family.live_macs));
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    const double begin = cpu_seconds();
    const AccuracyTable nb101 = read_nb101(data / "tab-nb101", learned + learned / 10 + 1500, seed);
    const std::vector<std::size_t> rows = good_rows(nb101, options.least_label, learned, 0);
    const std::vector<std::size_t> held = good_rows(nb101, options.least_label, 1000, learned);
    const GennapeSource source{graphs_of(nb101, rows), nb101.targets(rows)};
    Gennape model(options);
    const double start = cpu_seconds();
    const auto stage = std::chrono::steady_clock::now();
    const auto reporter = make_progress_reporter(stderr, {.plain_interval_s = 20});
    model.fit(std::span(&source, 1), Rng({.seed = seed, .purpose = Purpose::kPredictor}),
              {.seed = seed, .progress = reporter.get()}, [] {});
    std::printf(
        "seed %d: %zu graphs of NAS-Bench-101 read in %.0f s, fitted in %.0f s of processor "
        "time (%.0f s of wall time), %.0f MB\n",
        static_cast<int>(seed), source.graphs.size(), start - begin, cpu_seconds() - start,
        std::chrono::duration<double>(std::chrono::steady_clock::now() - stage).count(),
        megabytes());
    std::vector<CompGraph> seen = graphs_of(nb101, held);
    model.settle(seen);
    std::printf(" NAS-Bench-101, %zu networks that were not learned from\n", held.size());
    print_table(model, seen, nb101.targets(held));
    std::vector<CompGraph> pool;
    for (const std::size_t row : draw_rows(graphs.size(), kPool, seed + 1000)) {
      pool.push_back(graphs[row]);
    }
    model.settle(pool);
    std::printf(" zero-shot\n");
    print_table(model, graphs, family.accuracy);
    for (std::uint64_t draw = 0; draw < draws; ++draw) {
      const std::vector<std::size_t> order =
          draw_rows(graphs.size(), graphs.size(), 10 * seed + draw + 1);
      const auto known = std::span(order).first(50), others = std::span(order).subspan(50);
      std::vector<CompGraph> few, rest;
      for (const std::size_t row : known) few.push_back(graphs[row]);
      for (const std::size_t row : others) rest.push_back(graphs[row]);
      const double before = cpu_seconds();
      const Gennape tuned =
          model.tuned(few, family.targets(known), Rng({.seed = seed, .trial = draw}), [] {});
      std::printf(" 50 labels, draw %d: %.1f s of processor time\n", static_cast<int>(draw),
                  cpu_seconds() - before);
      print_table(tuned, rest, family.targets(others));
    }
  }
  return 0;
}
