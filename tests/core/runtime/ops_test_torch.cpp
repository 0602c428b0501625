#include <ATen/ops/empty_like.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>
#include <c10/core/GradMode.h>
#include <doctest/doctest.h>

#include <cmath>
#include <map>
#include <set>
#include <string>

#include "core/ir/cost.h"
#include "core/ir/forms/text_form.h"
#include "core/ir/same/simplify.h"
#include "core/ops/registry.h"
#include "core/runtime/model_torch.h"
#include "tests/core/runtime/noise_torch.h"
#include "tests/core/runtime/tiny_task.h"

namespace nas {
namespace {

/// The end of a graph that exercises a primitive; %0 is an image [3,5,6] or a sequence [3,7], %1
/// another value of the same shape.
struct OpCase {
  const char* op;
  const char* lines;
  bool sequence = false;
};

constexpr OpCase kCases[] = {
    {"add", "%2 = add(%1, %0, %1)\nreturn y=%2\n"},
    {"avg_pool", "%2 = avg_pool(%1) {kernel=3, stride=2, padding=1}\nreturn y=%2\n"},
    {"batch_norm", "%2 = batch_norm(%1)\nreturn y=%2\n"},
    {"channel_shuffle",
     "%2 = conv2d(%1) {out_channels=6, kernel=1}\n%3 = channel_shuffle(%2) {groups=2}\nreturn "
     "y=%3\n"},
    {"concat", "%2 = concat(%1, %0)\nreturn y=%2\n"},
    {"conv2d",
     "%2 = conv2d(%1) {out_channels=6, kernel=3, stride=2, padding=2, dilation=2, groups=3, "
     "bias=true}\nreturn y=%2\n"},
    {"crop", "%2 = crop(%1) {top=1, left=2}\nreturn y=%2\n"},
    {"dropout", "%2 = dropout(%1) {rate=0.5}\nreturn y=%2\n"},
    {"flatten", "%2 = flatten(%1)\nreturn y=%2\n"},
    {"gelu", "%2 = gelu(%1)\nreturn y=%2\n"},
    {"global_avg_pool", "%2 = global_avg_pool(%1)\nreturn y=%2\n"},
    {"hsigmoid", "%2 = hsigmoid(%1)\nreturn y=%2\n"},
    {"hswish", "%2 = hswish(%1)\nreturn y=%2\n"},
    {"identity", "%2 = identity(%1)\nreturn y=%2\n"},
    {"linear", "%2 = flatten(%1)\n%3 = linear(%2) {out_features=4}\nreturn y=%3\n"},
    {"max_pool", "%2 = max_pool(%1) {kernel=2, stride=2}\nreturn y=%2\n"},
    {"mix", "%2 = mix(%1, %0)\nreturn y=%2\n"},
    {"multiply", "%2 = global_avg_pool(%1) {keep_dims=true}\n%3 = multiply(%1, %2)\nreturn y=%3\n"},
    {"pad", "%2 = pad(%1) {top=1, left=2, right=3}\nreturn y=%2\n"},
    {"relu", "%2 = relu(%1)\nreturn y=%2\n"},
    {"relu6", "%2 = relu6(%1)\nreturn y=%2\n"},
    {"sigmoid", "%2 = sigmoid(%1)\nreturn y=%2\n"},
    {"slice_channels", "%2 = slice_channels(%1) {begin=1, length=2}\nreturn y=%2\n"},
    {"tanh", "%2 = tanh(%1)\nreturn y=%2\n"},
    {"zero", "%2 = zero(%1) {stride=2}\nreturn y=%2\n"},
    {"batch_norm", "%2 = batch_norm(%1)\nreturn y=%2\n", true},
    {"conv1d",
     "%2 = conv1d(%1) {out_channels=6, kernel=3, stride=2, padding=2, dilation=2, groups=3, "
     "bias=true}\nreturn y=%2\n",
     true},
    {"layer_norm", "%2 = layer_norm(%1)\nreturn y=%2\n", true},
    {"multiply", "%2 = global_avg_pool(%1) {keep_dims=true}\n%3 = multiply(%1, %2)\nreturn y=%3\n",
     true},
    {"layer_norm", "%2 = layer_norm(%1) {over_channels=true}\nreturn y=%2\n", true},
    {"softmax", "%2 = softmax(%1)\nreturn y=%2\n", true},
    {"class_token", "%2 = class_token(%1)\nreturn y=%2\n", true},
    {"position_embedding", "%2 = position_embedding(%1)\nreturn y=%2\n", true},
    {"relative_scores",
     "%2 = reshape(%1) {dim0=1, dim1=3, dim2=7}\n%3 = relative_scores(%2) {columns=3, "
     "reach=1}\nreturn y=%3\n",
     true},
    {"relative_values",
     "%2 = swap_axes(%1)\n%3 = matmul(%2, %1)\n%4 = reshape(%3) {dim0=1, dim1=7, dim2=7}\n%5 = "
     "relative_values(%4) {channels=2, columns=3, reach=1}\nreturn y=%5\n",
     true},
    {"matmul", "%2 = swap_axes(%1)\n%3 = matmul(%1, %2)\nreturn y=%3\n", true},
    {"reshape", "%2 = reshape(%1) {dim0=7, dim1=3}\nreturn y=%2\n", true},
    {"scale_by", "%2 = scale_by(%1) {factor=-0.5}\nreturn y=%2\n", true},
    {"swap_axes", "%2 = swap_axes(%1)\nreturn y=%2\n", true},
    {"token_linear", "%2 = token_linear(%1) {out_features=4}\nreturn y=%2\n", true},
    {"weighted_stats", "%2 = softmax(%1)\n%3 = weighted_stats(%0, %2)\nreturn y=%3\n", true},
};

ArchGraph case_graph(const OpCase& test) {
  // The convolution before the operation gives every case a parameter, so that the gradient arrives
  // somewhere.
  const std::string start = test.sequence
                                ? "%0 = input() : float[3,7]\n"
                                  "%1 = conv1d(%0) {out_channels=3, kernel=3, padding=1}\n"
                                : "%0 = input() : float[3,5,6]\n"
                                  "%1 = conv2d(%0) {out_channels=3, kernel=3, padding=1}\n";
  return parse_graph("searchlight-graph 1\n" + start + test.lines);
}

/// Sizes of two samples.
std::vector<std::int64_t> batch_of_two(const ArchGraph& graph) {
  std::vector<std::int64_t> sizes{2};
  for (const std::int64_t dim : graph.output_types(0)[0].shape.dims()) sizes.push_back(dim);
  return sizes;
}

/// A fixed weighting makes the scalar sensitive to every output element.
at::Tensor weighted_sum(const at::Tensor& y) {
  at::Tensor weights = at::empty_like(y).detach();
  weights = weights.reshape({-1});
  for (std::int64_t i = 0; i < weights.numel(); ++i) {
    weights.data_ptr<double>()[i] = std::sin(1.0 + static_cast<double>(i));
  }
  return y.reshape({-1}).mul(weights).sum();
}

/// Element `index` in row-major order, whatever the layout.
double& element(const at::Tensor& tensor, std::int64_t index) {
  std::int64_t offset = 0;
  for (std::int64_t dim = tensor.dim(); dim-- > 0;) {
    offset += index % tensor.size(dim) * tensor.stride(dim);
    index /= tensor.size(dim);
  }
  return tensor.data_ptr<double>()[offset];
}

struct Checker {
  ModelImpl& model;
  at::Tensor images;

  at::Tensor scalar() const {
    Rng chance(RngKey{.seed = 3});  // the same dropout mask every time
    return weighted_sum(
        model.forward(images, {.training = true, .batch_statistics = true, .chance = &chance})[0]);
  }

  /// Compares the engine's gradient with central differences for every element of `variable`.
  void check(at::Tensor& variable, const std::string& name) const {
    at::Tensor values = variable.detach();  // shares memory
    const at::Tensor gradient =
        variable.grad().defined() ? variable.grad() : at::zeros_like(values);
    constexpr double kStep = 1e-6;
    const c10::NoGradGuard no_grad;
    for (std::int64_t i = 0; i < values.numel(); ++i) {
      double& value = element(values, i);
      const double before = value;
      value = before + kStep;
      const double high = scalar().item<double>();
      value = before - kStep;
      const double low = scalar().item<double>();
      value = before;
      CAPTURE(name);
      CAPTURE(i);
      CHECK(element(gradient, i) ==
            doctest::Approx((high - low) / (2 * kStep)).epsilon(1e-5).scale(1));
    }
  }
};

}  // namespace

TEST_CASE("runtime: the gradient of every primitive agrees with finite differences") {
  std::set<std::string_view> covered{"input"};
  for (const OpCase& test : kCases) {
    CAPTURE(test.op);
    covered.insert(test.op);
    const ArchGraph graph = case_graph(test);
    ModelImpl model(graph, RngKey{.seed = 5});
    model.set_precision(at::kDouble);
    at::Tensor images = at::empty(batch_of_two(graph), at::TensorOptions(at::kDouble));
    if (!test.sequence) images = images.contiguous(at::MemoryFormat::ChannelsLast);
    Rng rng(RngKey{.seed = 9});
    for (std::int64_t i = 0; i < images.numel(); ++i)
      images.data_ptr<double>()[i] = 2 * rng.normal();
    images.set_requires_grad(true);
    const Checker checker{model, images};
    const at::Tensor scalar = checker.scalar();
    if (scalar.requires_grad()) scalar.backward();  // `zero` is a constant
    checker.check(images, "images");
    for (at::Tensor& parameter : model.parameters()) checker.check(parameter, "parameter");
  }
  for (const OpSchema* op : all_ops()) {
    CAPTURE(op->name);
    if (!op->is_macro() && op->role != OpRole::kGate) CHECK(covered.contains(op->name));
  }
}

TEST_CASE("runtime: every primitive makes of zeros what its schema says") {
  for (const OpCase& test : kCases) {
    CAPTURE(test.op);
    const ArchGraph graph = case_graph(test);
    const NodeId last = graph.graph_outputs()[0].value.node;
    const ZeroRule rule = graph.op(last).zero_rule;
    const bool zeros =
        rule == ZeroRule::kUnbiased ? !graph.get_bool(last, "bias") : rule != ZeroRule::kUnknown;
    ModelImpl model(graph, RngKey{.seed = 5});
    const c10::NoGradGuard no_grad;
    for (at::Tensor& tensor : model.tensors[last]) tensor.add_(0.5);  // no bias stays at 0
    const at::Tensor y = model.forward(at::zeros(batch_of_two(graph)), {})[0];
    CHECK((y.abs().max().item<float>() == 0) == zeros);
  }
}

TEST_CASE("runtime: pointwise operations follow their formulas") {
  const auto apply = [](const char* op, float x) {
    const ArchGraph graph =
        parse_graph("searchlight-graph 1\n%0 = input() : float[1]\n%1 = " + std::string(op) +
                    "(%0)\nreturn y=%1\n");
    return static_cast<double>(Model(graph, RngKey{}).predict(std::vector<float>{x}, 1)[0]);
  };
  for (const float x : {-4.0F, -1.5F, 0.0F, 0.7F, 2.0F, 7.0F}) {
    CAPTURE(x);
    const double v = x;
    const double ramp = std::min(std::max(v + 3, 0.0), 6.0) / 6;
    CHECK(apply("relu", x) == doctest::Approx(std::max(v, 0.0)));
    CHECK(apply("relu6", x) == doctest::Approx(std::min(std::max(v, 0.0), 6.0)));
    CHECK(apply("hsigmoid", x) == doctest::Approx(ramp));
    CHECK(apply("hswish", x) == doctest::Approx(v * ramp));
    CHECK(apply("sigmoid", x) == doctest::Approx(1 / (1 + std::exp(-v))));
    CHECK(apply("tanh", x) == doctest::Approx(std::tanh(v)));
    CHECK(apply("gelu", x) ==
          doctest::Approx(v * 0.5 * (1 + std::erf(v / std::sqrt(2.0)))).epsilon(1e-4));
    CHECK(apply("dropout", x) == doctest::Approx(v));
  }
}

TEST_CASE("runtime: channel shuffle interleaves the groups") {
  const ArchGraph graph = parse_graph(
      "searchlight-graph 1\n%0 = input() : float[6,1,1]\n%1 = channel_shuffle(%0) {groups=2}\n"
      "%2 = flatten(%1)\nreturn y=%2\n");
  const std::vector<float> y =
      Model(graph, RngKey{}).predict(std::vector<float>{0, 1, 2, 3, 4, 5}, 1);
  CHECK(y == std::vector<float>{0, 3, 1, 4, 2, 5});
}

TEST_CASE(
    "runtime: initial weights depend on the parameter's path, not on its place in the graph") {
  const std::string head = "searchlight-graph 1\n%0 = input() : float[3,4,4]\n";
  const ArchGraph one =
      parse_graph(head + "%1 = conv2d(%0) {out_channels=2, kernel=3} @a\nreturn y=%1\n");
  const ArchGraph two =
      parse_graph(head +
                  "%1 = conv2d(%0) {out_channels=5, kernel=1} @b\n"
                  "%2 = conv2d(%0) {out_channels=2, kernel=3} @a\nreturn y=%2, z=%1\n");
  const std::vector<float> image(48, 0.25F);
  CHECK(Model(one, RngKey{.seed = 1}).predict(image, 1) ==
        Model(two, RngKey{.seed = 1}).predict(image, 1));
  CHECK(Model(one, RngKey{.seed = 1}).predict(image, 1) !=
        Model(one, RngKey{.seed = 2}).predict(image, 1));
  const ModelImpl model(one, RngKey{.seed = 1});
  const double bound = 1 / std::sqrt(27.0);
  CHECK(model.tensors[1][0].abs().max().item<double>() <= bound);
  CHECK(model.tensors[1][0].abs().max().item<double>() > 0.8 * bound);
}

TEST_CASE("runtime: the parameters of a network are those that the graph counts") {
  for (const std::string& cell : test::random_cells(4)) {
    const ArchGraph graph = bench::nb201_network(cell, 4, 1, 8);
    CHECK(Model(graph, RngKey{}).parameter_count() == graph_cost(graph).params);
  }
}

TEST_CASE("runtime: a simplified network computes the same function") {
  for (const std::string& cell : test::random_cells(8)) {
    CAPTURE(cell);
    const ArchGraph graph = bench::nb201_network(cell, 4, 1, 8);
    const ArchGraph small = simplified(graph);
    ModelImpl full(graph, RngKey{.seed = 2});
    ModelImpl reduced(small, RngKey{.seed = 2});
    const at::Tensor images = test::noise({4, 3, 8, 8}, 11);
    const ForwardOptions options{.batch_statistics = true};
    const at::Tensor a = full.forward(images, options)[0];
    const at::Tensor b = reduced.forward(images, options)[0];
    CHECK(a.sub(b).abs().max().item<double>() < 1e-4);
    a.sum().backward();
    b.sum().backward();
    // Same paths, same gradients.
    std::map<std::string, at::Tensor> gradients;
    full.visit([&](const std::string& name, at::Tensor& t, const ParamSpec&) {
      gradients[name] = t.grad();
    });
    reduced.visit([&](const std::string& name, at::Tensor& t, const ParamSpec& spec) {
      if (!spec.trainable) return;
      CAPTURE(name);
      REQUIRE(gradients.contains(name));
      REQUIRE(t.grad().defined() == gradients[name].defined());
      if (!t.grad().defined()) return;  // a cell of zeros: nothing flows back
      CHECK(gradients[name].sub(t.grad()).abs().max().item<double>() < 1e-3);
    });
  }
}

TEST_CASE("runtime: overwriting and dropping tensors changes neither outputs nor gradients") {
  for (const std::string& cell : test::random_cells(4)) {
    CAPTURE(cell);
    const ArchGraph graph = bench::nb201_network(cell, 4, 1, 8);
    ModelImpl quick(graph, RngKey{.seed = 2});
    ModelImpl plain(graph, RngKey{.seed = 2});
    const at::Tensor images = test::noise({4, 3, 8, 8}, 12);
    std::size_t seen = 0;
    // A tap switches overwriting off; all_nodes runs dead branches as well.
    const Tap tap = [&](NodeId, std::span<const at::Tensor>, const at::Tensor&) { ++seen; };
    const at::Tensor a = quick.forward(images, {.batch_statistics = true})[0];
    const at::Tensor b =
        plain.forward(images, {.batch_statistics = true, .all_nodes = true, .tap = tap})[0];
    CHECK(seen == graph.size() - 1);
    CHECK(a.sub(b).abs().max().item<double>() < 1e-5);
    a.square().sum().backward();
    b.square().sum().backward();
    const auto p = quick.parameters();
    const auto q = plain.parameters();
    for (std::size_t i = 0; i < p.size(); ++i) {
      const bool both = p[i].grad().defined() && q[i].grad().defined();
      if (both) CHECK(p[i].grad().sub(q[i].grad()).abs().max().item<double>() < 1e-3);
      // Behind a zero there is no gradient on one side and a gradient of zeros on the other.
      if (!both && q[i].grad().defined()) CHECK(q[i].grad().abs().max().item<double>() == 0);
    }
  }
}

}  // namespace nas
