#include "app/models/image_classifier.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "app/models/model_recipe.h"
#include "app/models/network_file.h"
#include "app/study/recipe_choice.h"
#include "app/study/winner.h"
#include "core/problems/images.h"
#include "core/runtime/checkpoint.h"
#include "core/util/file.h"
#include "tests/core/data/test_files.h"

using namespace nas;
using namespace nas::test;

namespace {

/// A small network, trained for a moment on glyphs, with a picture of some test images.
struct Fixture {
  explicit Fixture(const OptionMap& recipe = {}) {
    TrainRequest request;
    request.space = {"cifar_resnet", {}};
    request.architecture = "111";
    request.data = "glyphs";
    RecipeChoice choice;
    choice.options = {{"width", "4"}, {"train_samples", "256"}, {"epochs", "2"}};
    for (const auto& [key, value] : recipe) choice.options[key] = value;
    request.recipe = make_recipe(choice, "--recipe");
    request.output = model;
    request.with_test = false;
    request.record = false;
    request.threads = 1;
    train_architecture(session, request);
  }

  std::filesystem::path picture(std::uint32_t sample) {
    const Shape& shape = glyphs->test.shape;
    const auto planes = glyphs->test.image(sample);
    const auto channels = static_cast<std::size_t>(shape[0]);
    const std::size_t plane = planes.size() / channels;
    std::vector<std::uint8_t> pixels(planes.size());
    for (std::size_t i = 0; i < pixels.size(); ++i) {
      pixels[i] = planes[i % channels * plane + i / channels];
    }
    const auto path = directory.path() / (std::to_string(sample) + ".png");
    write_bytes(path, encode_png(static_cast<int>(shape[2]), static_cast<int>(shape[1]),
                                 static_cast<int>(channels), pixels));
    return path;
  }

  /// What the network answers to these test images as it is judged.
  std::vector<float> judged(std::vector<std::uint32_t> samples) {
    const auto problem = pose_images(glyphs);
    const Recipe recipe = recipe_of_model(model, problem->record());
    Model network = open_model(model);
    return answers(network, {.problem = *problem, .recipe = recipe, .samples = std::move(samples)});
  }

  TemporaryDirectory directory;
  std::filesystem::path model = directory.path() / "m.safetensors";
  Session session{{.store = directory.path() / "store.db", .progress = nullptr, .stop = {}}};
  std::shared_ptr<const ImageDataset> glyphs = load_dataset("glyphs");
};

/// By number.
std::vector<double> probabilities_of(const std::vector<ClassForecast>& forecasts) {
  std::vector<double> values(forecasts.size());
  for (const ClassForecast& one : forecasts) values[one.number] = one.probability;
  return values;
}

void check_equals_judged(Fixture& fixture) {
  ImageClassifier classifier(fixture.model);
  const std::vector<std::uint32_t> samples = {0, 7, 100};
  const std::vector<float> logits = fixture.judged(samples);
  const std::size_t classes = classifier.classes();
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const auto forecasts = classifier.classify(fixture.picture(samples[i]));
    REQUIRE(forecasts.size() == classes);
    CHECK(std::ranges::is_sorted(forecasts, std::greater(), &ClassForecast::probability));
    CHECK(forecasts[0].name == fixture.glyphs->classes[forecasts[0].number]);
    const std::vector<double> found = probabilities_of(forecasts);
    double sum = 0;
    for (std::size_t c = 0; c < classes; ++c) sum += std::exp(double{logits[i * classes + c]});
    for (std::size_t c = 0; c < classes; ++c) {
      CHECK(found[c] ==
            doctest::Approx(std::exp(double{logits[i * classes + c]}) / sum).epsilon(1e-5));
    }
  }
}

}  // namespace

TEST_CASE("image files are classified as the test images that they are") {
  Fixture fixture;
  check_equals_judged(fixture);
  // As an ONNX file the model says the same.
  const FileNetwork network = read_network_file(fixture.model, true);
  const auto onnx = fixture.directory.path() / "m.onnx";
  OnnxChoice choice;
  choice.metadata = onnx_metadata(network.metadata);
  write_file_atomically(onnx, format_onnx_file(network.graph, &network.weights, choice));
  const auto picture = fixture.picture(3);
  const auto own = ImageClassifier(fixture.model).classify(picture);
  const auto other = ImageClassifier(onnx).classify(picture);
  for (std::size_t i = 0; i < own.size(); ++i) {
    CHECK(other[i].name == own[i].name);
    CHECK(other[i].probability == doctest::Approx(own[i].probability).epsilon(1e-5));
  }
}

TEST_CASE("images are normalised as the recipe of the model says") {
  Fixture fixture(OptionMap{{"normalisation", "half"}});
  check_equals_judged(fixture);
}

TEST_CASE("what is no classifier of images, or no image of its size, is one clear error") {
  Fixture fixture;
  const auto picture = fixture.picture(0);
  const auto path = [&](const char* name) { return fixture.directory.path() / name; };
  const std::vector<std::uint8_t> grey(20 * 10, 9);
  write_bytes(path("wide.png"), encode_png(20, 10, 1, grey));
  write_bytes(path("page.png"), "<html></html>");
  ImageClassifier classifier(fixture.model);
  const Shape& shape = fixture.glyphs->train.shape;
  CHECK(contains(error_text(ErrorKind::kData, [&] { classifier.classify(path("wide.png")); }),
                 "the image is 20 x 10, the network reads " + std::to_string(shape[2])));
  CHECK(contains(error_text(ErrorKind::kData, [&] { classifier.classify(path("page.png")); }),
                 "page.png"));
  ImageClassifier scaling(fixture.model, {.resize = true});
  CHECK(scaling.classify(path("wide.png")).size() == classifier.classes());

  FileNetwork network = read_network_file(fixture.model, true);
  const auto with = [&](const char* key, const char* value) {
    FileNetwork changed = network;
    std::erase_if(changed.metadata, [&](const auto& one) { return one.first == key; });
    changed.weights.metadata.erase(key);
    if (*value != '\0') changed.metadata.emplace_back(key, value);
    write_file_atomically(path("c.safetensors"), format_model_file(std::move(changed)));
    return path("c.safetensors");
  };
  const auto refused = [&](const std::filesystem::path& model, const ClassifierOptions& options) {
    return error_text(ErrorKind::kUsage, [&] { ImageClassifier(model, options); });
  };
  CHECK(contains(refused(with("problem", "speaker"), {}), "not a classifier of images"));
  const auto silent = with("data.channel_0_mean", "");
  CHECK(contains(refused(silent, {}), "--mean"));
  CHECK(contains(refused(silent, {.scale = PixelScale{{0, 0}, {1, 1}}}), "reads 3 channels"));
  CHECK(contains(refused(silent, {.scale = PixelScale{{0}, {1}}, .classes = {"one"}}),
                 "1 name of classes"));
  CHECK(ImageClassifier(silent, {.scale = PixelScale{{0}, {1}}}).classify(picture).size() ==
        classifier.classes());
}
