#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <set>

#include "core/data/dataset.h"
#include "core/data/dataset_kind.h"
#include "core/data/glyph_renderer.h"
#include "core/data/image_loader.h"
#include "tests/core/data/test_files.h"

namespace {

using nas::ErrorKind;
using nas::test::contains;
using nas::test::error_text;

std::string load_error(ErrorKind kind, std::string_view spec) {
  return error_text(kind, [&] { nas::load_dataset(spec); });
}

}  // namespace

TEST_CASE("data sets: every kind says what it needs") {
  std::set<std::string> names;
  for (const nas::DatasetInfo& info : nas::dataset_kinds()) {
    names.insert(info.name);
    CHECK(!info.layout.empty());
    CHECK(!info.summary.empty());
  }
  CHECK(names == std::set<std::string>{"cifar10", "cifar100", "folder", "glyphs", "mnist"});
}

TEST_CASE("data sets: a wrong specification is explained") {
  CHECK(contains(load_error(ErrorKind::kUsage, "cifar:x"),
                 "unknown data set kind 'cifar'; did you mean 'cifar10'?"));
  CHECK(contains(load_error(ErrorKind::kUsage, ""), "unknown data set kind ''"));
  CHECK(contains(load_error(ErrorKind::kUsage, "mnist"), "write mnist:DIR, where DIR holds"));
  CHECK(contains(load_error(ErrorKind::kUsage, "mnist:"), "write mnist:DIR"));
  CHECK(
      contains(load_error(ErrorKind::kUsage, "glyphs:dir"), "write glyphs; it reads no directory"));
}

TEST_CASE(
    "glyphs: the generated set is the same every time, balanced and made for CIFAR networks") {
  const auto data = nas::load_dataset("glyphs");
  CHECK(data->train.shape == nas::Shape{3, 32, 32});
  CHECK(data->train.size() == 6000);
  CHECK(data->test.size() == 1500);
  CHECK(data->classes.size() == 10);
  for (std::uint16_t c = 0; c < 10; ++c) {
    CHECK(std::count(data->train.labels.begin(), data->train.labels.end(), c) == 600);
    CHECK(std::count(data->test.labels.begin(), data->test.labels.end(), c) == 150);
  }
  for (std::size_t c = 0; c < 3; ++c) {
    CHECK(data->deviation[c] > 0.1);
    CHECK(data->mean[c] > 0.2);
    CHECK(data->mean[c] < 0.8);
  }
  CHECK(data->id.starts_with("glyphs[6000+1500]#"));
  CHECK(nas::load_dataset("glyphs") == data);  // a process draws it once
  const nas::LoadedImages drawn = nas::glyphs_kind().load({});
  CHECK((drawn.train.pixels == data->train.pixels));
  CHECK((drawn.test.pixels == data->test.pixels));
  CHECK(drawn.test.labels == data->test.labels);
}

TEST_CASE("glyphs: a missing font names the packages to install") {
  const std::vector<std::filesystem::path> fonts = {"/nonexistent/Font.ttf"};
  const std::string text = error_text(ErrorKind::kIo, [&] { nas::GlyphRenderer renderer{fonts}; });
  CHECK(contains(text, "/nonexistent/Font.ttf"));
  CHECK(contains(text, "fonts-dejavu-core, fonts-liberation and fonts-freefont-ttf"));
}

TEST_CASE("glyphs: a letter lies where it is placed, upright, and is cut at the border") {
  const std::vector<std::filesystem::path> fonts = {
      "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf"};
  nas::GlyphRenderer renderer(fonts);
  const auto ink = [&](const nas::GlyphPlacement& placement, char letter) {
    nas::GlyphMask mask{};
    renderer.draw(0, letter, placement, mask);
    double left = 32, right = -1, top = 32, bottom = -1, sum = 0, upper = 0;
    for (int y = 0; y < 32; ++y) {
      for (int x = 0; x < 32; ++x) {
        const int value = mask[static_cast<std::size_t>(y * 32 + x)];
        sum += value;
        if (y < 16) upper += value;
        if (value < 128) continue;
        left = std::min<double>(left, x), right = std::max<double>(right, x + 1);
        top = std::min<double>(top, y), bottom = std::max<double>(bottom, y + 1);
      }
    }
    return std::array<double, 6>{left, right, top, bottom, sum, upper};
  };
  // A capital of 20 pixels in the middle of the square.
  const auto middle = ink({.height = 20}, 'E');
  CHECK(middle[3] - middle[2] == doctest::Approx(20).epsilon(0.11));
  CHECK((middle[0] + middle[1]) / 2 == doctest::Approx(16).epsilon(0.07));
  CHECK((middle[2] + middle[3]) / 2 == doctest::Approx(16).epsilon(0.07));
  // F has its second bar above the middle: upright, more ink above; turned by 180 degrees, below.
  const auto upright = ink({.height = 20}, 'F');
  CHECK(upright[5] > 0.55 * upright[4]);
  const auto turned = ink({.height = 20, .rotation = 3.14159265}, 'F');
  CHECK(turned[5] < 0.45 * turned[4]);
  // Half outside on the right, and wholly outside.
  const auto cut = ink({.height = 20, .center_x = 32}, 'O');
  CHECK(cut[4] == doctest::Approx(ink({.height = 20}, 'O')[4] / 2).epsilon(0.02));
  CHECK(ink({.height = 20, .center_x = 100, .center_y = -60}, 'O')[4] == 0);
}

namespace {

/// Softmax regression by plain gradient descent: W [10, pixels + 1].
class LinearClassifier {
 public:
  explicit LinearClassifier(std::size_t pixels) : pixels_(pixels), weights_(10 * (pixels + 1)) {}

  std::array<float, 10> probabilities(const float* image) const {
    std::array<float, 10> p{};
    float sum = 0;
    for (std::size_t c = 0; c < 10; ++c) {
      const float* w = weights_.data() + c * (pixels_ + 1);
      p[c] = w[pixels_];
      for (std::size_t i = 0; i < pixels_; ++i) p[c] += w[i] * image[i];
    }
    const float highest = *std::max_element(p.begin(), p.end());
    for (float& value : p) sum += value = std::exp(value - highest);
    for (float& value : p) value /= sum;
    return p;
  }

  void learn(const float* image, std::size_t label, float rate) {
    const std::array<float, 10> p = probabilities(image);
    for (std::size_t c = 0; c < 10; ++c) {
      const float step = rate * (p[c] - (c == label ? 1.0F : 0.0F));
      float* w = weights_.data() + c * (pixels_ + 1);
      for (std::size_t i = 0; i < pixels_; ++i) w[i] -= step * image[i];
      w[pixels_] -= step;
    }
  }

 private:
  std::size_t pixels_;
  std::vector<float> weights_;
};

}  // namespace

TEST_CASE("acceptance: glyphs are beyond a linear classifier, but not beyond learning") {
  const auto data = nas::load_dataset("glyphs");
  std::vector<std::uint32_t> train(data->train.size()), test(data->test.size());
  std::iota(train.begin(), train.end(), 0U);
  std::iota(test.begin(), test.end(), 0U);
  const auto train_loader = nas::load_images(data, data->train, train, {.shuffle = true});
  const auto test_loader = nas::load_images(data, data->test, test, {});
  LinearClassifier classifier(3072);
  nas::Batch batch;
  for (std::int64_t epoch = 0; epoch < 4; ++epoch) {
    train_loader->start_epoch(epoch);
    while (train_loader->next(batch)) {
      for (std::size_t i = 0; i < batch.labels.size(); ++i) {
        const float rate = 2e-4F / static_cast<float>(epoch + 1);
        classifier.learn(batch.inputs.data() + i * 3072, static_cast<std::size_t>(batch.labels[i]),
                         rate);
      }
    }
  }
  int right = 0;
  test_loader->start_epoch(0);
  while (test_loader->next(batch)) {
    for (std::size_t i = 0; i < batch.labels.size(); ++i) {
      const auto p = classifier.probabilities(batch.inputs.data() + i * 3072);
      const auto guess = std::max_element(p.begin(), p.end()) - p.begin();
      right += guess == batch.labels[i] ? 1 : 0;
    }
  }
  const double accuracy = right / 1500.0;
  INFO("accuracy " << accuracy);
  CHECK(accuracy > 0.4);   // guessing gives 0.10
  CHECK(accuracy < 0.85);  // a NAS-Bench-201 network of 8 channels reaches 0.98 in three epochs
}
