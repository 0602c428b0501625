#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "core/api/store.h"
#include "core/api/worker_registry.h"

namespace nas {

/// The rows of this process's workers in the store, kept fresh on a thread and connection of its
/// own. Safe from several threads.
class WorkerHeart {
 public:
  /// How often the store hears of a worker at least, and at most when it finishes trials.
  static constexpr double kBeatSeconds = 10;
  static constexpr double kCountSeconds = 1;

  /// One row for each of `specs`.
  WorkerHeart(std::unique_ptr<Store> store, const std::vector<WorkerSpec>& specs);
  ~WorkerHeart();  ///< the workers are gone
  WorkerHeart(const WorkerHeart&) = delete;
  WorkerHeart& operator=(const WorkerHeart&) = delete;

  void set_state(WorkerState state, const std::string& note = "");  ///< of all
  void add(std::size_t worker, std::int64_t trials, double seconds);

 private:
  struct Row {
    std::int64_t id = 0;
    WorkerPulse pulse;
  };
  void run();
  void beat(const std::vector<Row>& rows) noexcept;

  std::unique_ptr<Store> store_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Row> rows_;
  bool changed_ = false;  ///< what lists show first: at once
  bool counted_ = false;  ///< trials: soon
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace nas
