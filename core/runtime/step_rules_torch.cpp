#include <cmath>

#include "core/runtime/distill/distiller_torch.h"
#include "core/runtime/step_rule_torch.h"
#include "core/util/text.h"

namespace nas {
namespace {

/// By number; 0, which is the main output, where there is none.
std::size_t auxiliary_output(const ArchGraph& graph) {
  const auto outputs = graph.graph_outputs();
  for (std::size_t i = 1; i < outputs.size(); ++i) {
    if (outputs[i].name == "auxiliary") return i;
  }
  return 0;
}

void check_auxiliary(const TrainedNetwork& network) {
  if (network.auxiliary_weight <= 0 || auxiliary_output(network.model.graph) > 0) return;
  throw Error(ErrorKind::kUsage,
              "auxiliary_weight = " + format_double(network.auxiliary_weight) +
                  ", but the network has no output 'auxiliary'; build it with an auxiliary head");
}

class PlainRule final : public StepRule {
 public:
  explicit PlainRule(const TrainedNetwork& network) : network_(network) {
    check_auxiliary(network);
  }

  StepOutcome accumulate(const TensorBatch& batch, const StepContext& context) override {
    const std::vector<at::Tensor> outputs = network_.model.forward(
        batch.inputs, {.training = true, .batch_statistics = true, .chance = &context.chance});
    const double loss = backward(label_loss(network_, outputs, batch.labels));
    return {loss, network_.head.class_scores(outputs[0])};
  }

 private:
  TrainedNetwork network_;
};

class DistilledRule final : public StepRule {
 public:
  DistilledRule(const TrainedNetwork& network, const DistillSetup& setup, std::uint64_t seed)
      : network_(network), distiller_(network.model, setup, seed) {
    check_auxiliary(network);
  }

  StepOutcome accumulate(const TensorBatch& batch, const StepContext& context) override {
    DistillFeatures features;
    const std::vector<at::Tensor> outputs =
        network_.model.forward(batch.inputs, {.training = true,
                                              .batch_statistics = true,
                                              .chance = &context.chance,
                                              .tap = distiller_.collect(features)});
    features.logits = outputs[0];
    const double loss = backward(distiller_.loss(features, batch.inputs, batch.labels,
                                                 label_loss(network_, outputs, batch.labels)));
    return {loss, network_.head.class_scores(outputs[0])};
  }

  NamedTensors& tensors() override { return distiller_.adapters(); }

 private:
  TrainedNetwork network_;
  Distiller distiller_;
};

}  // namespace

at::Tensor label_loss(const TrainedNetwork& network, std::span<const at::Tensor> outputs,
                      const at::Tensor& labels) {
  const at::Tensor loss = network.head.loss(outputs[0], labels);
  if (network.auxiliary_weight <= 0) return loss;
  const at::Tensor& auxiliary = outputs[auxiliary_output(network.model.graph)];
  return loss.add(network.head.loss(auxiliary, labels), network.auxiliary_weight);
}

double backward(const at::Tensor& loss) {
  const auto value = loss.item<double>();
  if (std::isfinite(value)) loss.backward();
  return value;
}

std::unique_ptr<StepRule> plain_rule(const TrainedNetwork& network) {
  return std::make_unique<PlainRule>(network);
}

std::unique_ptr<StepRule> distilled_rule(const TrainedNetwork& network, const DistillSetup& setup,
                                         std::uint64_t seed) {
  return std::make_unique<DistilledRule>(network, setup, seed);
}

}  // namespace nas
