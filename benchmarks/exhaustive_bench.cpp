// The exact optimum of the coarse grid of EfficientTDNN under each latency limit: all 4,066,875
// networks by the published predictor and latency table, on one thread. Exit code 1 when an optimum
// is not the published one.
//
//   exhaustive_bench FOLDER    tdnn-efficienttdnn of the public benchmark data

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <vector>

#include "core/api/notation.h"
#include "core/util/csv.h"
#include "core/util/file.h"
#include "core/util/text.h"
#include "hwmodels/tdnn_latency.h"
#include "predictors/flat_tensors.h"
#include "predictors/registry.h"
#include "searchspaces/registry.h"

using namespace nas;

namespace {

double processor_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

struct Optimum {
  double limit_ms, eer;
  std::string published;  ///< text of the architecture
  double best = INFINITY;
  std::string found{};
};

std::vector<Optimum> read_optima(const SearchSpace& space, const std::filesystem::path& path) {
  const CsvTable table = CsvTable::parse(read_file(path), path.string());
  std::vector<Optimum> optima;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const auto text = [&](std::string_view name) {
      return std::string(table.at(row, table.column(name)));
    };
    const std::string record =
        text("depth") + "," + text("channels") + "," + text("kernels") + "," + text("cat");
    optima.push_back({parse_double(text("max_latency_ms")).value(),
                      parse_double(text("pred_eer_pct")).value(),
                      space.format(read_architecture(space, record).architecture)});
  }
  return optima;
}

void evaluate(const SearchSpace& space, const Predictor& predictor, const TdnnLatency& latency,
              std::vector<Optimum>& optima) {
  constexpr std::uint64_t kBatch = 8192;
  const auto& indexed = dynamic_cast<const IndexedSpace&>(space);
  for (std::uint64_t first = 0; first < indexed.size(); first += kBatch) {
    Samples batch;
    for (std::uint64_t i = first; i < std::min(indexed.size(), first + kBatch); ++i) {
      batch.architectures.push_back(indexed.at(i));
    }
    const std::vector<Prediction> predictions = predictor.predict(space, batch);
    for (std::size_t i = 0; i < predictions.size(); ++i) {
      const double eer = predictions[i].mean;
      const double milliseconds = latency.milliseconds(batch.architectures[i].choices);
      for (Optimum& optimum : optima) {
        if (milliseconds >= optimum.limit_ms || eer >= optimum.best) continue;
        optimum.best = eer;
        optimum.found = space.format(batch.architectures[i]);
      }
    }
  }
}

int run(const std::filesystem::path& folder) {
  const auto space = find_plugin(space_plugins(), "space", "efficient_tdnn").make({});
  const auto predictor = make_predictor("bn_mlp", {});
  predictor->restore(read_flat_tensors(folder / "predictor_eer_48_coarse.json"));
  const TdnnLatency latency(*space, folder);
  std::vector<Optimum> optima = read_optima(*space, folder / "optima_coarse.csv");
  const double start = processor_seconds();
  evaluate(*space, *predictor, latency, optima);
  const double seconds = processor_seconds() - start;
  bool equal = true;
  std::printf("limit ms  EER %%   published  network\n");
  for (const Optimum& optimum : optima) {
    const bool same =
        std::abs(optimum.best - optimum.eer) < 1e-4 && optimum.found == optimum.published;
    equal = equal && same;
    std::printf("%8.0f  %.4f  %.4f     %s%s\n", optimum.limit_ms, optimum.best, optimum.eer,
                optimum.found.c_str(), same ? "" : "  DIFFERS");
  }
  const auto size = static_cast<double>(dynamic_cast<const IndexedSpace&>(*space).size());
  std::printf("%.0f networks in %.1f s of one core, %.1f microseconds each\n", size, seconds,
              seconds / size * 1e6);
  return equal ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: exhaustive_bench FOLDER\n");
    return 2;
  }
  try {
    return run(argv[1]);
  } catch (const Error& error) {
    std::fprintf(stderr, "exhaustive_bench: %s\n", error.what());
    return 2;
  }
}
