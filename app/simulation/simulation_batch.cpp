#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>

#include "app/simulation/simulation.h"
#include "core/util/error.h"

namespace nas {
namespace {

/// Runs taken by several threads, in order of seed.
class Batch {
 public:
  Batch(const Simulation& simulation, std::string_view searcher_name,
        const std::function<std::unique_ptr<Searcher>()>& make, const SimulationBatch& batch)
      : simulation_(simulation),
        name_(searcher_name),
        make_(make),
        batch_(batch),
        runs_(static_cast<std::size_t>(batch.runs)),
        errors_(runs_.size()) {}

  std::vector<SimulatedRun> go() {
    const unsigned processors = std::max(1U, std::thread::hardware_concurrency());
    std::size_t count = batch_.threads > 0 ? static_cast<std::size_t>(batch_.threads) : processors;
    count = std::min(count, runs_.size());
    if (batch_.progress != nullptr) batch_.progress->begin("simulate " + name_, batch_.runs);
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < count; ++i) threads.emplace_back([this] { work(); });
    for (std::thread& thread : threads) thread.join();
    if (batch_.progress != nullptr) batch_.progress->end();
    for (const std::exception_ptr& error : errors_) {
      if (error) std::rethrow_exception(error);
    }
    if (batch_.stop.stop_requested()) throw Error(ErrorKind::kUsage, "interrupted");
    return std::move(runs_);
  }

 private:
  void work() {
    for (std::size_t i = next_++; i < runs_.size(); i = next_++) {
      if (batch_.stop.stop_requested() || failed_) return;
      try {
        const std::unique_ptr<Searcher> searcher = make_();
        runs_[i] = simulation_.run(*searcher, name_, batch_.seed + i);
      } catch (...) {
        errors_[i] = std::current_exception();
        failed_ = true;
      }
      if (batch_.progress == nullptr) continue;
      const std::lock_guard lock(mutex_);
      batch_.progress->update(++done_, "");
    }
  }

  const Simulation& simulation_;
  const std::string name_;
  const std::function<std::unique_ptr<Searcher>()>& make_;
  const SimulationBatch& batch_;
  std::vector<SimulatedRun> runs_;
  std::vector<std::exception_ptr> errors_;
  std::atomic<std::size_t> next_{0};
  std::atomic<bool> failed_{false};
  std::mutex mutex_;  ///< guards what follows
  std::int64_t done_ = 0;
};

}  // namespace

std::vector<SimulatedRun> simulate(const Simulation& simulation, std::string_view searcher_name,
                                   const std::function<std::unique_ptr<Searcher>()>& make,
                                   const SimulationBatch& batch) {
  return Batch(simulation, searcher_name, make, batch).go();
}

}  // namespace nas
