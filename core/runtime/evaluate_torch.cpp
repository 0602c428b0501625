#include "core/runtime/evaluate_torch.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/var_mean.h>
#include <ATen/ops/zeros_like.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <cstring>

#include "core/runtime/entries_torch.h"
#include "core/util/spread.h"

namespace nas {
namespace {

/// Calls body(batch, its tensors) for chosen samples, without gradients. `augment`: as in training.
void run_batches(ModelImpl& model, const EvaluationSetup& setup,
                 const std::function<void(const Batch&, const TensorBatch&)>& body,
                 bool augment = false) {
  check_fits(model.graph, setup.problem, setup.recipe);
  const c10::NoGradGuard no_grad;
  const auto source = setup.problem.batches(
      setup.part, setup.samples ? *setup.samples : all_samples(setup.problem, setup.part),
      setup.recipe,
      {.batch = setup.batch,
       .augment = augment,
       .seed = static_cast<std::uint64_t>(setup.recipe.seed)});
  source->start_epoch(0);
  const Shape& input = model.graph.output_types(model.graph.graph_inputs()[0])[0].shape;
  Batch batch;
  while (source->next(batch)) body(batch, tensor_batch(batch, input, model.device));
}

/// [N, F] as floats on the host.
at::Tensor host_rows(const at::Tensor& outputs) {
  return outputs.detach().to(at::kCPU, at::kFloat).contiguous();
}

std::span<const float> values_of(const at::Tensor& rows) {
  return {rows.data_ptr<float>(), static_cast<std::size_t>(rows.numel())};
}

/// Running means of the inputs' statistics, for one batch normalisation.
struct Calibration {
  at::Tensor mean;
  at::Tensor variance;
  double samples = 0;

  void add(const at::Tensor& x) {
    std::vector<std::int64_t> dims{0};  // all but the channels
    for (std::int64_t dim = 2; dim < x.dim(); ++dim) dims.push_back(dim);
    const auto [batch_variance, batch_mean] =
        at::var_mean(x.to(at::kFloat), dims, /*unbiased=*/false);
    const auto n = static_cast<double>(x.size(0));
    if (samples == 0) {
      mean = at::zeros_like(batch_mean);
      variance = at::zeros_like(batch_variance);
    }
    samples += n;
    mean.add_(batch_mean.sub(mean), n / samples);
    variance.add_(batch_variance.sub(variance), n / samples);
  }
};

/// The same samples so that every batch is like the whole: in random order, for data often stands
/// class by class, and without a small last batch.
EvaluationSetup mixed(const EvaluationSetup& setup) {
  EvaluationSetup result = setup;
  if (!result.samples) result.samples = all_samples(setup.problem, setup.part);
  Rng({.seed = static_cast<std::uint64_t>(setup.recipe.seed), .purpose = Purpose::kShuffle})
      .shuffle(std::span(*result.samples));
  const auto count = static_cast<std::int64_t>(result.samples->size());
  const std::int64_t batches = std::max<std::int64_t>(1, (count + setup.batch - 1) / setup.batch);
  result.batch = std::max<std::int64_t>(1, (count + batches - 1) / batches);
  return result;
}

}  // namespace

TensorBatch tensor_batch(const Batch& batch, const Shape& input, at::Device device) {
  at::Tensor labels = at::empty({batch.size()}, at::TensorOptions(at::kLong));
  std::memcpy(labels.data_ptr<std::int64_t>(), batch.labels.data(),
              batch.labels.size() * sizeof(std::int64_t));
  return {image_tensor(batch.inputs, input, batch.size(), device), labels.to(device)};
}

void judge_outputs(Judge& judge, const Batch& batch, const at::Tensor& outputs) {
  judge.add(batch.samples, values_of(host_rows(outputs)));
}

std::vector<NamedValue> judge_network(ModelImpl& impl, const EvaluationSetup& given,
                                      const LossHead* head, bool batch_statistics) {
  const ForwardOptions forward{.batch_statistics = batch_statistics};
  const EvaluationSetup setup = batch_statistics ? mixed(given) : given;
  const auto judge = setup.problem.judge(setup.part, setup.recipe);
  const std::vector<std::uint32_t> references = judge->references();
  if (!references.empty()) {
    const EvaluationSetup others{setup.problem, setup.recipe, Part::kTraining, references,
                                 setup.batch};
    run_batches(impl, others, [&](const Batch& batch, const TensorBatch& tensors) {
      const at::Tensor rows = host_rows(impl.forward(tensors.inputs, forward)[0]);
      judge->add_references(batch.samples, values_of(rows));
    });
  }
  run_batches(impl, setup, [&](const Batch& batch, const TensorBatch& tensors) {
    const at::Tensor outputs = impl.forward(tensors.inputs, forward)[0];
    judge_outputs(*judge, batch, outputs);
    if (head == nullptr || head->tensors().empty()) return;
    const at::Tensor scores = host_rows(head->class_scores(outputs));
    judge->add_class_scores(batch.samples, values_of(scores));
  });
  return judge->values();
}

std::vector<NamedValue> on_torch::evaluate(Model& model, const EvaluationSetup& setup) {
  std::vector<NamedValue> values;
  translate_torch_errors("evaluate", [&] { values = judge_network(model.impl(), setup, nullptr); });
  return values;
}

std::vector<float> on_torch::answers(Model& model, const EvaluationSetup& setup) {
  std::vector<float> all;
  translate_torch_errors("evaluate", [&] {
    run_batches(model.impl(), setup, [&](const Batch&, const TensorBatch& tensors) {
      const at::Tensor rows = host_rows(model.impl().forward(tensors.inputs, {})[0]);
      const std::span<const float> values = values_of(rows);
      all.insert(all.end(), values.begin(), values.end());
    });
  });
  return all;
}

void on_torch::observe_nodes(Model& model, const EvaluationSetup& setup,
                             const NodeObserver& observer) {
  translate_torch_errors("evaluate", [&] {
    const NodeId input = model.graph().graph_inputs()[0];
    const ForwardOptions forward{
        .tap = [&](NodeId node, std::span<const at::Tensor>, const at::Tensor& output) {
          const at::Tensor values = host_rows(output);
          observer(node, values_of(values));
        }};
    run_batches(model.impl(), setup, [&](const Batch& batch, const TensorBatch& tensors) {
      observer(input, batch.inputs);
      model.impl().forward(tensors.inputs, forward);
    });
  });
}

void recalibrate(ModelImpl& impl, const Problem& problem, const Recipe& recipe,
                 const Recalibration& options) {
  std::vector<Calibration> calibrations(impl.graph.size());
  ForwardOptions forward{.batch_statistics = true};
  forward.tap = [&](NodeId node, std::span<const at::Tensor> inputs, const at::Tensor&) {
    if (has_running_statistics(impl.graph, node)) calibrations[node].add(inputs[0]);
  };
  const EvaluationSetup setup =
      mixed({problem, recipe, Part::kTraining, spread(problem.split(recipe).train, options.samples),
             options.batch});
  constexpr bool kAugment = true;
  run_batches(
      impl, setup,
      [&](const Batch&, const TensorBatch& tensors) { impl.forward(tensors.inputs, forward); },
      kAugment);
  const c10::NoGradGuard no_grad;
  for (NodeId node = 0; node < impl.graph.size(); ++node) {
    if (calibrations[node].samples == 0) continue;
    const auto mean = static_cast<std::size_t>(param_index(impl.graph, node, "running_mean"));
    const auto variance = static_cast<std::size_t>(param_index(impl.graph, node, "running_var"));
    impl.tensors[node][mean].copy_(calibrations[node].mean);
    impl.tensors[node][variance].copy_(calibrations[node].variance);
  }
}

void on_torch::recalibrate_batch_norm(Model& model, const Problem& problem, const Recipe& recipe,
                                      const Recalibration& options) {
  translate_torch_errors("batch norm calibration",
                         [&] { recalibrate(model.impl(), problem, recipe, options); });
}

}  // namespace nas
