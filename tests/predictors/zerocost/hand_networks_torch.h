#pragma once

#include <ATen/TensorOperators.h>
#include <ATen/ops/concat.h>
#include <ATen/ops/conv1d.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/from_blob.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/ones_like.h>
#include <ATen/ops/softmax.h>

#include <map>
#include <string>
#include <vector>

#include "core/ir/forms/text_form.h"
#include "predictors/zerocost/batches.h"
#include "predictors/zerocost/taps_torch.h"

// Two networks by hand in double precision, one of images and one of sequences, with the weights
// and samples of the engine and nothing else of it.

namespace nas::test {

inline constexpr std::int64_t kClasses = 3;
inline constexpr std::int64_t kSamples = 12;

using Tensors = std::map<std::string, at::Tensor>;

/// What a forward pass by hand leaves.
struct Trace {
  at::Tensor logits;
  std::vector<at::Tensor> rectified;  // what the ReLUs read
  std::vector<at::Tensor> maps;       // every image or sequence that a node makes
  at::Tensor vectors;                 // what a batch normalisation of vectors reads
};

/// Batch normalisation by the mean and biased variance of `statistics`, over all axes but that of
/// the channels.
inline at::Tensor normalised(const at::Tensor& x, const Tensors& tensors, const std::string& node,
                             const at::Tensor& statistics) {
  std::vector<std::int64_t> axes{0}, channels(static_cast<std::size_t>(x.dim()), 1);
  for (std::int64_t axis = 2; axis < x.dim(); ++axis) axes.push_back(axis);
  channels[1] = -1;
  const at::Tensor mean = statistics.mean(axes, true);
  const at::Tensor variance = (statistics - mean).pow(2).mean(axes, true);
  return (x - mean) / (variance + 1e-5).sqrt() * tensors.at(node + ".weight").view(channels) +
         tensors.at(node + ".bias").view(channels);
}

inline at::Tensor linear(const at::Tensor& x, const Tensors& tensors, const std::string& node) {
  return at::matmul(x, tensors.at(node + ".weight").t()) + tensors.at(node + ".bias");
}

inline constexpr const char* kImageText = R"(searchlight-graph 1
%x = input() : float[2,8,8]
%c1 = conv2d(%x) {out_channels=4, kernel=3, padding=1} @stem
%b1 = batch_norm(%c1) @stem
%r1 = relu(%b1) @stem
%c2 = conv2d(%r1) {out_channels=6, kernel=3, stride=2, padding=1} @body
%b2 = batch_norm(%c2) @body
%r2 = relu(%b2) @body
%p = global_avg_pool(%r2) @head
%y = linear(%p) {out_features=3} @head
return logits=%y
)";

inline Trace run_image_network(const Tensors& tensors, const at::Tensor& x, const at::Tensor&) {
  Trace trace;
  const auto block = [&](const at::Tensor& in, const std::string& scope, std::int64_t stride) {
    const at::Tensor c =
        at::conv2d(in, tensors.at(scope + "/conv2d.weight"), {}, {stride, stride}, {1, 1});
    const at::Tensor b = normalised(c, tensors, scope + "/batch_norm", c);
    const at::Tensor r = b.clamp_min(0);
    trace.rectified.push_back(b);
    for (const at::Tensor& map : {c, b, r}) trace.maps.push_back(map);
    return r;
  };
  const at::Tensor r = block(block(x, "stem", 1), "body", 2);
  trace.logits = linear(r.flatten(2).mean(2), tensors, "head/linear");
  return trace;
}

inline constexpr const char* kSequenceText = R"(searchlight-graph 1
%x = input() : float[4,12]
%c1 = conv1d(%x) {out_channels=6, kernel=3, padding=1} @layer_1
%r1 = relu(%c1) @layer_1
%b1 = batch_norm(%r1) @layer_1
%a = conv1d(%b1) {out_channels=6, kernel=1} @pool
%s = softmax(%a) @pool
%w = weighted_stats(%b1, %s) @pool
%n = batch_norm(%w) @pool
%y = linear(%n) {out_features=3} @head
return logits=%y
)";

/// `vectors`: of the samples by which the pooled vectors are normalised; undefined: of x itself.
inline Trace run_sequence_network(const Tensors& tensors, const at::Tensor& x,
                                  const at::Tensor& vectors) {
  Trace trace;
  const at::Tensor c = at::conv1d(x, tensors.at("layer_1/conv1d.weight"), {}, {1}, {1});
  const at::Tensor r = c.clamp_min(0);
  const at::Tensor b = normalised(r, tensors, "layer_1/batch_norm", r);
  const at::Tensor a = at::conv1d(b, tensors.at("pool/conv1d.weight"));
  const at::Tensor s = at::softmax(a, 2);
  const at::Tensor mean = (s * b).sum(2);
  const at::Tensor spread = ((s * b * b).sum(2) - mean * mean).clamp_min(1e-9).sqrt();
  trace.vectors = at::concat({mean, spread}, 1);
  const at::Tensor n = normalised(trace.vectors, tensors, "pool/batch_norm",
                                  vectors.defined() ? vectors : trace.vectors);
  trace.logits = linear(n, tensors, "head/linear");
  trace.rectified = {c};
  trace.maps = {c, r, b, a, s};
  return trace;
}

/// A network in the engine's form and by hand.
struct Example {
  const char* name;
  const char* text;
  Shape input;
  Trace (*run)(const Tensors&, const at::Tensor& x, const at::Tensor& vectors);
  std::vector<std::string> layers;          // weights of convolutions and linear layers, in order
  std::vector<std::size_t> last_of_scopes;  // among Trace::maps: the last node of a scope
};

inline std::vector<Example> examples() {
  return {{"images",
           kImageText,
           {2, 8, 8},
           run_image_network,
           {"stem/conv2d.weight", "body/conv2d.weight", "head/linear.weight"},
           {2, 5}},
          {"sequences",
           kSequenceText,
           {4, 12},
           run_sequence_network,
           {"layer_1/conv1d.weight", "pool/conv1d.weight", "head/linear.weight"},
           {2}}};
}

inline ScoreSettings settings_of_test(std::int64_t batch) {
  ScoreSettings settings;
  settings.batch = batch;
  settings.seed = 7;
  return settings;
}

/// The engine's weights and samples in double precision.
struct Measured {
  explicit Measured(const Example& example, std::int64_t count = kSamples,
                    std::int64_t classes = kClasses)
      : graph(parse_graph(example.text)),
        settings(settings_of_test(count)),
        batches(make_batches(settings, nullptr, example.input, classes, 2)),
        measurement{graph, settings, batches, 0, 0, {.seed = 7, .purpose = Purpose::kInit}},
        model(graph, measurement.key) {}

  Tensors tensors() {
    Tensors copies;
    model.impl().visit([&](const std::string& name, at::Tensor& tensor, const ParamSpec& spec) {
      if (!spec.trainable) return;
      copies[name] = tensor.detach().to(at::kDouble).contiguous().set_requires_grad(true);
      trainable.push_back(name);
    });
    return copies;
  }

  at::Tensor samples(std::size_t batch) {
    std::vector<std::int64_t> sizes{settings.batch};
    const std::span<const std::int64_t> dims = graph.output_types(0)[0].shape.dims();
    sizes.insert(sizes.end(), dims.begin(), dims.end());
    auto* values = const_cast<float*>(batches[batch].inputs.data());
    return at::from_blob(values, sizes, at::TensorOptions(at::kFloat)).to(at::kDouble);
  }

  at::Tensor labels(std::size_t batch) { return label_tensor(batches[batch]); }

  ArchGraph graph;
  ScoreSettings settings;
  std::vector<Batch> batches;
  Measurement measurement;
  Model model;
  std::vector<std::string> trainable;  // names, in node order
};

inline std::vector<at::Tensor> chosen(const Tensors& tensors,
                                      const std::vector<std::string>& names) {
  std::vector<at::Tensor> found;
  for (const std::string& name : names) found.push_back(tensors.at(name));
  return found;
}

inline std::vector<at::Tensor> slopes(const at::Tensor& of, const std::vector<at::Tensor>& by,
                                      bool keep = false) {
  return gradients(of, at::ones_like(of), by, {.keep = keep});
}

/// What a batch normalisation of vectors reads of these samples, as a constant; undefined where
/// there is none.
inline at::Tensor constant_vectors(const Example& example, const Tensors& tensors,
                                   const at::Tensor& samples) {
  const at::Tensor vectors = example.run(tensors, samples, {}).vectors;
  return vectors.defined() ? vectors.detach() : vectors;
}

}  // namespace nas::test
