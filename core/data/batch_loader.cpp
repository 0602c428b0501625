#include "core/data/batch_loader.h"

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <numeric>
#include <string>
#include <thread>

#include "core/data/augment.h"
#include "core/util/error.h"

namespace nas {
namespace {

/// Batches that wait ready for each loader thread; bounds memory.
constexpr std::size_t kPrefetchByThread = 2;

void check_arguments(const ImageDataset& dataset, const ImageSet& images,
                     const std::vector<std::uint32_t>& indices, const LoaderOptions& options) {
  const auto require = [](bool holds, const std::string& text) {
    if (!holds) throw Error(ErrorKind::kUsage, "batch loader: " + text);
  };
  const Augmentation& augmentation = options.augmentation;
  require(options.batch >= 1, "batch = " + std::to_string(options.batch) + ", must be >= 1");
  require(options.threads >= 0 && options.threads <= 256,
          "threads = " + std::to_string(options.threads) + ", must be in [0, 256]");
  require(augmentation.crop_padding >= 0, "crop_padding must be >= 0");
  require(augmentation.cutout >= 0, "cutout must be >= 0");
  require(augmentation.crop_padding < std::min(images.shape[1], images.shape[2]),
          "crop_padding = " + std::to_string(augmentation.crop_padding) +
              ", must be below the side of the image");
  for (const std::uint32_t index : indices) {
    require(index < images.size(), "image " + std::to_string(index) + " of " +
                                       std::to_string(images.size()) + " asked for");
  }
  NAS_CHECK(images.shape.rank() == 3, "images are [C, H, W]");
  NAS_CHECK(dataset.mean.size() == static_cast<std::size_t>(images.shape[0]) &&
                dataset.deviation.size() == dataset.mean.size(),
            "one mean and deviation for each channel");
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

  State(std::shared_ptr<const ImageDataset> owner, const ImageSet& set,
        std::vector<std::uint32_t> chosen, const LoaderOptions& wanted)
      : dataset(std::move(owner)),
        images(set),
        indices(std::move(chosen)),
        options(wanted),
        writer(set.shape, dataset->mean, dataset->deviation, wanted.augmentation.cutout) {
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
    const auto elements = static_cast<std::size_t>(images.shape.elements());
    batch.images.resize(count * elements);
    batch.labels.resize(count);
    const Augmentation& augmentation = options.augmentation;
    const bool distort =
        augmentation.crop_padding > 0 || augmentation.flip || augmentation.cutout > 0;
    const Rng rng({.seed = options.seed, .trial = epoch, .purpose = Purpose::kAugment});
    for (std::size_t i = 0; i < count; ++i) {
      const std::uint32_t image = order[begin + i];
      Distortion distortion;
      if (distort) {
        Rng stream = rng.stream(image);
        distortion = draw_distortion(augmentation, images.shape, stream);
      }
      writer.write(images.image(image), distortion, batch.images.data() + i * elements);
      batch.labels[i] = images.labels[image];
    }
  }

  const std::shared_ptr<const ImageDataset> dataset;
  const ImageSet& images;  ///< part of *dataset
  const std::vector<std::uint32_t> indices;
  const LoaderOptions options;
  const ImageWriter writer;
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

BatchLoader::BatchLoader(std::shared_ptr<const ImageDataset> dataset, const ImageSet& images,
                         std::vector<std::uint32_t> indices, const LoaderOptions& options) {
  NAS_CHECK(dataset != nullptr, "a batch loader needs a data set");
  check_arguments(*dataset, images, indices, options);
  state_ = std::make_unique<State>(std::move(dataset), images, std::move(indices), options);
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
