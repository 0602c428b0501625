#include "core/runtime/supernet/supernet_trainer.h"

#include <c10/core/GradMode.h>

#include "core/ops/registry.h"
#include "core/runtime/evaluate_torch.h"
#include "core/runtime/supernet/bank_trainee_torch.h"
#include "core/runtime/supernet/entries_torch.h"
#include "core/runtime/supernet/path_rule_torch.h"

namespace nas {
namespace {

/// Fixed subnets that the training is watched by.
std::vector<TracedGraph> probe_graphs(const WeightBankImpl& bank, const PathTraining& training,
                                      std::uint64_t seed) {
  PathTraining one = training;
  one.sampling = PathSampling::kUniform;
  one.paths = 1;
  const PathDraw draw(one);
  const Rng random({.seed = seed, .trial = 1, .purpose = Purpose::kPaths});
  std::vector<TracedGraph> graphs;
  for (std::int64_t i = 0; i < training.probes; ++i) {
    Rng rng = random.stream(static_cast<std::uint64_t>(i));
    graphs.push_back(resolve_traced(*bank.blueprint, draw.draw(rng).front().choices));
  }
  return graphs;
}

/// Gives a fresh head what the bank's last training left, where it is of the same kind.
void continue_head(const NamedTensors& last, const LossHead& head) {
  const c10::NoGradGuard no_grad;
  for (const auto& [name, tensor] : head.tensors()) {
    for (const auto& [last_name, value] : last) {
      if (last_name == name && value.sizes() == tensor.sizes()) at::Tensor(tensor).copy_(value);
    }
  }
}

NamedTensors copy_of(const NamedTensors& tensors) {
  NamedTensors copies;
  for (const auto& [name, tensor] : tensors) copies.emplace_back(name, tensor.detach().clone());
  return copies;
}

TrainReport train_bank(WeightBankImpl& bank, const PathTraining& training,
                       const TrainSetup& setup) {
  const Problem& problem = *setup.problem;
  const auto seed = static_cast<std::uint64_t>(setup.recipe.seed);
  const TracedGraph largest = resolve_traced(*bank.blueprint, largest_subnet(training).choices);
  check_trainable(largest.graph, setup);
  const Shape& output = largest.graph.type(largest.graph.graph_outputs()[0].value).shape;
  const auto head = make_loss_head(problem, setup.recipe, output[0], bank.device);
  continue_head(bank.head, *head);
  const auto rule = path_rule(bank, *head, training, seed);
  BankTrainee trainee(bank, setup, *head, probe_graphs(bank, training, seed));
  const std::string fidelity =
      training_text(problem, setup.recipe, nullptr) + "; " + path_training_text(training);
  const TrainReport report = run_training({trainee, *rule, *head, fidelity}, setup, false);
  bank.head = copy_of(head->tensors());
  return report;
}

}  // namespace

BankTrainee::BankTrainee(WeightBankImpl& bank, const TrainSetup& setup, const LossHead& head,
                         std::vector<TracedGraph> probes)
    : bank_(bank), setup_(setup), head_(head), probes_(std::move(probes)) {
  if (setup.recipe.precision != "float32") {
    throw Error(ErrorKind::kUnsupported,
                "precision = " + setup.recipe.precision + ": supernets are trained in float32");
  }
}

std::string BankTrainee::identity() const {
  std::string text;
  for (const SharedTensor& tensor : bank_.shared->list) {
    text += tensor.name + " " + to_string(tensor.spec.shape) + "\n";
  }
  return text;
}

const Shape& BankTrainee::input() const {
  for (const BlueprintNode& node : bank_.blueprint->nodes) {
    if (node.op == &input_op) return node.input_type.shape;
  }
  throw Error(ErrorKind::kInternal, "a blueprint without an input");
}

std::vector<NamedValue> BankTrainee::judge(Part part, std::vector<std::uint32_t> samples) {
  std::vector<NamedValue> mean;
  const EvaluationSetup setup{*setup_.problem, setup_.recipe, part, std::move(samples)};
  for (const TracedGraph& probe : probes_) {
    const BorrowedModel subnet = bank_.borrow(probe, Statistics::kOwn);
    const std::vector<NamedValue> values = judge_network(*subnet.model, setup, &head_, true);
    if (mean.empty()) {
      for (const NamedValue& value : values) mean.push_back({value.name, 0});
    }
    for (std::size_t i = 0; i < mean.size(); ++i) {
      mean[i].value += values[i].value / static_cast<double>(probes_.size());
    }
  }
  return mean;
}

namespace on_torch {

TrainReport train_paths(WeightBank& bank, const PathTraining& training, const TrainSetup& setup) {
  TrainReport report;
  translate_torch_errors("training a supernet",
                         [&] { report = train_bank(bank.impl(), training, setup); });
  return report;
}

std::vector<NamedValue> evaluate_subnet(const WeightBank& bank, Choices choices,
                                        const SubnetEvaluation& setup) {
  std::vector<NamedValue> values;
  translate_torch_errors("evaluating a subnet", [&] {
    const BorrowedModel subnet =
        bank.impl().borrow(resolve_traced(bank.blueprint(), choices), Statistics::kOwn);
    if (setup.statistics == SubnetStatistics::kRecalibrated) {
      recalibrate(*subnet.model, setup.samples.problem, setup.samples.recipe, setup.recalibration);
    }
    values = judge_network(*subnet.model, setup.samples, nullptr,
                           setup.statistics == SubnetStatistics::kBatch);
  });
  return values;
}

}  // namespace on_torch
}  // namespace nas
