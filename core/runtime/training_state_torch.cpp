#include "core/runtime/training_state_torch.h"

#include <c10/core/GradMode.h>

#include "core/runtime/curve_text.h"
#include "core/runtime/tensor_store_torch.h"
#include "core/util/file.h"
#include "core/util/text.h"

namespace nas {
namespace {

constexpr const char* kGraphKey = "searchlight.graph";
constexpr const char* kFidelityKey = "searchlight.fidelity";
constexpr const char* kEpochsKey = "searchlight.epochs_done";
constexpr const char* kCurveKey = "searchlight.curve";

/// Calls visit(stored name, tensor) for everything that a checkpoint holds.
void visit_all(TrainingState& state,
               const std::function<void(const std::string&, at::Tensor&)>& visitor) {
  std::vector<std::string> trainable;
  std::size_t index = 0;
  state.trainee.visit([&](const std::string& name, at::Tensor& tensor, const ParamSpec& spec) {
    if (spec.trainable) trainable.push_back(name);
    visitor("model." + name, tensor);
    if (state.average.on()) visitor("average." + name, state.average.tensors()[index]);
    ++index;
  });
  for (auto& [name, tensor] : state.beside) {
    trainable.push_back(name);
    visitor(name, tensor);
  }
  state.rule.visit_state(
      true, [&](const std::string& name, at::Tensor& tensor) { visitor("rule." + name, tensor); });
  state.optimizer.visit_state(
      true, [&](std::size_t parameter, const std::string& name, at::Tensor& tensor) {
        visitor("optimizer." + trainable[parameter] + "." + name, tensor);
      });
}

const std::string& required(const TensorFile& file, const std::string& key,
                            const std::string& name) {
  const auto found = file.metadata.find(key);
  if (found == file.metadata.end()) {
    throw Error(ErrorKind::kData,
                name + ": '" + key + "' is missing; this is not a training checkpoint");
  }
  return found->second;
}

}  // namespace

AveragedWeights::AveragedWeights(std::span<const at::Tensor> tensors, double decay)
    : decay_(decay) {
  if (!on()) return;
  for (const at::Tensor& tensor : tensors) {
    values_.push_back(tensor.detach());
    averages_.push_back(tensor.detach().clone());
  }
}

void AveragedWeights::update() {
  const c10::NoGradGuard no_grad;
  for (std::size_t i = 0; i < values_.size(); ++i) {
    averages_[i].mul_(decay_).add_(values_[i], 1 - decay_);
  }
}

void AveragedWeights::swap() {
  const c10::NoGradGuard no_grad;
  for (std::size_t i = 0; i < values_.size(); ++i) {
    const at::Tensor weight = values_[i].clone();
    values_[i].copy_(averages_[i]);
    averages_[i].copy_(weight);
  }
}

void save_training(TrainingState& state, const std::filesystem::path& path) {
  TensorFile file;
  file.metadata[kGraphKey] = state.trainee.identity();
  file.metadata[kFidelityKey] = state.fidelity;
  file.metadata[kEpochsKey] = std::to_string(state.epochs_done);
  file.metadata[kCurveKey] = curve_text(state.curve);
  // Tensors that no step has reached have no optimiser's state yet; what a first step would make is
  // what is written.
  visit_all(state, [&](const std::string& name, at::Tensor& tensor) {
    file.tensors[name] = store_tensor(tensor);
  });
  write_file_atomically(path, format_tensor_file(file));
}

void resume_training(TrainingState& state, const std::filesystem::path& path) {
  const std::string name = path.string();
  const TensorFile file = parse_tensor_file(read_file(path), name);
  const auto refuse = [&](const std::string& what) {
    throw Error(ErrorKind::kData, name + ": the checkpoint belongs to " + what +
                                      "; use another file or remove this one");
  };
  if (required(file, kGraphKey, name) != state.trainee.identity()) refuse("another network");
  const std::string& fidelity = required(file, kFidelityKey, name);
  if (fidelity != state.fidelity) {
    refuse("another training (" + printable(fidelity) + ", now " + state.fidelity + ")");
  }
  const auto epochs = parse_int(required(file, kEpochsKey, name));
  if (!epochs || *epochs < 0) throw Error(ErrorKind::kData, name + ": bad number of epochs");
  state.curve = parse_curve(required(file, kCurveKey, name), name);
  visit_all(state, [&](const std::string& tensor_name, at::Tensor& tensor) {
    restore_tensor(file, name, tensor_name, tensor);
  });
  state.epochs_done = *epochs;
}

}  // namespace nas
