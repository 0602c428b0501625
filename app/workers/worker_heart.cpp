#include "app/workers/worker_heart.h"

#include <chrono>
#include <utility>

#include "core/util/error.h"

namespace nas {

WorkerHeart::WorkerHeart(std::unique_ptr<Store> store, const std::vector<WorkerSpec>& specs)
    : store_(std::move(store)) {
  for (const WorkerSpec& spec : specs) {
    rows_.push_back({worker_registry(*store_).add_worker(spec), {}});
  }
  thread_ = std::thread([this] { run(); });
}

WorkerHeart::~WorkerHeart() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  wake_.notify_all();
  thread_.join();
  for (Row& row : rows_) row.pulse.state = WorkerState::kGone;
  beat(rows_);
}

void WorkerHeart::set_state(WorkerState state, const std::string& note) {
  const std::lock_guard lock(mutex_);
  for (Row& row : rows_) {
    changed_ = changed_ || row.pulse.state != state || row.pulse.note != note;
    row.pulse.state = state;
    row.pulse.note = note;
  }
  if (changed_) wake_.notify_all();
}

void WorkerHeart::add(std::size_t worker, std::int64_t trials, double seconds) {
  const std::lock_guard lock(mutex_);
  rows_[worker].pulse.trials += trials;
  rows_[worker].pulse.seconds += seconds;
  if (trials == 0 || counted_) return;
  counted_ = true;
  wake_.notify_all();
}

void WorkerHeart::run() {
  const std::chrono::duration<double> pause(kBeatSeconds), apart(kCountSeconds);
  std::unique_lock lock(mutex_);
  while (!ending_) {
    // Counts follow each other a second apart, or the store would hear of every trial.
    wake_.wait_for(lock, apart, [this] { return ending_ || changed_; });
    wake_.wait_for(lock, pause - apart, [this] { return ending_ || changed_ || counted_; });
    changed_ = false;
    counted_ = false;
    const std::vector<Row> rows = rows_;
    lock.unlock();
    beat(rows);
    lock.lock();
  }
}

void WorkerHeart::beat(const std::vector<Row>& rows) noexcept {
  try {
    for (const Row& row : rows) worker_registry(*store_).beat(row.id, row.pulse);
  } catch (const std::exception&) {
    // The next one may be heard; lists show how old the last is.
  }
}

}  // namespace nas
