// The predictor `across` in spaces that it has not seen, beside what is simpler, on public tables:
// `scripts/reproduce across`.
// usage: across_bench DATA [SEEDS]     (DATA: the folder with tab-nb101, tab-nb201, ...)

#include <cstdio>
#include <filesystem>
#include <string>

#include "benchmarks/rank_report.h"
#include "predictors/registry.h"

namespace {

using namespace nas;
using namespace nas::test;

TransferPredictor& tasks_of(Predictor& predictor) {
  return dynamic_cast<TransferPredictor&>(predictor);
}

std::unique_ptr<Predictor> fitted(const AccuracyTable& source, const AccuracyTable& target,
                                  std::size_t rows, std::uint64_t seed) {
  auto predictor = make_predictor("across", {});
  std::vector<TransferTask> tasks;
  if (rows > 0) {
    tasks.push_back(source.task("source", draw_rows(source.architectures.size(), rows, seed)));
  }
  tasks_of(*predictor)
      .fit_tasks(tasks, target.subjects(draw_rows(target.architectures.size(), 2000, seed + 1000)),
                 {.seed = seed});
  return predictor;
}

void zero_shot(const std::string& title, const AccuracyTable& source, const AccuracyTable& target,
               std::uint64_t seeds) {
  print_baselines(title, target);
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    const auto predictor = fitted(source, target, 20'000, seed);
    print_ranks("zero-shot, seed " + std::to_string(seed), target,
                means(tasks_of(*predictor).forecast(target.subjects(target.all()))));
  }
}

void with_labels(const AccuracyTable& target, Predictor& predictor, std::size_t labels,
                 bool designed, std::uint64_t seed) {
  std::vector<std::size_t> rows =
      draw_rows(target.architectures.size(), designed ? 500 : labels, seed + 1);
  if (designed) {
    std::vector<std::size_t> chosen;
    for (const std::size_t i : tasks_of(predictor).suggest(target.subjects(rows), {}, labels)) {
      chosen.push_back(rows[i]);
    }
    rows = chosen;
  }
  tasks_of(predictor).adapt(target.subjects(rows), target.targets(rows));
  print_ranks(std::to_string(labels) + (designed ? " suggested" : " random") + " labels, seed " +
                  std::to_string(seed),
              target, means(tasks_of(predictor).forecast(target.subjects(target.all()))));
  for (const std::string& line : tasks_of(predictor).findings()) {
    std::printf("      %s\n", line.c_str());
  }
}

void some_labels(const std::string& title, const AccuracyTable& source, const AccuracyTable& target,
                 std::uint64_t seeds) {
  std::printf("\n%s\n", title.c_str());
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    const auto predictor = fitted(source, target, 20'000, seed);
    for (const std::size_t labels : {10, 50}) {
      for (const bool designed : {true, false}) {
        with_labels(target, *predictor, labels, designed, seed);
      }
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "usage: across_bench DATA [SEEDS]\n");
    return 2;
  }
  const std::filesystem::path data(argv[1]);
  const std::uint64_t seeds = argc > 2 ? std::stoull(argv[2]) : 3;
  seconds_so_far();
  const AccuracyTable nb101 = read_nb101(data / "tab-nb101", 60'000, 0);
  const AccuracyTable nb201 = read_nb201(data / "tab-nb201");
  zero_shot("NAS-Bench-101 to NAS-Bench-201", nb101, nb201, seeds);
  some_labels("NAS-Bench-201 with labels of its own", nb101, nb201, seeds);
  const std::vector<std::size_t> rows = nb201.without_none;
  const AccuracyTable family = only(read_nb201(data / "tab-nb201"), rows);
  some_labels("its 4,096 cells without none, labels among them", nb101, family, seeds);
  std::printf("\nNAS-Bench-201 alone\n");
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    const auto predictor = fitted(nb101, nb201, 0, seed);
    with_labels(nb201, *predictor, 156, false, seed);
  }
  AccuracyTable part = read_nb101(data / "tab-nb101", 20'000, 1);
  zero_shot("NAS-Bench-201 to NAS-Bench-101 (20,000 cells)", nb201, part, seeds);
  for (const char* task : {"class_scene", "class_object", "jigsaw", "segmentsemantic", "normal",
                           "autoencoder", "room_layout"}) {
    const AccuracyTable transnas = read_transnas_micro(data / "tab-tnb101", task);
    zero_shot(std::string("NAS-Bench-101 to TransNAS-Bench-101 micro, ") + task, nb101, transnas,
              task == std::string("class_scene") ? seeds : 1);
  }
  zero_shot("NAS-Bench-101 to NAS-Bench-Macro", nb101, read_nbmacro(data / "tab-nbmacro"), 1);
  return 0;
}
