#include <ATen/core/Tensor.h>
#include <c10/core/GradMode.h>
#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>

#include "core/runtime/supernet/path_draw.h"
#include "core/runtime/supernet/supernet_trainer.h"
#include "core/runtime/supernet/weight_bank_torch.h"
#include "searchspaces/registry.h"
#include "tests/core/runtime/noise_torch.h"
#include "tests/core/runtime/tiny_task.h"

namespace nas {
namespace {

std::unique_ptr<SearchSpace> space_of(std::string_view name) {
  return find_plugin(space_plugins(), "space", name).make({});
}

Task task_of(const SearchSpace& space, const Shape& input, std::int64_t classes) {
  Task task;
  task.input = input;
  task.classes = classes;
  if (!space.info().width_meaning.empty()) task.width = 8;
  if (!space.info().depth_meaning.empty()) task.depth = 1;
  if (space.info().default_task.input.rank() == 2) task.embedding = 192;
  return space.settle(task);
}

WeightBank bank_of(const SearchSpace& space, const Shape& input, std::int64_t classes = 4) {
  return {*space.blueprint(task_of(space, input, classes)), RngKey{.seed = 3}};
}

double largest_difference(const at::Tensor& a, const at::Tensor& b) {
  return a.sub(b).abs().max().item<double>();
}

/// Moves statistics and matrices away from where they start, so that a test sees them.
void disturb(WeightBankImpl& bank) {
  const c10::NoGradGuard no_grad;
  std::uint64_t seed = 100;
  bank.visit([&](const std::string& name, at::Tensor& tensor, const ParamSpec&) {
    if (name.ends_with("running_mean") || name.find(".window_") != std::string::npos) {
      tensor.add_(test::noise(tensor.sizes(), seed++), 0.1);
    }
  });
}

BorrowedModel borrow(const WeightBank& bank, const Architecture& subnet,
                     Statistics statistics = Statistics::kShared) {
  return bank.impl().borrow(resolve_traced(bank.blueprint(), subnet.choices), statistics);
}

at::Tensor& tensor_of(WeightBank& bank, const std::string& name) {
  at::Tensor* found = nullptr;
  bank.impl().visit([&](const std::string& other, at::Tensor& tensor, const ParamSpec&) {
    if (other == name) found = &tensor;
  });
  REQUIRE_MESSAGE(found != nullptr, name);
  return *found;
}

TEST_CASE(
    "weight bank: a subnet taken out computes what it computes in the supernet, in every space") {
  for (const Plugin<SearchSpace>* plugin : space_plugins()) {
    CAPTURE(plugin->name);
    const auto space = plugin->make({});
    if (space->info().default_task.qubits > 0) continue;
    const bool sequence = space->info().default_task.input.rank() == 2;
    const Shape input = sequence ? Shape{8, 20} : Shape{3, 32, 32};
    if (!space->blueprint(task_of(*space, input, 4))) continue;
    WeightBank bank = bank_of(*space, input);
    disturb(bank.impl());
    Rng rng(RngKey{.seed = 9});
    const at::Tensor samples =
        sequence ? test::noise({2, 8, 20}, 1) : test::noise({2, 3, 32, 32}, 1);
    for (int i = 0; i < 2; ++i) {
      const Architecture subnet = sample(*space, rng);
      CAPTURE(space->format(subnet));
      const c10::NoGradGuard no_grad;
      const at::Tensor inside = borrow(bank, subnet).model->forward(samples, {})[0];
      Model outside = bank.extract(subnet.choices);
      CHECK(largest_difference(inside, outside.impl().forward(samples, {})[0]) < 1e-6);
      // It stands alone: what becomes of the bank later does not reach it.
      bank.impl().visit(
          [](const std::string&, at::Tensor& tensor, const ParamSpec&) { tensor.add_(0.01); });
      const at::Tensor later = outside.impl().forward(samples, {})[0];
      CHECK(largest_difference(inside, later) < 1e-6);
      bank.impl().visit(
          [](const std::string&, at::Tensor& tensor, const ParamSpec&) { tensor.sub_(0.01); });
    }
  }
}

TEST_CASE("weight bank: a narrow block is the wide one without the channels that it lacks") {
  const auto space = space_of("ofa_mobilenetv3");
  WeightBank bank = bank_of(*space, {3, 32, 32});
  disturb(bank.impl());
  const Architecture wide =
      space->parse("r=224;d=2,2,2,2,2;k=7,7,7,7,7,7,7,7,7,7;e=6,6,6,6,6,6,6,6,6,6");
  const Architecture narrow =
      space->parse("r=224;d=2,2,2,2,2;k=7,7,7,7,7,7,7,7,7,7;e=3,6,6,6,6,6,6,6,6,6");
  const at::Tensor images = test::noise({2, 3, 32, 32}, 2);
  const c10::NoGradGuard no_grad;
  // Batch statistics keep the signal up through a network that has not been trained.
  const auto logits = [&](const Architecture& subnet) {
    return borrow(bank, subnet, Statistics::kOwn)
        .model->forward(images, {.batch_statistics = true})[0];
  };
  const at::Tensor expected = logits(narrow);
  CHECK(largest_difference(expected, logits(wide)) > 1e-2);
  // Nothing reads channels 48.. of 96 of the first block any more.
  const std::string project = "stage_1/block_1/mbconv/project/conv2d.weight";
  at::Tensor& weight = tensor_of(bank, project);
  weight.narrow(1, 48, weight.size(1) - 48).zero_();
  CHECK(largest_difference(expected, logits(wide)) < 1e-4);
}

TEST_CASE("weight bank: a fresh smaller window is the centre of the larger one") {
  const auto space = space_of("ofa_mobilenetv3");
  WeightBank bank = bank_of(*space, {3, 32, 32});
  const auto subnet = [&](int kernel) {
    return space->parse("r=224;d=2,2,2,2,2;k=" + std::to_string(kernel) +
                        ",7,7,7,7,7,7,7,7,7;e=6,6,6,6,6,6,6,6,6,6");
  };
  const std::string name = "stage_1/block_1/mbconv/depthwise/conv2d.weight";
  const at::Tensor images = test::noise({2, 3, 32, 32}, 2);
  const c10::NoGradGuard no_grad;
  const auto logits = [&](const Architecture& a) {
    return borrow(bank, a, Statistics::kOwn).model->forward(images, {.batch_statistics = true})[0];
  };
  at::Tensor& weight = tensor_of(bank, name);
  const at::Tensor whole = weight.clone();
  for (const int kernel : {5, 3}) {
    weight.copy_(whole);
    const at::Tensor expected = logits(subnet(kernel));
    CHECK(largest_difference(expected, logits(subnet(7))) > 1e-2);
    const int margin = (7 - kernel) / 2;
    at::Tensor centre = whole.mul(0);
    centre.narrow(2, margin, kernel)
        .narrow(3, margin, kernel)
        .copy_(whole.narrow(2, margin, kernel).narrow(3, margin, kernel));
    weight.copy_(centre);
    CHECK(largest_difference(expected, logits(subnet(7))) < 1e-4);
  }
}

TEST_CASE("weight bank: a window is transformed by the bank's matrix, y = x M^T of the centre") {
  const auto space = space_of("ofa_mobilenetv3");
  WeightBank bank = bank_of(*space, {3, 32, 32});
  disturb(bank.impl());
  const std::string name = "stage_1/block_1/mbconv/depthwise/conv2d.weight";
  const Architecture subnet =
      space->parse("r=224;d=2,2,2,2,2;k=3,7,7,7,7,7,7,7,7,7;e=6,6,6,6,6,6,6,6,6,6");
  const at::Tensor whole = tensor_of(bank, name).detach().contiguous();
  const at::Tensor to5 = tensor_of(bank, name + ".window_7_to_5").detach();
  const at::Tensor to3 = tensor_of(bank, name + ".window_5_to_3").detach();
  Model model = bank.extract(subnet.choices);
  at::Tensor small;
  model.impl().visit([&](const std::string& other, at::Tensor& tensor, const ParamSpec&) {
    if (other == name) small = tensor.detach().contiguous();
  });
  REQUIRE(small.sizes().vec() == std::vector<std::int64_t>{whole.size(0), 1, 3, 3});
  // The last channel, number by number.
  const std::int64_t channel = whole.size(0) - 1;
  const auto* w = whole.data_ptr<float>() + channel * 49;
  const auto* m5 = to5.data_ptr<float>();
  const auto* m3 = to3.data_ptr<float>();
  std::array<double, 25> five{};
  for (int i = 0; i < 25; ++i) {
    for (int j = 0; j < 25; ++j) five[i] += m5[25 * i + j] * w[7 * (j / 5 + 1) + j % 5 + 1];
  }
  for (int i = 0; i < 9; ++i) {
    double expected = 0;
    for (int j = 0; j < 9; ++j) expected += m3[9 * i + j] * five[5 * (j / 3 + 1) + j % 3 + 1];
    CHECK(small.data_ptr<float>()[channel * 9 + i] == doctest::Approx(expected).epsilon(1e-4));
  }
}

TEST_CASE("weight bank: a step reaches the tensors of its path and no others") {
  const auto space = space_of("nasbench201");
  WeightBank bank = bank_of(*space, {3, 8, 8});
  const Architecture path = space->parse(
      "|nor_conv_3x3~0|+|nor_conv_1x1~0|skip_connect~1|+|none~0|avg_pool_3x3~1|nor_conv_3x3~2|");
  const BorrowedModel subnet = borrow(bank, path);
  subnet.model->forward(test::noise({4, 3, 8, 8}, 7), {.batch_statistics = true})[0]
      .square()
      .sum()
      .backward();
  std::set<std::string> reached;
  for (const SharedTensor& tensor : bank.tensors().list) {
    const at::Tensor& value = bank.impl().tensors[&tensor - bank.tensors().list.data()];
    if (value.grad().defined()) reached.insert(tensor.name);
  }
  std::size_t weights = 0;
  for (const std::string& name : reached) {
    if (name.find("/edge_") == std::string::npos) continue;
    if (name.find("/conv2d") == std::string::npos) continue;
    CHECK((name.find("/edge_0_1/") != std::string::npos ||
           name.find("/edge_0_2/") != std::string::npos ||
           name.find("/edge_2_3/") != std::string::npos));
    ++weights;
  }
  CHECK(weights == 3 * 3);  // three convolutions in each of three cells
}

TEST_CASE("weight bank: gradients of channels by group arrive at their places") {
  const auto space = space_of("efficient_tdnn");
  WeightBank bank = bank_of(*space, {8, 20});
  const Architecture subnet = space->parse("2.256.128.128.3.3.3.768");
  const BorrowedModel borrowed = borrow(bank, subnet);
  borrowed.model->forward(test::noise({4, 8, 20}, 7), {.batch_statistics = true})[0]
      .square()
      .sum()
      .backward();
  const at::Tensor& gradient =
      tensor_of(bank, "block_1/se_res2_block/expand/conv1d_relu_bn/conv1d.weight").grad();
  REQUIRE(gradient.defined());
  for (std::int64_t c = 0; c < 512; ++c) {
    const double size = gradient.select(0, c).narrow(0, 0, 256).abs().sum().item<double>();
    CHECK((size > 0) == (c % 64 < 16));
  }
  CHECK(gradient.narrow(1, 256, 256).abs().sum().item<double>() == 0);
}

TEST_CASE("weight bank: running statistics of channels by group go back to the bank") {
  const auto space = space_of("efficient_tdnn");
  WeightBank bank = bank_of(*space, {8, 20});
  const std::string name = "block_1/se_res2_block/expand/conv1d_relu_bn/batch_norm.running_mean";
  const at::Tensor before = tensor_of(bank, name).clone();
  BorrowedModel borrowed = borrow(bank, space->parse("2.256.128.128.3.3.3.768"));
  borrowed.model->forward(test::noise({4, 8, 20}, 7), {.batch_statistics = true});
  bank.impl().keep_statistics(borrowed);
  const at::Tensor change = tensor_of(bank, name).sub(before).abs();
  for (std::int64_t c = 0; c < 512; ++c) {
    CHECK((change.select(0, c).item<double>() > 0) == (c % 64 < 16));
  }
}

TEST_CASE(
    "weight bank: a mixture with one weight of one is that path, and weights have gradients") {
  const auto space = space_of("nasbench201");
  WeightBank bank = bank_of(*space, {3, 8, 8});
  const Architecture path = space->parse(
      "|nor_conv_3x3~0|+|nor_conv_1x1~0|skip_connect~1|+|none~0|avg_pool_3x3~1|nor_conv_3x3~2|");
  const at::Tensor images = test::noise({4, 3, 8, 8}, 7);
  const at::Tensor expected = borrow(bank, path).model->forward(images, {})[0];
  const TracedGraph whole = mixture(bank.blueprint(), all_alternatives(bank.blueprint()));
  BorrowedModel mixed = bank.impl().borrow(whole, Statistics::kShared);
  std::vector<at::Tensor> weights;
  for (NodeId node = 0; node < whole.graph.size(); ++node) {
    const BlueprintNode& origin = bank.blueprint().nodes[whole.origin[node]];
    if (origin.op != nullptr) continue;
    const auto chosen = bank.blueprint().selectors[origin.selector].at(path.choices).as_int();
    at::Tensor weight = mixed.model->tensors[node][0].mul(0);
    weight.select(0, chosen).fill_(1);
    mixed.model->tensors[node][0] = weight.detach().set_requires_grad(true);
    weights.push_back(mixed.model->tensors[node][0]);
  }
  CHECK(weights.size() == 3 * 6);
  const at::Tensor logits = mixed.model->forward(images, {})[0];
  CHECK(largest_difference(logits, expected) < 1e-5);
  logits.square().sum().backward();
  for (const at::Tensor& weight : weights) REQUIRE(weight.grad().defined());
}

TEST_CASE(
    "weight bank: sorting channels leaves the largest subnet and those of trained widths alone") {
  const auto space = space_of("ofa_mobilenetv3");
  WeightBank bank = bank_of(*space, {3, 32, 32});
  disturb(bank.impl());
  const auto subnet = [&](int ratio) {
    std::string ratios;
    for (int i = 0; i < 10; ++i) ratios += (i > 0 ? "," : "") + std::to_string(ratio);
    return space->parse("r=224;d=2,2,2,2,2;k=7,7,7,7,7,7,7,7,7,7;e=" + ratios);
  };
  const at::Tensor images = test::noise({4, 3, 32, 32}, 2);
  const auto logits = [&](int ratio) {
    const c10::NoGradGuard no_grad;
    return borrow(bank, subnet(ratio), Statistics::kOwn)
        .model->forward(images, {.batch_statistics = true})[0];
  };
  std::vector<std::vector<std::uint16_t>> choices(space->decisions().size());
  const auto allow = [&](std::vector<std::uint16_t> ratios) {
    for (std::size_t i = 0; i < choices.size(); ++i) {
      if (space->decisions()[i].kind == DecisionKind::kExpansion) choices[i] = ratios;
    }
  };
  allow({2});
  const at::Tensor large = logits(6), middle = logits(4);
  bank.sort_channels(choices);
  CHECK(largest_difference(large, logits(6)) < 1e-3);
  CHECK(largest_difference(middle, logits(4)) > 1e-2);
  // The slices of the projection now fall in size.
  const std::string project = "stage_1/block_1/mbconv/project/conv2d.weight";
  const at::Tensor sizes = tensor_of(bank, project).detach().abs().sum({0, 2, 3});
  for (std::int64_t c = 1; c < sizes.size(0); ++c) {
    CHECK(sizes[c - 1].item<float>() >= sizes[c].item<float>());
  }
  // With ratio 4 trained as well its channels stay together.
  disturb(bank.impl());
  {
    const c10::NoGradGuard no_grad;
    at::Tensor& weight = tensor_of(bank, project);
    weight.add_(test::noise(weight.sizes(), 77), 0.2);
  }
  allow({1, 2});
  const at::Tensor large_again = logits(6), middle_again = logits(4), small_again = logits(3);
  bank.sort_channels(choices);
  CHECK(largest_difference(large_again, logits(6)) < 1e-3);
  CHECK(largest_difference(middle_again, logits(4)) < 1e-3);
  CHECK(largest_difference(small_again, logits(3)) > 1e-2);
}

TEST_CASE("weight bank: what a file says comes back, and what does not fit changes nothing") {
  const auto space = space_of("nasbench201");
  WeightBank bank = bank_of(*space, {3, 8, 8});
  const TensorFile file = bank.weights();
  WeightBank other(*space->blueprint(task_of(*space, {3, 8, 8}, 4)), RngKey{.seed = 4});
  CHECK((other.weights().tensors != file.tensors));
  other.restore(file, "bank.safetensors");
  CHECK((other.weights().tensors == file.tensors));
  WeightBank wider = bank_of(*space, {3, 8, 8}, 5);
  const TensorFile before = wider.weights();
  try {
    wider.restore(file, "bank.safetensors");
    FAIL("restored weights of another network");
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::kData);
    CHECK(std::string(error.what()).starts_with("bank.safetensors"));
  }
  CHECK((wider.weights().tensors == before.tensors));
}

}  // namespace
}  // namespace nas
