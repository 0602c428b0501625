#include "benchmarks/ofa_selection.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "benchmarks/ofa_search.h"
#include "core/util/csv.h"
#include "core/util/file.h"
#include "core/util/statistics.h"
#include "core/util/text.h"

namespace nas::bench {
namespace {

constexpr std::size_t kPairs = 9;  // kernel and expansion ratio of a block

std::size_t place(const std::string& choice, const std::array<const char*, 3>& choices) {
  return static_cast<std::size_t>(std::ranges::find(choices, choice) - choices.begin());
}

std::vector<double> features(const SearchSpace& space, const Architecture& architecture) {
  constexpr double kLargest = 224;
  constexpr std::int64_t kFirst = 128, kStep = 4, kResolutions = 25;
  std::vector<std::size_t> kernels, ratios;
  std::vector<bool> exists;
  double resolution = 0;
  const std::vector<bool> active = active_decisions(space, architecture.choices);
  for (DecisionId id = 0; id < space.decisions().size(); ++id) {
    const Decision& decision = space.decisions()[id];
    const std::string& choice = decision.choices[architecture.choices[id]];
    if (decision.kind == DecisionKind::kResolution) resolution = parse_double(choice).value();
    if (decision.kind == DecisionKind::kKernel) {
      kernels.push_back(place(choice, {"3", "5", "7"}));
      exists.push_back(active[id]);
    }
    if (decision.kind == DecisionKind::kExpansion) {
      ratios.push_back(place(choice, {"3", "4", "6"}));
    }
  }
  const double area = resolution * resolution / (kLargest * kLargest);
  std::vector<double> row;
  for (std::size_t block = 0; block < kernels.size(); ++block) {
    const std::size_t pair = 3 * kernels[block] + ratios[block];
    for (std::size_t i = 0; i < kPairs; ++i) row.push_back(exists[block] && i == pair ? area : 0);
    row.push_back(exists[block] ? 1 : 0);
  }
  for (std::int64_t i = 0; i < kResolutions; ++i) {
    row.push_back(resolution == static_cast<double>(kFirst + kStep * i) ? 1 : 0);
  }
  return row;
}

constexpr std::size_t kPool = 4000;       // HELP's; the other networks of the table are queries
constexpr std::int64_t kBudget = 10'100;  // published: 50,100

/// One device of the table, what a predictor says of it and what is true.
struct Selection {
  const test::LatencyTable& table;
  const std::vector<double>& truth;
  const TransferPredictor& predictor;
  OfaJudge judge;

  Selection(const test::LatencyTable& of, const std::string& device, const TransferPredictor& by)
      : table(of),
        truth(of.devices.at(device)),
        predictor(by),
        judge(*of.space, of.architectures, truth) {}

  double predicted(const Architecture& architecture) const {
    const Subject subject{table.space.get(), &architecture, nullptr};
    return predictor.forecast(std::span(&subject, 1)).front().mean;
  }
  /// Of a space with other options.
  double predicted(const SearchSpace& space, const Architecture& architecture) const {
    return predicted(table.space->parse(space.format(architecture)));
  }
};

void print_judge(const Selection& selection) {
  const test::LatencyTable& table = selection.table;
  const auto first = table.architectures.begin();
  const OfaJudge part(*table.space, {first, first + kPool},
                      {selection.truth.begin(), selection.truth.begin() + kPool});
  std::vector<double> truth, judged;
  double worst = 0, within = 0;
  for (std::size_t row = kPool; row < table.architectures.size(); ++row) {
    truth.push_back(selection.truth[row]);
    judged.push_back(part(*table.space, table.architectures[row]));
    const double error = std::abs(judged.back() / truth.back() - 1);
    worst = std::max(worst, error);
    within += error <= 0.05 ? 1 : 0;
  }
  std::printf(
      "judge of 4,000 networks on the others: Spearman %.4f, %.1f %% within 5 %%, worst %.1f %%\n",
      spearman(truth, judged).value_or(0), 100 * within / static_cast<double>(truth.size()),
      100 * worst);
}

/// Of the table's networks that the accuracy predictor knows: the best that is said to hold a
/// limit.
void print_from_table(const Selection& selection, const OfaSearch& search, double limit) {
  std::vector<std::size_t> rows;
  std::vector<Architecture> networks;
  for (std::size_t row = kPool; row < selection.table.architectures.size(); ++row) {
    const std::string text = selection.table.space->format(selection.table.architectures[row]);
    try {
      networks.push_back(search.space().parse(text));
    } catch (const Error&) {
      continue;  // a resolution between those of the released predictor
    }
    rows.push_back(row);
  }
  const std::vector<double> accuracy = search.accuracies(networks);
  const auto best_of = [&](const auto& milliseconds) {
    std::size_t best = rows.size();
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (milliseconds(rows[i]) > limit) continue;
      if (best == rows.size() || accuracy[i] > accuracy[best]) best = i;
    }
    return best;
  };
  const std::size_t chosen = best_of(
      [&](std::size_t row) { return selection.predicted(selection.table.architectures[row]); });
  const std::size_t possible = best_of([&](std::size_t row) { return selection.truth[row]; });
  if (chosen == rows.size() || possible == rows.size()) {
    std::printf("  of %zu networks of the table: none\n", rows.size());
    return;
  }
  std::printf(
      "  of %zu networks of the table: %.2f %%, takes %.2f ms; with true latencies %.2f %%\n",
      rows.size(), accuracy[chosen], selection.truth[rows[chosen]], accuracy[possible]);
}

void print_evolved(const Selection& selection, const OfaSearch& search, double limit) {
  for (std::uint64_t seed = 0; seed < 3; ++seed) {
    const OfaSearch::Found found =
        search.run("evolution_ofa", {{"repeats", "true"}}, seed, limit, kBudget);
    std::printf("  evolution, seed %llu: %.2f %%, said to take %.2f ms, judged %.2f ms\n",
                static_cast<unsigned long long>(seed), found.accuracy,
                selection.predicted(search.space(), found.architecture),
                selection.judge(search.space(), found.architecture));
    std::fflush(stdout);
  }
}

}  // namespace

OfaJudge::OfaJudge(const SearchSpace& space, const std::vector<Architecture>& architectures,
                   const std::vector<double>& milliseconds) {
  constexpr double kPenalty[] = {0.1};
  std::vector<double> rows;
  for (const Architecture& architecture : architectures) {
    const std::vector<double> row = features(space, architecture);
    rows.insert(rows.end(), row.begin(), row.end());
  }
  model_ = fit_ridge(rows, rows.size() / architectures.size(), milliseconds, kPenalty).front();
}

double OfaJudge::operator()(const SearchSpace& space, const Architecture& architecture) const {
  return model_.predict(features(space, architecture));
}

std::vector<PublishedOfa> read_published_ofa(const std::filesystem::path& help,
                                             const std::string& device) {
  const std::string name = "nas_results_published.csv";
  const CsvTable csv = CsvTable::parse(read_file(help / name), name);
  std::vector<PublishedOfa> found;
  for (std::size_t row = 0; row < csv.rows(); ++row) {
    if (csv.at(row, csv.column("device")) != device) continue;
    const auto list = [&](const char* column) {
      std::string text(csv.at(row, csv.column(column)));
      std::ranges::replace(text, ' ', ',');
      return text;
    };
    found.push_back({"r=" + list("r") + ";d=" + list("d") + ";k=" + list("ks") + ";e=" + list("e"),
                     parse_double(csv.at(row, csv.column("latency_ms_published"))).value(),
                     parse_double(csv.at(row, csv.column("imagenet_top1_published"))).value()});
  }
  return found;
}

void print_ofa_selection(const test::LatencyTable& table, const test::LatencyTask& task,
                         const std::filesystem::path& data, TransferPredictor& predictor,
                         const char* name) {
  const std::string& device = task.targets.front();
  const std::vector<double>& truth = table.devices.at(device);
  std::vector<Subject> measured;
  std::vector<double> values;
  for (const std::size_t row : task.references) {
    measured.push_back({table.space.get(), &table.architectures[row], nullptr});
    values.push_back(truth[row]);
  }
  predictor.adapt(measured, values);
  const Selection selection(table, device, predictor);
  std::printf("\n%s, %zu references measured on %s\n", name, values.size(), device.c_str());
  print_judge(selection);
  for (const PublishedOfa& one : read_published_ofa(data / "hw-help-ofa", "gpu_" + device)) {
    const Architecture architecture = table.space->parse(one.architecture);
    std::printf("published: measured %.1f ms, said to take %.2f ms, judged %.2f ms\n",
                one.milliseconds, selection.predicted(architecture),
                selection.judge(*table.space, architecture));
  }
  const std::filesystem::path accuracy = data / "oneshot-ofa-predictor";
  const OfaSearch search(accuracy, [&](const SearchSpace& space, const Architecture& one) {
    return selection.predicted(space, one);
  });
  const OfaSearch oracle(accuracy, [&](const SearchSpace& space, const Architecture& one) {
    return selection.judge(space, one);
  });
  for (const double limit : {20.0, 23.0, 28.0}) {  // HELP, table 5
    std::printf("limit %g ms\n", limit);
    print_from_table(selection, search, limit);
    print_evolved(selection, search, limit);
    const double best =
        oracle.run("evolution_ofa", {{"repeats", "true"}}, 0, limit, kBudget).accuracy;
    std::printf("  evolution with the judge's latencies, seed 0: %.2f %%\n", best);
  }
}

}  // namespace nas::bench
