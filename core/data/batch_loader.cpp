#include "core/data/batch_loader.h"

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <numeric>
#include <string>
#include <thread>

#include "core/util/error.h"

namespace nas {
namespace {

/// Batches that wait ready for each loader thread; bounds memory.
constexpr std::size_t kPrefetchByThread = 2;

void check_arguments(const SampleReader& reader, const std::vector<std::uint32_t>& samples,
                     const BatchOptions& options) {
  const auto require = [](bool holds, const std::string& text) {
    if (!holds) throw Error(ErrorKind::kUsage, "batch loader: " + text);
  };
  require(options.batch >= 1, "batch = " + std::to_string(options.batch) + ", must be >= 1");
  require(options.threads >= 0 && options.threads <= 256,
          "threads = " + std::to_string(options.threads) + ", must be in [0, 256]");
  for (const std::uint32_t sample : samples) {
    require(sample < reader.samples(), "sample " + std::to_string(sample) + " of " +
                                           std::to_string(reader.samples()) + " asked for");
  }
}

}  // namespace

/// Workers take the next batch number under the lock, fill the slot `number % slots.size()` without
/// it, and publish it. A number is only taken while it is within slots.size() of the reader, so a
/// slot never has two users. A new epoch changes `generation`: what a worker then finishes of the
/// old one is thrown away.
struct BatchLoader::State {
  struct Slot {
    Batch batch;
    std::exception_ptr error;
    bool ready = false;
  };

  State(std::unique_ptr<const SampleReader> owned, std::vector<std::uint32_t> chosen,
        const BatchOptions& wanted)
      : reader(std::move(owned)), indices(std::move(chosen)), options(wanted) {
    const std::int64_t count = static_cast<std::int64_t>(indices.size());
    total = options.drop_last ? count / options.batch : (count + options.batch - 1) / options.batch;
    slots.resize(kPrefetchByThread * static_cast<std::size_t>(options.threads));
  }

  ~State() {
    {
      const std::lock_guard lock(mutex);
      stopping = true;
    }
    work.notify_all();
    for (std::thread& thread : threads) thread.join();
  }

  void start_epoch(std::int64_t number) {
    std::unique_lock lock(mutex);
    ++generation;
    to_fill = total;  // nobody takes a batch of the old epoch any more
    ready.wait(lock, [&] { return busy == 0; });
    epoch = static_cast<std::uint64_t>(number);
    order = indices;
    if (options.shuffle) {
      Rng rng({.seed = options.seed, .trial = epoch, .purpose = Purpose::kShuffle});
      rng.shuffle(std::span(order));
    }
    for (Slot& slot : slots) {
      slot.ready = false;
      slot.error = nullptr;
    }
    to_fill = 0;
    to_read = 0;
    while (threads.size() < static_cast<std::size_t>(options.threads)) {
      threads.emplace_back([this] { work_loop(); });
    }
    work.notify_all();
  }

  bool next(Batch& batch) {
    NAS_CHECK(generation > 0, "BatchLoader::start_epoch comes before next");
    if (to_read >= total) return false;
    if (options.threads == 0) {
      fill(to_read++, batch);
      return true;
    }
    std::unique_lock lock(mutex);
    Slot& slot = slot_of(to_read);
    ready.wait(lock, [&] { return slot.ready; });
    slot.ready = false;
    ++to_read;
    work.notify_one();
    if (slot.error) std::rethrow_exception(std::exchange(slot.error, nullptr));
    std::swap(batch, slot.batch);
    return true;
  }

  Slot& slot_of(std::int64_t number) {
    return slots[static_cast<std::size_t>(number) % slots.size()];
  }

  bool can_fill() const {
    return to_fill < total && to_fill < to_read + static_cast<std::int64_t>(slots.size());
  }

  void work_loop() {
    std::unique_lock lock(mutex);
    while (true) {
      work.wait(lock, [&] { return stopping || can_fill(); });
      if (stopping) return;
      const std::int64_t number = to_fill++;
      const std::int64_t taken_in = generation;
      Slot& slot = slot_of(number);
      ++busy;
      lock.unlock();
      std::exception_ptr error;
      try {
        fill(number, slot.batch);
      } catch (...) {
        error = std::current_exception();  // rethrown by `next` in the caller's thread
      }
      lock.lock();
      --busy;
      if (taken_in == generation) {
        slot.error = error;
        slot.ready = true;
      }
      ready.notify_all();
    }
  }

  void fill(std::int64_t number, Batch& batch) const {
    const auto begin = static_cast<std::size_t>(number * options.batch);
    const std::size_t count =
        std::min(static_cast<std::size_t>(options.batch), order.size() - begin);
    const std::size_t rows = reader->rows_of_sample();
    const std::size_t elements = rows * reader->elements();
    batch.inputs.resize(count * elements);
    batch.labels.clear();
    batch.samples.clear();
    const Rng rng({.seed = options.seed, .trial = epoch, .purpose = Purpose::kAugment});
    for (std::size_t i = 0; i < count; ++i) {
      const std::uint32_t sample = order[begin + i];
      Rng chance = rng.stream(sample);
      reader->read(sample, chance, std::span(batch.inputs).subspan(i * elements, elements));
      batch.labels.insert(batch.labels.end(), rows, reader->label(sample));
      batch.samples.insert(batch.samples.end(), rows, sample);
    }
  }

  const std::unique_ptr<const SampleReader> reader;
  const std::vector<std::uint32_t> indices;
  const BatchOptions options;
  std::int64_t total = 0;

  std::mutex mutex;
  std::condition_variable work;   ///< a batch may be taken, or all is over
  std::condition_variable ready;  ///< a batch was filled
  bool stopping = false;
  int busy = 0;  ///< workers that fill a slot just now
  std::int64_t generation = 0;
  std::uint64_t epoch = 0;
  std::int64_t to_fill = 0;  ///< the next batch a worker takes
  std::int64_t to_read = 0;  ///< the next batch the caller gets
  std::vector<std::uint32_t> order;
  std::vector<Slot> slots;
  std::vector<std::thread> threads;
};

BatchLoader::BatchLoader(std::unique_ptr<const SampleReader> reader,
                         std::vector<std::uint32_t> samples, const BatchOptions& options) {
  NAS_CHECK(reader != nullptr, "a batch loader needs samples");
  check_arguments(*reader, samples, options);
  state_ = std::make_unique<State>(std::move(reader), std::move(samples), options);
}

BatchLoader::~BatchLoader() = default;

std::int64_t BatchLoader::batches() const {
  return state_->total;
}

void BatchLoader::start_epoch(std::int64_t epoch) {
  state_->start_epoch(epoch);
}

bool BatchLoader::next(Batch& batch) {
  return state_->next(batch);
}

}  // namespace nas
