// The predictor `onnx_net` on public tables, beside MACs: `scripts/reproduce onnx-net`.
// usage: onnx_net_bench DATA [SEEDS [PART [FIRST]]]
// DATA: the folder with tab-nb101, tab-nb201, ...; PART: texts, zero, few or left, one part alone;
// FIRST: the first of the seeds, 0 without it.

#include <algorithm>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <set>

#include "benchmarks/rank_report.h"
#include "core/onnx/network_text.h"
#include "core/util/hash.h"
#include "predictors/onnx_net/text_zero_shot.h"
#include "predictors/registry.h"

namespace {

using namespace nas;
using namespace nas::test;

struct Seeds {
  std::uint64_t first = 0, end = 3;
};

double processor_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

void count_texts(const AccuracyTable& table) {
  std::printf("\nTexts of %zu cells of NAS-Bench-201\n", table.architectures.size());
  for (const char* mode : {"run_length", "chain_slim", "faithful"}) {
    std::set<std::string> distinct;
    double text_seconds = 0, all_seconds = 0;
    std::size_t characters = 0;
    for (const Architecture& one : table.architectures) {
      const double start = processor_seconds();
      std::string text;
      double built = 0, texted = 0;
      {
        const ArchGraph graph = table.space->build(one, table.space->info().default_task);
        built = processor_seconds();
        text = network_text(graph, network_text_mode(mode));
        texted = processor_seconds();
      }  // freeing counts
      text_seconds += texted - built;
      all_seconds += processor_seconds() - start;
      characters += text.size();
      distinct.insert(sha256_hex(text));
    }
    std::printf(
        "  %-12s %zu distinct, %zu characters each; %.1f processor seconds, %.1f with "
        "building and freeing the graphs\n",
        mode, distinct.size(), characters / table.architectures.size(), text_seconds, all_seconds);
    std::fflush(stdout);
  }
}

struct Space {
  std::string name;
  AccuracyTable table;
  std::vector<TextSubject> texts;  ///< of the table's rows
};

Space space_of(std::string name, AccuracyTable table) {
  Space space{std::move(name), std::move(table), {}};
  const TextTokens tokens;
  for (std::size_t i = 0; i < space.table.architectures.size(); ++i) {
    const ArchGraph graph = space.table.space->build(space.table.architectures[i],
                                                     space.table.space->info().default_task);
    const std::string text = network_text(graph, NetworkText::kRunLength);
    TextSubject& subject = space.texts.emplace_back();
    subject.text = tokens.encode(text);
    subject.path = path_features({space.table.space.get(), &space.table.architectures[i], nullptr});
  }
  std::printf("read %s: %.0f s\n", space.name.c_str(), seconds_so_far());
  std::fflush(stdout);
  return space;
}

/// What the predictor `onnx_net` does with its standard options, on texts that were read before.
void judge(std::span<const Space* const> sources, const Space& target, std::size_t rows,
           std::uint64_t seed) {
  std::vector<TextSource> labelled;
  for (const Space* source : sources) {
    TextSource& one = labelled.emplace_back();
    for (const std::size_t row : draw_rows(source->texts.size(), rows, seed)) {
      one.networks.push_back(source->texts[row]);
      one.targets.push_back(source->table.accuracy[row]);
    }
  }
  std::vector<TextSubject> pool;
  for (const std::size_t row : draw_rows(target.texts.size(), 1000, seed + 1000)) {
    pool.push_back(target.texts[row]);
  }
  TextZeroShot zero_shot;
  const TextZeroShotOptions options{
      .shape = {.vocabulary = TextTokens().words().size(), .outputs = 1 + kTextFacts}};
  zero_shot.fit(labelled, pool, options, {}, Rng({.seed = seed, .purpose = Purpose::kPredictor}),
                [](std::size_t) {});
  zero_shot.settle(pool, options.macs_vote);
  const std::vector<double> scores = zero_shot.text_scores(target.texts);
  print_ranks("texts alone, seed " + std::to_string(seed), target.table, scores);
  print_ranks("texts and MACs, seed " + std::to_string(seed), target.table,
              zero_shot.with_macs(scores, target.texts));
}

void zero_shot(const Space& from, const Space& to, const Seeds& seeds) {
  constexpr std::size_t kRows = 3000;
  print_baselines(from.name + " to " + to.name, to.table);
  const Space* source = &from;
  for (std::uint64_t seed = seeds.first; seed < seeds.end; ++seed) {
    judge(std::span(&source, 1), to, kRows, seed);
  }
}

void left_out(const std::vector<Space>& spaces, const Seeds& seeds) {
  constexpr std::size_t kRows = 1000;
  for (const Space& target : spaces) {
    print_baselines(target.name + " left out, learned from " + std::to_string(kRows) +
                        " networks of each other space",
                    target.table);
    std::vector<const Space*> sources;
    for (const Space& one : spaces) {
      if (&one != &target) sources.push_back(&one);
    }
    for (std::uint64_t seed = seeds.first; seed < seeds.end; ++seed)
      judge(sources, target, kRows, seed);
  }
}

/// Random rows, and which of them have no `none`.
AccuracyTable some_of(AccuracyTable table, std::size_t count, std::uint64_t seed) {
  const std::vector<std::size_t> rows = draw_rows(table.architectures.size(), count, seed);
  std::vector<std::size_t> kept;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (std::ranges::binary_search(table.without_none, rows[i])) kept.push_back(i);
  }
  AccuracyTable some = only(std::move(table), rows);
  some.without_none = std::move(kept);
  return some;
}

void few_labels(const AccuracyTable& from, const std::filesystem::path& data, const Seeds& seeds) {
  constexpr std::size_t kJudged = 2000;
  const AccuracyTable to = read_nb201(data / "tab-nb201");
  const AccuracyTable judged = some_of(read_nb201(data / "tab-nb201"), kJudged, 1000);
  print_baselines(
      "NAS-Bench-201 (2,000 random cells) with labels of others (random), after and "
      "without NAS-Bench-101",
      judged);
  const auto score = [&](const Predictor& predictor) {
    return means(
        dynamic_cast<const TransferPredictor&>(predictor).forecast(judged.subjects(judged.all())));
  };
  for (std::uint64_t seed = seeds.first; seed < seeds.end; ++seed) {
    const TransferTask task = from.task("nasbench101", from.all());
    std::vector<std::size_t> rows = draw_rows(to.architectures.size(), 200, seed + 1);
    std::erase_if(rows, [&](std::size_t row) {
      return std::ranges::find(judged.architectures, to.architectures[row]) !=
             judged.architectures.end();
    });
    rows.resize(100);
    const auto predictor = make_predictor("onnx_net", {});
    auto& transfer = dynamic_cast<TransferPredictor&>(*predictor);
    transfer.fit_tasks(std::span(&task, 1), to.subjects(rows), {.seed = seed});
    print_ranks("no label, seed " + std::to_string(seed), judged, score(*predictor));
    for (const std::size_t labels : {10, 50}) {
      const auto some = std::span(rows).first(labels);
      const std::string name = std::to_string(labels) + " labels, seed " + std::to_string(seed);
      transfer.adapt(to.subjects(some), to.targets(some));
      print_ranks(name, judged, score(*predictor));
      const auto alone = make_predictor("onnx_net", {});
      auto& fresh = dynamic_cast<TransferPredictor&>(*alone);
      fresh.fit_tasks({}, to.subjects(some), {.seed = seed});
      fresh.adapt(to.subjects(some), to.targets(some));
      print_ranks("  alone", judged, score(*alone));
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: onnx_net_bench DATA [SEEDS [texts|zero|few|left [FIRST]]]\n");
    return 2;
  }
  const std::filesystem::path data(argv[1]);
  Seeds seeds{.first = argc > 4 ? std::stoull(argv[4]) : 0};
  seeds.end = seeds.first + (argc > 2 ? std::stoull(argv[2]) : 3);
  const std::string part = argc > 3 ? argv[3] : "";
  const auto wanted = [&](const char* name) { return part.empty() || part == name; };
  seconds_so_far();
  if (wanted("texts")) count_texts(read_nb201(data / "tab-nb201"));
  if (part == "texts") return 0;
  if (wanted("few")) few_labels(read_nb101(data / "tab-nb101", 6000, 0), data, seeds);
  if (part == "few") return 0;
  std::vector<Space> spaces;
  spaces.push_back(space_of("NAS-Bench-201", read_nb201(data / "tab-nb201")));
  spaces.push_back(
      space_of("NAS-Bench-101 (6,000 cells)", read_nb101(data / "tab-nb101", 6000, 0)));
  if (wanted("zero")) zero_shot(spaces[1], spaces[0], seeds);
  if (!wanted("left")) return 0;
  const std::filesystem::path transnas = data / "tab-tnb101";
  spaces.push_back(space_of("TransNAS micro", read_transnas_micro(transnas, "class_scene")));
  spaces.push_back(space_of("TransNAS macro", read_transnas_macro(transnas, "class_scene")));
  spaces.push_back(space_of("NAS-Bench-Macro", read_nbmacro(data / "tab-nbmacro")));
  left_out(spaces, seeds);
  return 0;
}
