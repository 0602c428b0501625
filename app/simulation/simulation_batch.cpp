#include <algorithm>
#include <thread>

#include "app/simulation/simulation.h"
#include "core/util/error.h"
#include "core/util/parallel_jobs.h"

namespace nas {

std::vector<SimulatedRun> simulate(const Simulation& simulation, std::string_view searcher_name,
                                   const std::function<std::unique_ptr<Searcher>()>& make,
                                   const SimulationBatch& batch) {
  const std::string name(searcher_name);
  std::vector<SimulatedRun> runs(static_cast<std::size_t>(batch.runs));
  const std::int64_t processors = std::max(1U, std::thread::hardware_concurrency());
  const std::int64_t threads = batch.threads > 0 ? batch.threads : processors;
  ProgressSink& progress = batch.progress == nullptr ? no_progress() : *batch.progress;
  progress.begin("simulate " + name, batch.runs);
  std::int64_t done = 0;
  run_jobs(runs.size(), {.threads = std::min(threads, batch.runs),
                         .stop = batch.stop,
                         .run =
                             [&](std::size_t i) {
                               const std::unique_ptr<Searcher> searcher = make();
                               runs[i] = simulation.run(*searcher, name, batch.seed + i);
                             },
                         .keep =
                             [&](std::span<const std::size_t> finished) {
                               done += static_cast<std::int64_t>(finished.size());
                               progress.update(done, "");
                             }});
  progress.end();
  if (batch.stop.stop_requested()) throw Error(ErrorKind::kUsage, "interrupted");
  return runs;
}

}  // namespace nas
