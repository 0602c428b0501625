#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <vector>

#include "core/data/augment.h"
#include "core/data/image_loader.h"
#include "tests/core/data/test_files.h"

namespace {

using Indices = std::vector<std::uint32_t>;

/// `count` images [2, 5, 4]; every image and pixel has its own value. Image i has label i.
std::shared_ptr<const nas::ImageDataset> numbered(std::size_t count) {
  auto data = std::make_shared<nas::ImageDataset>();
  data->train.shape = nas::Shape{2, 5, 4};
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t p = 0; p < 40; ++p) {
      data->train.pixels.push_back(static_cast<std::uint8_t>((i * 41 + p * 3) % 256));
    }
    data->train.labels.push_back(static_cast<std::uint16_t>(i));
  }
  data->mean = {0.25F, 0.5F};
  data->deviation = {0.5F, 0.125F};
  return data;
}

Indices first(std::size_t count) {
  Indices indices(count);
  std::iota(indices.begin(), indices.end(), 0U);
  return indices;
}

struct Epoch {
  std::vector<std::int64_t> sizes;
  std::vector<float> images;
  std::vector<std::int64_t> labels;
  friend bool operator==(const Epoch&, const Epoch&) = default;
};

/// Batches of the training images, cropped, mirrored and cut out when the options augment.
std::unique_ptr<nas::BatchSource> load(const std::shared_ptr<const nas::ImageDataset>& data,
                                       Indices images, const nas::BatchOptions& options,
                                       const nas::Augmentation& augmentation = {2, true, 2}) {
  return nas::load_images(data, data->train, std::move(images), options, augmentation);
}

Epoch read_epoch(nas::BatchSource& loader, std::int64_t number) {
  Epoch epoch;
  nas::Batch batch;
  loader.start_epoch(number);
  while (loader.next(batch)) {
    epoch.sizes.push_back(batch.size());
    epoch.images.insert(epoch.images.end(), batch.inputs.begin(), batch.inputs.end());
    epoch.labels.insert(epoch.labels.end(), batch.labels.begin(), batch.labels.end());
  }
  CHECK(!loader.next(batch));
  return epoch;
}

nas::BatchOptions everything(int threads) {
  nas::BatchOptions options;
  options.batch = 7;
  options.shuffle = true;
  options.augment = true;
  options.threads = threads;
  options.seed = 5;
  return options;
}

/// Distorts one image the slow way, pixel by pixel, from the definition.
std::vector<float> reference(const nas::ImageDataset& data, std::size_t image,
                             const nas::Distortion& d, std::int64_t cutout) {
  const std::int64_t height = 5, width = 4;
  std::vector<float> out;
  for (std::int64_t c = 0; c < 2; ++c) {
    for (std::int64_t y = 0; y < height; ++y) {
      for (std::int64_t x = 0; x < width; ++x) {
        const std::int64_t before_mirror = d.mirror ? width - 1 - x : x;
        const std::int64_t sy = y + d.dy, sx = before_mirror + d.dx;
        const bool inside = sy >= 0 && sy < height && sx >= 0 && sx < width;
        const bool cut = cutout > 0 && y >= d.cutout_y - cutout / 2 &&
                         y < d.cutout_y - cutout / 2 + cutout && x >= d.cutout_x - cutout / 2 &&
                         x < d.cutout_x - cutout / 2 + cutout;
        float value = 0;
        if (inside && !cut) {
          const auto at = static_cast<std::size_t>((c * height + sy) * width + sx);
          const auto channel = static_cast<std::size_t>(c);
          value = (static_cast<float>(data.train.image(image)[at]) / 255.0F - data.mean[channel]) /
                  data.deviation[channel];
        }
        out.push_back(value);
      }
    }
  }
  return out;
}

}  // namespace

TEST_CASE("batch loader: without shuffling, images come in order and normalised") {
  const auto data = numbered(5);
  nas::BatchOptions options;
  options.batch = 2;
  const auto loader = load(data, {4, 0, 2}, options);
  CHECK(loader->batches() == 2);
  const Epoch epoch = read_epoch(*loader, 0);
  CHECK(epoch.sizes == std::vector<std::int64_t>{2, 1});
  CHECK(epoch.labels == std::vector<std::int64_t>{4, 0, 2});
  std::vector<float> expected;
  for (const std::size_t image : {4U, 0U, 2U}) {
    const auto one = reference(*data, image, {}, 0);
    expected.insert(expected.end(), one.begin(), one.end());
  }
  CHECK(epoch.images == expected);
}

TEST_CASE("batch loader: any number of threads gives the same batches bit for bit") {
  const auto data = numbered(60);
  const auto alone = load(data, first(60), everything(0));
  const Epoch one = read_epoch(*alone, 1);
  const Epoch two = read_epoch(*alone, 2);
  CHECK(one.labels != two.labels);
  CHECK(one.images != two.images);
  for (const int threads : {1, 2, 3, 8, 20}) {
    const auto loader = load(data, first(60), everything(threads));
    CHECK(read_epoch(*loader, 2) == two);
    CHECK(read_epoch(*loader, 1) == one);  // epochs may be asked for in any order
    CHECK(read_epoch(*loader, 1) == one);
  }
}

TEST_CASE("batch loader: an epoch holds each image once, shuffled by the seed") {
  const auto data = numbered(60);
  const auto loader = load(data, first(60), everything(2));
  std::vector<std::int64_t> labels = read_epoch(*loader, 3).labels;
  nas::BatchOptions other_seed = everything(2);
  other_seed.seed = 6;
  const auto other = load(data, first(60), other_seed);
  CHECK(read_epoch(*other, 3).labels != labels);
  std::sort(labels.begin(), labels.end());
  for (std::size_t i = 0; i < 60; ++i) CHECK(labels[i] == static_cast<std::int64_t>(i));
}

TEST_CASE("batch loader: an image is distorted alike whichever others are trained on") {
  const auto data = numbered(60);
  nas::BatchOptions options = everything(0);
  options.shuffle = false;
  options.batch = 1;
  const auto all = load(data, first(60), options);
  const auto one = load(data, {33}, options);
  const Epoch whole = read_epoch(*all, 4);
  const Epoch single = read_epoch(*one, 4);
  CHECK(std::equal(single.images.begin(), single.images.end(), whole.images.begin() + 33 * 40));
}

TEST_CASE("batch loader: an incomplete batch is dropped on demand") {
  const auto data = numbered(10);
  nas::BatchOptions options;
  options.batch = 4;
  options.drop_last = true;
  const auto loader = load(data, first(10), options);
  CHECK(loader->batches() == 2);
  CHECK(read_epoch(*loader, 0).sizes == std::vector<std::int64_t>{4, 4});
  const auto empty = load(data, {}, options);
  CHECK(read_epoch(*empty, 0).sizes.empty());
}

TEST_CASE("batch loader: can be left and restarted in the middle of an epoch") {
  const auto data = numbered(60);
  const auto reference_loader = load(data, first(60), everything(0));
  const Epoch expected = read_epoch(*reference_loader, 9);
  for (int read = 0; read <= 9; ++read) {
    const auto loader = load(data, first(60), everything(3));
    nas::Batch batch;
    loader->start_epoch(1);
    for (int i = 0; i < read; ++i) loader->next(batch);
    CHECK(read_epoch(*loader, 9) == expected);
    loader->start_epoch(2);
    for (int i = 0; i < read; ++i) loader->next(batch);
  }  // destroyed in the middle of epoch 2
  const auto never_started = load(data, first(60), everything(3));
}

TEST_CASE("batch loader: arguments out of range are refused") {
  const auto data = numbered(3);
  const auto refused = [&](const nas::BatchOptions& options, Indices indices,
                           const nas::Augmentation& augmentation = {}) {
    return nas::test::error_text(nas::ErrorKind::kUsage,
                                 [&] { load(data, std::move(indices), options, augmentation); });
  };
  nas::BatchOptions options;
  CHECK(nas::test::contains(refused(options, {0, 3}), "sample 3 of 3"));
  options.batch = 0;
  CHECK(nas::test::contains(refused(options, {0}), "batch = 0, must be >= 1"));
  options = {};
  options.augment = true;
  CHECK(nas::test::contains(refused(options, {0}, {4, false, 0}), "below the side of the image"));
  options.augment = false;  // then nothing is cropped
  CHECK_NOTHROW(load(data, {0}, options, {4, false, 0}));
}

TEST_CASE("augmentation: every distortion equals its definition") {
  const auto data = numbered(2);
  for (const std::int64_t cutout : {0, 1, 2, 3, 9}) {
    const nas::ImageWriter writer(data->train.shape, data->mean, data->deviation, cutout);
    for (std::int64_t dy = -3; dy <= 3; ++dy) {
      for (std::int64_t dx = -3; dx <= 3; ++dx) {
        for (const bool mirror : {false, true}) {
          const nas::Distortion distortion{dy, dx, mirror, (dy + 3) % 5, (dx + 3) % 4};
          std::vector<float> out(40, -77.0F);
          writer.write(data->train.image(1), distortion, out.data());
          CHECK(out == reference(*data, 1, distortion, cutout));
        }
      }
    }
  }
}

TEST_CASE("augmentation: offsets, mirrors and holes are uniform, and switches do not interact") {
  const nas::Shape shape{2, 5, 4};
  const nas::Rng rng({.seed = 3, .purpose = nas::Purpose::kAugment});
  std::map<std::int64_t, int> dy, hole;
  int mirrored = 0;
  constexpr int kDraws = 20000;
  for (std::uint64_t i = 0; i < kDraws; ++i) {
    nas::Rng a = rng.stream(i);
    nas::Rng b = rng.stream(i);
    const nas::Distortion full = nas::draw_distortion({2, true, 3}, shape, a);
    const nas::Distortion unmirrored = nas::draw_distortion({2, false, 0}, shape, b);
    CHECK_FALSE(unmirrored.mirror);
    REQUIRE(full.dx == unmirrored.dx);
    REQUIRE(full.cutout_y == unmirrored.cutout_y);
    ++dy[full.dy];
    ++hole[full.cutout_x];
    mirrored += full.mirror ? 1 : 0;
  }
  CHECK(dy.size() == 5);
  CHECK(hole.size() == 4);
  // Five binomial deviations.
  for (const auto& [offset, times] : dy) CHECK(std::abs(times - kDraws / 5) < 283);
  for (const auto& [column, times] : hole) CHECK(std::abs(times - kDraws / 4) < 307);
  CHECK(std::abs(mirrored - kDraws / 2) < 354);
}
