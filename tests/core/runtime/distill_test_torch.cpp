#include <ATen/ops/tensor.h>
#include <doctest/doctest.h>

#include <cmath>
#include <map>

#include "core/runtime/distill/method_torch.h"
#include "core/runtime/model_torch.h"
#include "core/runtime/trainer.h"
#include "core/util/error.h"
#include "core/util/file.h"
#include "tests/core/runtime/noise_torch.h"
#include "tests/core/runtime/tiny_task.h"

namespace nas {
namespace {

constexpr std::int64_t kImages = 3, kClasses = 4, kFeatures = 5;

/// Random features in double: maps of 2 x 3 x 4 x 4 and 5 channels of 2 x 2.
DistillFeatures random_features(std::uint64_t seed) {
  const auto numbers = [&](at::IntArrayRef sizes) {
    return test::noise(sizes, ++seed * 100).to(at::kDouble);
  };
  return {{numbers({kImages, 3, 4, 4}), numbers({kImages, kFeatures, 2, 2})},
          numbers({kImages, kFeatures}),
          numbers({kImages, kClasses})};
}

FeatureShapes shapes() {
  return {{{3, 4, 4}, {kFeatures, 2, 2}}, kFeatures, kClasses};
}

at::Tensor some_labels() {
  return at::tensor({0, 2, 1}, at::TensorOptions(at::kLong));
}

struct Prepared {
  std::unique_ptr<DistillMethod> method;
  std::vector<at::Tensor> adapters;
};

Prepared prepare(std::string_view loss) {
  Prepared prepared{make_distill_method(DistillChoice{std::string(loss), {}}), {}};
  std::uint64_t seed = 1000;
  for (const AdapterSpec& spec : prepared.method->adapters(shapes(), shapes())) {
    prepared.adapters.push_back(test::noise(spec.shape, ++seed).to(at::kDouble).mul(0.5));
  }
  return prepared;
}

double loss_of(const std::string& name, const DistillFeatures& student,
               const DistillFeatures& teacher, const at::Tensor& labels) {
  const Prepared prepared = prepare(name);
  return prepared.method->loss({student, teacher, labels, prepared.adapters}).item<double>();
}

std::vector<at::Tensor*> tensors_of(DistillFeatures& features) {
  return {&features.maps[0], &features.maps[1], &features.pooled, &features.logits};
}

at::Tensor matrix(std::vector<double> values, std::int64_t columns) {
  return at::tensor(values, at::TensorOptions(at::kDouble)).view({-1, columns});
}

}  // namespace

TEST_CASE("distilling: every loss but those with learned adapters is zero for equal networks") {
  const DistillFeatures features = random_features(1);
  for (const DistillLoss& record : distill_losses()) {
    CAPTURE(record.name);
    const Prepared prepared = prepare(record.name);
    const double value =
        prepared.method->loss({features, features, some_labels(), prepared.adapters})
            .item<double>();
    if (prepared.adapters.empty()) CHECK(std::abs(value) < 1e-12);
    const double other =
        prepared.method->loss({random_features(2), features, some_labels(), prepared.adapters})
            .item<double>();
    CHECK(std::abs(other - value) > 1e-6);
  }
  CHECK(distill_losses().size() == 11);
}

TEST_CASE("distilling: gradients of every loss agree with finite differences") {
  for (const DistillLoss& record : distill_losses()) {
    CAPTURE(record.name);
    const Prepared prepared = prepare(record.name);
    DistillFeatures student = random_features(3);
    const DistillFeatures teacher = random_features(4);
    const auto loss = [&] {
      return prepared.method->loss({student, teacher, some_labels(), prepared.adapters});
    };
    std::vector<at::Tensor> leaves = prepared.adapters;
    for (at::Tensor* tensor : tensors_of(student)) leaves.push_back(*tensor);
    for (at::Tensor& leaf : leaves) leaf.set_requires_grad(true);
    loss().backward();
    for (at::Tensor& leaf : leaves) {
      leaf.set_requires_grad(false);
      auto* values = leaf.data_ptr<double>();
      for (std::int64_t i = 0; i < leaf.numel(); i += std::max<std::int64_t>(1, leaf.numel() / 7)) {
        constexpr double kStep = 1e-6;
        const double before = values[i];
        values[i] = before + kStep;
        const double more = loss().item<double>();
        values[i] = before - kStep;
        const double less = loss().item<double>();
        values[i] = before;
        const double slope = (more - less) / (2 * kStep);
        const double gradient = leaf.grad().defined() ? leaf.grad().flatten()[i].item<double>() : 0;
        CHECK(std::abs(gradient - slope) < 1e-6 + 1e-5 * std::abs(slope));
      }
    }
  }
}

TEST_CASE("distilling: soft labels, similarities and attention have the values computed by hand") {
  const double ln3 = std::log(3.0);
  // Teacher (3/4, 1/4), student (1/2, 1/2).
  const double divergence = 0.75 * std::log(1.5) + 0.25 * std::log(0.5);
  CHECK(soft_label_loss(matrix({0, 0}, 2), matrix({ln3, 0}, 2), 1).item<double>() ==
        doctest::Approx(divergence));
  // At temperature 4 with logits four times as large: T^2 times the same.
  CHECK(soft_label_loss(matrix({0, 0}, 2), matrix({4 * ln3, 0}, 2), 4).item<double>() ==
        doctest::Approx(16 * divergence));

  // Samples that look alike (all cosines 1) against orthogonal ones: rows of the Gram matrices are
  // (1, 1) / sqrt(2) against (1, 0).
  DistillFeatures alike, apart;
  alike.maps = {matrix({1, 0, 1, 0}, 2).view({2, 2, 1, 1})};
  apart.maps = {matrix({1, 0, 0, 1}, 2).view({2, 2, 1, 1})};
  const double row = std::pow(1 - std::sqrt(0.5), 2) + 0.5;
  CHECK(loss_of("sp", alike, apart, {}) == doctest::Approx(2 * row / 4));

  // One channel, two pixels: attention (1, 0) against (0.6, 0.8) of pixels 3 and 2 sqrt(3).
  DistillFeatures left, both;
  left.maps = {matrix({5, 0}, 2).view({1, 1, 1, 2})};
  both.maps = {matrix({std::sqrt(3.0), 2}, 2).view({1, 1, 1, 2})};
  CHECK(loss_of("at", left, both, {}) == doctest::Approx((0.16 + 0.64) / 2));
}

TEST_CASE("distilling: the loss of DisWOT is the direct form of its two terms") {
  const DistillFeatures student = random_features(5), teacher = random_features(6);
  const std::int64_t labels[] = {0, 2, 1};
  const auto gradient = [&](const DistillFeatures& f, std::int64_t k, std::int64_t c) {
    double sum = 0;
    for (std::int64_t n = 0; n < kImages; ++n) {
      double all = 0;
      for (std::int64_t j = 0; j < kClasses; ++j) all += std::exp(f.logits[n][j].item<double>());
      const double p = std::exp(f.logits[n][k].item<double>()) / all;
      sum += (p - (labels[n] == k ? 1 : 0)) * f.pooled[n][c].item<double>();
    }
    return sum / kImages;
  };
  double semantic = 0;
  for (std::int64_t k = 0; k < kClasses; ++k) {
    // Channel matrices g g^T with rows of length one.
    for (std::int64_t i = 0; i < kFeatures; ++i) {
      double lengths[2] = {0, 0};
      for (std::int64_t j = 0; j < kFeatures; ++j) {
        lengths[0] += std::pow(gradient(student, k, i) * gradient(student, k, j), 2);
        lengths[1] += std::pow(gradient(teacher, k, i) * gradient(teacher, k, j), 2);
      }
      for (std::int64_t j = 0; j < kFeatures; ++j) {
        const double s = gradient(student, k, i) * gradient(student, k, j) / std::sqrt(lengths[0]);
        const double t = gradient(teacher, k, i) * gradient(teacher, k, j) / std::sqrt(lengths[1]);
        semantic += (t - s) * (t - s);
      }
    }
  }
  DistillFeatures last_student = student, last_teacher = teacher;
  last_student.maps = {student.maps.back()};
  last_teacher.maps = {teacher.maps.back()};
  const double relation = loss_of("sp", last_student, last_teacher, {});
  CHECK(loss_of("diswot", student, teacher, some_labels()) ==
        doctest::Approx(relation + semantic / (kClasses * kFeatures)));
}

TEST_CASE("distilling: features are the ends of the stages and what the classifier reads") {
  const ArchGraph graph = test::tiny_network();
  const FeatureNodes nodes = feature_nodes(graph);
  REQUIRE(nodes.maps.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) {
    const std::int64_t side = std::int64_t{8} >> i;
    CHECK(graph.output_types(nodes.maps[i])[0].shape == Shape{4 << i, side, side});
  }
  // The sum that ends the last cell of a stage, not the ReLU inside the block after it.
  CHECK(graph.op(nodes.maps[0]).name == "add");
  CHECK(graph.op(nodes.maps[2]).name == "relu");
  CHECK(graph.op(nodes.pooled).name == "global_avg_pool");
}

TEST_CASE("distilling: texts are resolved, and wrong ones name the near miss") {
  CHECK(distill_text(parse_distill_choice("kd")) == "kd(alpha=0.9,beta=0,gamma=0.1,temperature=4)");
  CHECK(distill_text(parse_distill_choice("at:beta=500")) ==
        "at(alpha=0,beta=500,gamma=1,temperature=4)");
  CHECK_THROWS_WITH_AS(parse_distill_choice("fitnets"), doctest::Contains("did you mean 'fitnet'"),
                       Error);
  CHECK_THROWS_WITH_AS(parse_distill_choice("kd:T=3"), doctest::Contains("'T'"), Error);
  CHECK_THROWS_WITH_AS(parse_distill_choice("kd:alpha"), doctest::Contains("NAME=VALUE"), Error);
}

namespace {

using Weights = std::map<std::string, std::vector<float>>;

Weights weights_of(Model& model) {
  Weights result;
  model.impl().visit([&](const std::string& name, at::Tensor& tensor, const ParamSpec&) {
    const at::Tensor plain = tensor.detach().contiguous();
    result[name].assign(plain.data_ptr<float>(), plain.data_ptr<float>() + plain.numel());
  });
  return result;
}

Model student(std::uint64_t seed = 1) {
  set_intra_op_threads(1);
  return Model(test::tiny_network(), RngKey{.seed = seed});
}

/// Stops the training after `limit` steps.
class StopAfter final : public ProgressSink {
 public:
  StopAfter(std::stop_source& source, std::int64_t limit) : source_(source), limit_(limit) {}
  void begin(std::string_view, std::int64_t) override {}
  void update(std::int64_t done, std::string_view) override {
    if (done >= limit_) source_.request_stop();
  }
  void end() override {}
  void message(std::string_view) override {}

 private:
  std::stop_source& source_;
  std::int64_t limit_;
};

}  // namespace

TEST_CASE("distilling: a stopped and resumed training equals the uninterrupted one bit for bit") {
  Model teacher = student(7);
  for (const char* method : {"kd", "fitnet:beta=1", "vid:alpha=0.5", "diswot"}) {
    CAPTURE(method);
    const TemporaryDirectory directory;
    const DistillSetup distill{&teacher, "seven", parse_distill_choice(method)};
    Recipe recipe = test::tiny_recipe();
    recipe.learning_rate = 0.01;
    TrainSetup setup{
        .problem = test::bright_or_dark(), .recipe = recipe, .distill = &distill, .checkpoint = {}};
    const Weights taught = weights_of(teacher);
    Model whole = student();
    train(whole, setup, false);

    setup.checkpoint = directory.path() / "training.safetensors";
    std::stop_source source;
    StopAfter stop_after(source, 10);  // in the middle of epoch 3
    setup.progress = &stop_after;
    setup.stop = source.get_token();
    Model interrupted = student();
    CHECK(train(interrupted, setup, false).stopped);
    setup.progress = nullptr;
    setup.stop = {};
    Model resumed = student(99);
    train(resumed, setup, false);
    CHECK(weights_of(resumed) == weights_of(whole));
    CHECK(weights_of(teacher) == taught);

    const DistillSetup other{&teacher, "eight", distill.choice};
    setup.distill = &other;
    CHECK_THROWS_WITH_AS(train(resumed, setup, false),
                         doctest::Contains("belongs to another training"), Error);
  }
}

TEST_CASE("distilling: a student that only imitates soft labels comes to agree with its teacher") {
  Model teacher = student(7);
  Recipe recipe = test::tiny_recipe();
  recipe.epochs = 8;
  train(teacher, {.problem = test::bright_or_dark(), .recipe = recipe, .checkpoint = {}}, false);
  const DistillSetup distill{&teacher, "seven", parse_distill_choice("kd:gamma=0,alpha=1")};
  Model pupil = student();
  const TrainReport report = train(
      pupil,
      {.problem = test::bright_or_dark(), .recipe = recipe, .distill = &distill, .checkpoint = {}},
      true);
  CHECK(report.test.at(0).value >= 75);
}

TEST_CASE("distilling: teachers that do not fit are refused") {
  const auto refuse = [&](const ArchGraph& graph, const char* method, const char* part) {
    Model teacher(graph, RngKey{});
    const DistillSetup distill{&teacher, "x", parse_distill_choice(method)};
    Model pupil = student();
    CHECK_THROWS_WITH_AS(train(pupil,
                               {.problem = test::bright_or_dark(),
                                .recipe = test::tiny_recipe(),
                                .distill = &distill,
                                .checkpoint = {}},
                               false),
                         doctest::Contains(part), Error);
  };
  const std::string cell = "|none~0|+|none~0|none~1|+|skip_connect~0|none~1|none~2|";
  refuse(bench::nb201_network(cell, 4, 1, 8, 10), "kd", "has 2 classes");
  refuse(bench::nb201_network(cell, 6, 1, 8, 2), "diswot", "classifiers of equal size");
}

}  // namespace nas
