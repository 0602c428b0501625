#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/empty.h>
#include <c10/core/GradMode.h>
#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <map>

#include "core/ir/forms/text_form.h"
#include "core/runtime/checkpoint.h"
#include "core/runtime/cpu_features.h"
#include "core/runtime/evaluate_torch.h"
#include "core/runtime/training_state_torch.h"
#include "core/util/file.h"
#include "tests/core/runtime/noise_torch.h"
#include "tests/core/runtime/tiny_task.h"

namespace nas {
namespace {

using Weights = std::map<std::string, std::vector<float>>;

Weights weights(Model& model) {
  Weights result;
  model.impl().visit([&](const std::string& name, at::Tensor& tensor, const ParamSpec&) {
    const at::Tensor plain = tensor.detach().contiguous();
    result[name].assign(plain.data_ptr<float>(), plain.data_ptr<float>() + plain.numel());
  });
  return result;
}

bool same_curve(const TrainReport& a, const TrainReport& b) {
  if (a.curve.size() != b.curve.size()) return false;
  for (std::size_t i = 0; i < a.curve.size(); ++i) {
    if (a.curve[i].epoch != b.curve[i].epoch || a.curve[i].name != b.curve[i].name ||
        a.curve[i].value != b.curve[i].value) {
      return false;
    }
  }
  return true;
}

Model fresh() {
  set_intra_op_threads(1);
  return Model(test::tiny_network(), RngKey{.seed = 1});
}

/// Stops the training after `limit` steps.
class StopAfter final : public ProgressSink {
 public:
  StopAfter(std::stop_source& source, std::int64_t limit) : source_(source), limit_(limit) {}
  void begin(std::string_view, std::int64_t) override {}
  void update(std::int64_t done, std::string_view) override {
    last_ = done;
    if (done >= limit_) source_.request_stop();
  }
  void end() override {}
  void message(std::string_view) override {}
  std::int64_t last() const { return last_; }

 private:
  std::stop_source& source_;
  std::int64_t limit_;
  std::int64_t last_ = 0;
};

}  // namespace

TEST_CASE("training: the loss falls and held-out images are classified") {
  Model model = fresh();
  const TrainReport report = train(
      model, {.problem = test::bright_or_dark(), .recipe = test::tiny_recipe(), .checkpoint = {}},
      true);
  CHECK(report.epochs_done == 4);
  CHECK(report.curve.front().epoch == 1);
  CHECK(report.train_loss < 0.35);
  CHECK(report.validation.at(0).value >= 75);
  CHECK(report.test.at(0).value >= 75);
  CHECK(report.samples_per_second > 0);
}

TEST_CASE(
    "training: equal seeds give equal weights, other seeds do not, loader threads do not matter") {
  Recipe recipe = test::tiny_recipe();
  recipe.epochs = 2;
  const auto run = [&](int threads) {
    Model model = fresh();
    train(model,
          {.problem = test::bright_or_dark(),
           .recipe = recipe,
           .loader_threads = threads,
           .checkpoint = {}},
          false);
    return weights(model);
  };
  const Weights first = run(0);
  CHECK(run(0) == first);
  CHECK(run(2) == first);
  recipe.seed = 1;
  CHECK(run(0) != first);
}

TEST_CASE("training: a stopped and resumed run equals the uninterrupted one bit for bit") {
  for (const auto& [optimizer, momentum] :
       {std::pair("sgd", 0.9), std::pair("sgd", 0.0), std::pair("adam", 0.9),
        std::pair("adamw", 0.9), std::pair("rmsprop", 0.9), std::pair("rmsprop", 0.0),
        std::pair("adagrad", 0.9)}) {
    CAPTURE(optimizer);
    CAPTURE(momentum);
    const TemporaryDirectory directory;
    Recipe recipe = test::tiny_recipe();
    recipe.optimizer = optimizer;
    recipe.momentum = momentum;
    recipe.ema_decay = 0.8;
    recipe.learning_rate = std::string(optimizer) == "sgd" ? 0.05 : 0.005;
    TrainSetup setup{.problem = test::bright_or_dark(), .recipe = recipe, .checkpoint = {}};
    Model whole = fresh();
    const TrainReport expected = train(whole, setup, false);

    setup.checkpoint = directory.path() / "training.safetensors";
    std::stop_source source;
    StopAfter stop_after(source, 10);  // in the middle of epoch 3
    setup.progress = &stop_after;
    setup.stop = source.get_token();
    Model interrupted = fresh();
    const TrainReport partial = train(interrupted, setup, false);
    CHECK(partial.stopped);
    CHECK(partial.epochs_done == 2);
    CHECK(stop_after.last() == 10);

    setup.progress = nullptr;
    setup.stop = {};
    Model resumed(test::tiny_network(), RngKey{.seed = 99});  // everything comes from the file
    const TrainReport rest = train(resumed, setup, false);
    CHECK(rest.epochs_done == 4);
    CHECK(same_curve(rest, expected));
    CHECK(weights(resumed) == weights(whole));
  }
}

TEST_CASE("training: a checkpoint of another recipe or a damaged one is refused") {
  const TemporaryDirectory directory;
  Recipe recipe = test::tiny_recipe();
  recipe.epochs = 1;
  TrainSetup setup{.problem = test::bright_or_dark(),
                   .recipe = recipe,
                   .checkpoint = directory.path() / "t.safetensors"};
  Model model = fresh();
  train(model, setup, false);
  setup.recipe.weight_decay = 0.1;
  CHECK_THROWS_WITH_AS(train(model, setup, false), doctest::Contains("belongs to another training"),
                       Error);
  setup.recipe = recipe;
  const std::string bytes = read_file(setup.checkpoint);
  write_file_atomically(setup.checkpoint, bytes.substr(0, bytes.size() / 2));
  CHECK_THROWS_WITH_AS(train(model, setup, false), doctest::Contains("cut off"), Error);
}

TEST_CASE("training: a loss that is not a number ends with epoch, step and learning rate") {
  Recipe recipe = test::tiny_recipe();
  recipe.learning_rate = 1e30;
  recipe.schedule = "constant";
  Model model = fresh();
  try {
    train(model, {.problem = test::bright_or_dark(), .recipe = recipe, .checkpoint = {}}, false);
    FAIL("trained");
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::kNumeric);
    const std::string text = error.what();
    CHECK(text.find("in epoch 1, step ") != std::string::npos);
    CHECK(text.find("learning rate 1e+30") != std::string::npos);
  }
}

TEST_CASE("training: what does not fit is refused with both sides named") {
  const auto data = test::bright_or_dark();
  const auto refuse = [&](const ArchGraph& graph, const Recipe& recipe, const char* part) {
    Model model(graph, RngKey{});
    CHECK_THROWS_WITH_AS(train(model, {.problem = data, .recipe = recipe, .checkpoint = {}}, false),
                         doctest::Contains(part), Error);
  };
  const std::string cell = "|none~0|+|none~0|none~1|+|skip_connect~0|none~1|none~2|";
  refuse(bench::nb201_network(cell, 4, 1, 8, 10), test::tiny_recipe(), "has 2 classes");
  refuse(bench::nb201_network(cell, 4, 1, 16, 2), test::tiny_recipe(), "[3,16,16]");
  Recipe recipe = test::tiny_recipe();
  recipe.auxiliary_weight = 0.4;
  refuse(test::tiny_network(), recipe, "no output 'auxiliary'");
  recipe = test::tiny_recipe();
  recipe.optimizer = "sdg";
  refuse(test::tiny_network(), recipe, "sgd");
  recipe = test::tiny_recipe();
  recipe.precision = "float8";
  refuse(test::tiny_network(), recipe, "float32");
}

TEST_CASE("training: bfloat16 learns where the processor has it and is refused elsewhere") {
  Recipe recipe = test::tiny_recipe();
  recipe.precision = "bfloat16";
  Model model = fresh();
  const TrainSetup setup{.problem = test::bright_or_dark(), .recipe = recipe, .checkpoint = {}};
  if (has_native_bfloat16()) {
    CHECK(train(model, setup, false).train_loss < 0.5);
  } else {
    CHECK_THROWS_WITH_AS(train(model, setup, false), doctest::Contains("AVX512_BF16"), Error);
  }
}

TEST_CASE("averaged weights follow the recursion and swap back exactly") {
  Model model = fresh();
  const Weights start = weights(model);
  std::vector<at::Tensor> tensors;
  model.impl().visit(
      [&](const std::string&, at::Tensor& tensor, const ParamSpec&) { tensors.push_back(tensor); });
  AveragedWeights average(tensors, 0.75);
  const c10::NoGradGuard no_grad;
  model.impl().visit(
      [](const std::string&, at::Tensor& tensor, const ParamSpec&) { tensor.add_(1.0); });
  average.update();  // start + 1/4
  const Weights moved = weights(model);
  average.swap();
  for (const auto& [name, values] : weights(model)) {
    for (std::size_t i = 0; i < values.size(); ++i) {
      CHECK(values[i] == doctest::Approx(start.at(name)[i] + 0.25F));
    }
  }
  average.swap();
  CHECK(weights(model) == moved);
}

TEST_CASE("label smoothing mixes in the uniform distribution") {
  // A network whose logits are its bias: the first training loss is known in closed form.
  const ArchGraph graph = parse_graph(
      "searchlight-graph 1\n%0 = input() : float[3,8,8]\n%1 = global_avg_pool(%0)\n"
      "%2 = linear(%1) {out_features=2}\nreturn logits=%2\n");
  Model model(graph, RngKey{});
  model.impl().visit([](const std::string&, at::Tensor& tensor, const ParamSpec&) {
    const c10::NoGradGuard no_grad;
    tensor.zero_();
    if (tensor.dim() == 1) tensor.data_ptr<float>()[1] = 3.0F;
  });
  Recipe recipe = test::tiny_recipe();
  recipe.epochs = 1;
  recipe.learning_rate = 0;
  recipe.label_smoothing = 0.2;
  const TrainReport report =
      train(model, {.problem = test::bright_or_dark(), .recipe = recipe, .checkpoint = {}}, false);
  const double log_sum = std::log(1 + std::exp(3.0));
  const double dark = log_sum - 0.1 * 3;  // 0.9 * (log_sum - 0) + 0.1 * (log_sum - 3)
  const double bright = log_sum - 0.9 * 3;
  CHECK(report.train_loss == doctest::Approx((dark + bright) / 2).epsilon(1e-5));
}

TEST_CASE("the auxiliary head adds its weighted loss") {
  const ArchGraph graph = parse_graph(
      "searchlight-graph 1\n%0 = input() : float[3,8,8]\n%1 = global_avg_pool(%0)\n"
      "%2 = linear(%1) {out_features=2} @main\n%3 = linear(%1) {out_features=2} @aux\n"
      "return logits=%2, auxiliary=%3\n");
  Model model(graph, RngKey{});
  model.impl().visit([](const std::string&, at::Tensor& tensor, const ParamSpec&) {
    const c10::NoGradGuard no_grad;
    tensor.zero_();
  });
  Recipe recipe = test::tiny_recipe();
  recipe.epochs = 1;
  recipe.learning_rate = 0;
  recipe.auxiliary_weight = 0.4;
  const TrainReport report =
      train(model, {.problem = test::bright_or_dark(), .recipe = recipe, .checkpoint = {}}, false);
  CHECK(report.train_loss == doctest::Approx(1.4 * std::log(2.0)));
}

TEST_CASE("recalibrated batch norm holds the mean of the batches' means and biased variances") {
  const ArchGraph graph = parse_graph(
      "searchlight-graph 1\n%0 = input() : float[3,8,8]\n%1 = batch_norm(%0)\n"
      "%2 = global_avg_pool(%1)\n%3 = linear(%2) {out_features=2}\nreturn logits=%3\n");
  Model model(graph, RngKey{});
  const auto data = test::bright_or_dark_images(50);
  // Three batches in random order, as equal as they can be.
  Recipe plain;
  plain.validation_fraction = 0;
  plain.problem["crop_padding"] = "0";
  plain.problem["flip"] = "false";
  std::vector<std::uint32_t> order = pose_images(data)->split(plain).train;
  REQUIRE(order.size() == 50);
  Rng({.seed = 0, .purpose = Purpose::kShuffle}).shuffle(std::span(order));
  recalibrate_batch_norm(model, *pose_images(data), plain, {.samples = 50, .batch = 20});
  for (std::int64_t channel = 0; channel < 3; ++channel) {
    double mean = 0;
    double variance = 0;
    for (const auto& [first, last] : {std::pair(0, 17), std::pair(17, 34), std::pair(34, 50)}) {
      double sum = 0, squares = 0;
      const double count = 64.0 * (last - first);
      for (int i = first; i < last; ++i) {
        for (std::size_t k = 0; k < 64; ++k) {
          const double pixel = data->train.image(
              order[static_cast<std::size_t>(i)])[static_cast<std::size_t>(channel) * 64 + k];
          const double x = (pixel / 255 - 0.5) / 0.25;
          sum += x;
          squares += x * x;
        }
      }
      mean += (last - first) / 50.0 * (sum / count);
      variance += (last - first) / 50.0 * (squares / count - sum / count * sum / count);
    }
    const auto index = [&](const char* name) {
      return static_cast<std::size_t>(param_index(graph, 1, name));
    };
    CHECK(model.impl().tensors[1][index("running_mean")][channel].item<double>() ==
          doctest::Approx(mean));
    CHECK(model.impl().tensors[1][index("running_var")][channel].item<double>() ==
          doctest::Approx(variance));
  }
}

// Once-for-All calibrates on images as they are trained on: augmented, and none that were held out.
TEST_CASE("recalibrated batch norm sees what is trained on: augmented, nothing held out") {
  const ArchGraph graph = parse_graph(
      "searchlight-graph 1\n%0 = input() : float[3,8,8]\n%1 = batch_norm(%0)\n"
      "%2 = global_avg_pool(%1)\n%3 = linear(%2) {out_features=2}\nreturn logits=%3\n");
  Recipe recipe = test::tiny_recipe();
  recipe.validation_fraction = 0.5;
  const auto statistics = [&](const std::string& padding, const ImageDataset& data) {
    recipe.problem["crop_padding"] = padding;
    Model model(graph, RngKey{});
    recalibrate_batch_norm(model, *pose_images(std::make_shared<ImageDataset>(data)), recipe);
    return weights(model);
  };
  ImageDataset data = *test::bright_or_dark_images();
  const Weights whole = statistics("0", data);
  // Crops with a border of zeros are darker.
  CHECK(statistics("4", data) != whole);
  for (const std::uint32_t held_out :
       pose_images(test::bright_or_dark_images())->split(recipe).validation) {
    std::fill_n(data.train.pixels.begin() + held_out * 192, 192, std::uint8_t{255});
  }
  CHECK(statistics("0", data) == whole);
}

TEST_CASE("checkpoint: a saved model opens alone and predicts the same, and damage is refused") {
  const TemporaryDirectory directory;
  const auto path = directory.path() / "model.safetensors";
  Model model = fresh();
  save_model(model, path, {{"space", "nasbench201"}});
  const std::vector<float> images(192 * 2, 0.3F);
  Model opened = open_model(path);
  CHECK(opened.graph() == model.graph());
  CHECK(opened.predict(images, 2) == model.predict(images, 2));
  CHECK(read_model_metadata(path).at("space") == "nasbench201");

  const std::string bare = "|none~0|+|none~0|none~1|+|skip_connect~0|none~1|none~2|";
  Model other(bench::nb201_network(bare, 4, 1, 8, 2), RngKey{});
  CHECK_THROWS_WITH_AS(load_model(other, path), doctest::Contains("is not part of the network"),
                       Error);
  Model loaded(test::tiny_network(), RngKey{.seed = 77});
  load_model(loaded, path);
  CHECK(weights(loaded) == weights(model));
  const std::string bytes = read_file(path);
  for (std::size_t cut = 0; cut < bytes.size(); cut += 997) {
    write_file_atomically(path, bytes.substr(0, cut));
    CHECK_THROWS_AS(load_model(loaded, path), Error);
  }
  CHECK(weights(loaded) == weights(model));
}

}  // namespace nas
