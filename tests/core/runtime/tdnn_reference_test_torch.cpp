#include <ATen/core/Tensor.h>  // before doctest: glog has a CHECK of its own
#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <string>
#include <vector>

#include "core/runtime/model_torch.h"
#include "searchspaces/registry.h"

// The network of EfficientTDNN beside plain loops that were written from the equations of the paper
// and of its released code, not from our graph.

namespace nas {
namespace {

using Sequence = std::vector<std::vector<double>>;  // [C][T]

/// What other ECAPA-TDNN codes do at the places that are easily got wrong.
struct Mistakes {
  bool norm_before_relu = false;
  bool block_reads_sum = false;  ///< s_(i-1) instead of o_(i-1)
  bool first_group_untouched = false;
};

class Reference {
 public:
  Reference(ModelImpl& model, Mistakes mistakes) : mistakes_(mistakes) {
    model.visit([this](const std::string& name, at::Tensor& tensor, const ParamSpec&) {
      const at::Tensor flat = tensor.detach().contiguous();
      const float* values = flat.data_ptr<float>();
      weights_[name].assign(values, values + flat.numel());
    });
  }

  std::vector<double> embedding(const Sequence& x, const std::vector<std::size_t>& kernels) const {
    const Sequence first = conv_relu_norm(x, "layer_1/", kernels[0], 1);
    Sequence o = first, s = first, all;
    for (std::size_t block = 1; block < kernels.size(); ++block) {
      const std::string scope = "block_" + std::to_string(block) + "/se_res2_block/";
      const Sequence y =
          block_of(mistakes_.block_reads_sum ? s : o, scope, kernels[block], block + 1);
      o = sum(y, s);
      s = sum(s, o);
      all.insert(all.end(), o.begin(), o.end());
    }
    Sequence h = conv(all, "aggregate/", 1, 1);
    for (auto& row : h) std::transform(row.begin(), row.end(), row.begin(), relu);
    Sequence pooled;
    for (const double value : pool(h)) pooled.push_back({value});
    const Sequence normed = norm(pooled, "pool/");
    const std::vector<double>& weight = weights_.at("embedding/linear.weight");
    Sequence embedded;
    for (std::size_t e = 0; e < weights_.at("embedding/linear.bias").size(); ++e) {
      double value = weights_.at("embedding/linear.bias")[e];
      for (std::size_t c = 0; c < normed.size(); ++c) {
        value += weight[e * normed.size() + c] * normed[c][0];
      }
      embedded.push_back({value});
    }
    std::vector<double> result;
    for (const auto& row : norm(embedded, "embedding/")) result.push_back(row[0]);
    return result;
  }

 private:
  static double relu(double x) { return std::max(x, 0.0); }

  static Sequence sum(Sequence a, const Sequence& b) {
    for (std::size_t c = 0; c < a.size(); ++c) {
      for (std::size_t t = 0; t < a[c].size(); ++t) a[c][t] += b[c][t];
    }
    return a;
  }

  /// y[o][t] = sum over i and k of w[o][i][k] x[i][t + (k - middle) dilation], zeros outside.
  Sequence conv(const Sequence& x, const std::string& scope, std::size_t kernel,
                std::size_t dilation) const {
    const std::vector<double>& w = weights_.at(scope + "conv1d.weight");
    const auto frames = static_cast<std::ptrdiff_t>(x[0].size());
    Sequence y(w.size() / (x.size() * kernel), std::vector<double>(x[0].size(), 0.0));
    const auto bias = weights_.find(scope + "conv1d.bias");
    for (std::size_t o = 0; o < y.size(); ++o) {
      if (bias != weights_.end()) std::fill(y[o].begin(), y[o].end(), bias->second[o]);
      for (std::size_t i = 0; i < x.size(); ++i) {
        for (std::size_t k = 0; k < kernel; ++k) {
          const auto shift =
              (static_cast<std::ptrdiff_t>(k) - static_cast<std::ptrdiff_t>(kernel / 2)) *
              static_cast<std::ptrdiff_t>(dilation);
          for (std::ptrdiff_t t = std::max<std::ptrdiff_t>(0, -shift);
               t < std::min(frames, frames - shift); ++t) {
            y[o][static_cast<std::size_t>(t)] +=
                w[(o * x.size() + i) * kernel + k] * x[i][static_cast<std::size_t>(t + shift)];
          }
        }
      }
    }
    return y;
  }

  Sequence norm(Sequence x, const std::string& scope) const {
    const auto of = [&](const char* name) { return weights_.at(scope + "batch_norm." + name); };
    const std::vector<double> gamma = of("weight"), beta = of("bias");
    const std::vector<double> mean = of("running_mean"), variance = of("running_var");
    for (std::size_t c = 0; c < x.size(); ++c) {
      for (double& value : x[c]) {
        value = gamma[c] * (value - mean[c]) / std::sqrt(variance[c] + 1e-5) + beta[c];
      }
    }
    return x;
  }

  Sequence conv_relu_norm(const Sequence& x, const std::string& outer, std::size_t kernel,
                          std::size_t dilation) const {
    const std::string scope = outer + "conv1d_relu_bn/";
    Sequence y = conv(x, scope, kernel, dilation);
    if (mistakes_.norm_before_relu) y = norm(y, scope);
    for (auto& row : y) std::transform(row.begin(), row.end(), row.begin(), relu);
    return mistakes_.norm_before_relu ? y : norm(y, scope);
  }

  Sequence block_of(const Sequence& x, const std::string& scope, std::size_t kernel,
                    std::size_t dilation) const {
    const Sequence inner = conv_relu_norm(x, scope + "expand/", 1, 1);
    const std::size_t width = inner.size() / 8;
    Sequence joined, before;
    for (std::size_t group = 0; group < 8; ++group) {
      const auto begin = inner.begin() + static_cast<std::ptrdiff_t>(group * width);
      Sequence y(begin, begin + static_cast<std::ptrdiff_t>(width));
      const std::size_t untouched = mistakes_.first_group_untouched ? 0 : 7;
      if (group != untouched) {
        if (!before.empty()) y = sum(y, before);
        // Of the seven convolutions, in their order.
        const std::size_t number = mistakes_.first_group_untouched ? group : group + 1;
        y = conv_relu_norm(y, scope + "res2_conv1d/group_" + std::to_string(number) + "/", kernel,
                           dilation);
        before = y;
      }
      joined.insert(joined.end(), y.begin(), y.end());
    }
    Sequence y = conv_relu_norm(joined, scope + "project/", 1, 1);
    Sequence gate;
    for (const auto& row : y) {
      double total = 0;
      for (const double value : row) total += value;
      gate.push_back({total / static_cast<double>(row.size())});
    }
    gate = conv(gate, scope + "squeeze_excite_1d/reduce/", 1, 1);
    for (auto& row : gate) row[0] = relu(row[0]);
    gate = conv(gate, scope + "squeeze_excite_1d/expand/", 1, 1);
    for (std::size_t c = 0; c < y.size(); ++c) {
      for (double& value : y[c]) value /= 1 + std::exp(-gate[c][0]);
    }
    return y;
  }

  std::vector<double> pool(const Sequence& h) const {
    const std::string scope = "pool/attentive_stats_pool/";
    Sequence hidden = conv(h, scope + "hidden/", 1, 1);
    for (auto& row : hidden) {
      for (double& value : row) value = std::tanh(value);
    }
    const Sequence scores = conv(hidden, scope + "weights/", 1, 1);
    std::vector<double> means, deviations;
    for (std::size_t c = 0; c < h.size(); ++c) {
      double total = 0, mean = 0, square = 0;
      for (std::size_t t = 0; t < h[c].size(); ++t) {
        const double weight = std::exp(scores[c][t]);
        total += weight;
        mean += weight * h[c][t];
        square += weight * h[c][t] * h[c][t];
      }
      means.push_back(mean / total);
      deviations.push_back(std::sqrt(std::max(square / total - means[c] * means[c], 1e-9)));
    }
    means.insert(means.end(), deviations.begin(), deviations.end());
    return means;
  }

  std::map<std::string, std::vector<double>> weights_;
  Mistakes mistakes_;
};

/// Statistics and scales as a trained network has them: away from 0 and 1.
void disturb_norms(ModelImpl& model) {
  Rng rng(RngKey{.seed = 4});
  model.visit([&rng](const std::string& name, at::Tensor& tensor, const ParamSpec& spec) {
    if (name.find("batch_norm.") == std::string::npos) return;
    const at::Tensor values = tensor.detach();
    const bool positive = spec.name == "weight" || spec.name == "running_var";
    for (std::int64_t i = 0; i < values.numel(); ++i) {
      values.data_ptr<float>()[i] =
          static_cast<float>(positive ? rng.uniform(0.5, 1.5) : rng.uniform(-0.3, 0.3));
    }
  });
}

double distance(const std::vector<float>& a, const std::vector<double>& b) {
  REQUIRE(a.size() == b.size());
  double largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    largest = std::max(largest, std::abs(static_cast<double>(a[i]) - b[i]));
  }
  return largest;
}

}  // namespace

TEST_CASE("efficient_tdnn: the network computes what the equations say, and no common mistake") {
  const auto space = find_plugin(space_plugins(), "space", "efficient_tdnn").make({});
  Task task = space->info().default_task;
  task.input = {10, 23};
  const Architecture architecture = space->parse("3.128.176.128.256.5.3.5.1.384");
  Model model(space->build(architecture, task), RngKey{.seed = 2});
  disturb_norms(model.impl());
  Rng rng(RngKey{.seed = 6});
  Sequence x(10, std::vector<double>(23));
  std::vector<float> features;
  for (auto& row : x) {
    for (double& value : row) {
      features.push_back(static_cast<float>(rng.normal()));
      value = static_cast<double>(features.back());
    }
  }
  const std::vector<float> computed = model.predict(features, 1);
  const std::vector<std::size_t> kernels{5, 3, 5, 1};
  const auto reference = [&](Mistakes mistakes) {
    return Reference(model.impl(), mistakes).embedding(x, kernels);
  };
  CHECK(distance(computed, reference({})) < 1e-4);
  CHECK(distance(computed, reference({.norm_before_relu = true})) > 0.01);
  CHECK(distance(computed, reference({.block_reads_sum = true})) > 0.01);
  CHECK(distance(computed, reference({.first_group_untouched = true})) > 0.01);
}

TEST_CASE("efficient_tdnn: with classes the logits come first, then the embedding") {
  const auto space = find_plugin(space_plugins(), "space", "efficient_tdnn").make({});
  Task task = space->info().default_task;
  task.input = {12, 7};
  task.classes = 9;
  const ArchGraph graph = space->build(space->parse("2.128.128.128.1.1.1.384"), task);
  REQUIRE(graph.graph_outputs().size() == 2);
  CHECK(graph.graph_outputs()[0].name == "logits");
  CHECK(graph.graph_outputs()[1].name == "embedding");
  CHECK(Model(graph, RngKey{}).predict(std::vector<float>(12 * 7, 0.5F), 1).size() == 9);
}

}  // namespace nas
