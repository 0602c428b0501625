#include "core/runtime/optimizer_torch.h"

#include <ATen/ops/norm.h>
#include <ATen/ops/scalar_tensor.h>
#include <ATen/ops/zeros_like.h>
#include <c10/core/GradMode.h>
#include <torch/optim/adagrad.h>
#include <torch/optim/adam.h>
#include <torch/optim/adamw.h>
#include <torch/optim/rmsprop.h>
#include <torch/optim/sgd.h>

#include <cmath>
#include <sstream>
#include <type_traits>

#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

using torch::optim::OptimizerParamState;

/// LibTorch 1.13 keys the state by the address as text, 2.x by the address.
template <class Map>
typename Map::key_type state_key(const at::Tensor& parameter) {
  if constexpr (std::is_same_v<typename Map::key_type, std::string>) {
    std::ostringstream text;
    text << parameter.unsafeGetTensorImpl();
    return text.str();
  } else {
    return parameter.unsafeGetTensorImpl();
  }
}

using TensorVisitor = std::function<void(const std::string&, at::Tensor&)>;

/// Optimisers differ in options and state, nothing else.
struct Kind {
  std::string name;
  std::unique_ptr<torch::optim::Optimizer> (*make)(const Recipe&, std::vector<at::Tensor>);
  void (*set_rate)(torch::optim::OptimizerOptions&, double);
  void (*set_decay)(torch::optim::OptimizerOptions&, double);
  /// State before the first step; null: there is none.
  std::unique_ptr<OptimizerParamState> (*fresh)(const at::Tensor& parameter, const Recipe&);
  void (*visit)(OptimizerParamState&, const TensorVisitor&);
};

/// The number of steps of a state, which is kept as a tensor like all else.
template <class State>
void visit_step(State& state, const TensorVisitor& visitor) {
  at::Tensor step =
      at::scalar_tensor(static_cast<double>(state.step()), at::TensorOptions(at::kDouble));
  visitor("step", step);
  state.step(static_cast<std::int64_t>(step.item<double>()));
}

template <class State>
std::unique_ptr<OptimizerParamState> fresh_adam(const at::Tensor& parameter, const Recipe&) {
  auto state = std::make_unique<State>();
  state->step(0);
  state->exp_avg(at::zeros_like(parameter));
  state->exp_avg_sq(at::zeros_like(parameter));
  return state;
}

template <class State>
void visit_adam(OptimizerParamState& base, const TensorVisitor& visitor) {
  auto& state = static_cast<State&>(base);
  visit_step(state, visitor);
  visitor("exp_avg", state.exp_avg());
  visitor("exp_avg_sq", state.exp_avg_sq());
}

template <class Options>
void set_rate(torch::optim::OptimizerOptions& options, double rate) {
  static_cast<Options&>(options).lr(rate);
}

template <class Options>
void set_decay(torch::optim::OptimizerOptions& options, double decay) {
  static_cast<Options&>(options).weight_decay(decay);
}

const Kind kKinds[] = {
    {"sgd",
     [](const Recipe& r, std::vector<at::Tensor> p) -> std::unique_ptr<torch::optim::Optimizer> {
       torch::optim::SGDOptions options(r.learning_rate);
       options.momentum(r.momentum)
           .weight_decay(r.weight_decay)
           .nesterov(r.nesterov && r.momentum > 0);
       return std::make_unique<torch::optim::SGD>(std::move(p), options);
     },
     set_rate<torch::optim::SGDOptions>, set_decay<torch::optim::SGDOptions>,
     [](const at::Tensor& parameter, const Recipe& r) -> std::unique_ptr<OptimizerParamState> {
       if (r.momentum == 0) return nullptr;
       auto state = std::make_unique<torch::optim::SGDParamState>();
       state->momentum_buffer(at::zeros_like(parameter));
       return state;
     },
     [](OptimizerParamState& base, const TensorVisitor& visitor) {
       visitor("momentum_buffer",
               static_cast<torch::optim::SGDParamState&>(base).momentum_buffer());
     }},
    {"adam",
     [](const Recipe& r, std::vector<at::Tensor> p) -> std::unique_ptr<torch::optim::Optimizer> {
       torch::optim::AdamOptions options(r.learning_rate);
       options.weight_decay(r.weight_decay);
       return std::make_unique<torch::optim::Adam>(std::move(p), options);
     },
     set_rate<torch::optim::AdamOptions>, set_decay<torch::optim::AdamOptions>,
     fresh_adam<torch::optim::AdamParamState>, visit_adam<torch::optim::AdamParamState>},
    {"adamw",
     [](const Recipe& r, std::vector<at::Tensor> p) -> std::unique_ptr<torch::optim::Optimizer> {
       torch::optim::AdamWOptions options(r.learning_rate);
       options.weight_decay(r.weight_decay);
       return std::make_unique<torch::optim::AdamW>(std::move(p), options);
     },
     set_rate<torch::optim::AdamWOptions>, set_decay<torch::optim::AdamWOptions>,
     fresh_adam<torch::optim::AdamWParamState>, visit_adam<torch::optim::AdamWParamState>},
    {"rmsprop",
     [](const Recipe& r, std::vector<at::Tensor> p) -> std::unique_ptr<torch::optim::Optimizer> {
       torch::optim::RMSpropOptions options(r.learning_rate);
       options.momentum(r.momentum).weight_decay(r.weight_decay);
       return std::make_unique<torch::optim::RMSprop>(std::move(p), options);
     },
     set_rate<torch::optim::RMSpropOptions>, set_decay<torch::optim::RMSpropOptions>,
     [](const at::Tensor& parameter, const Recipe& r) -> std::unique_ptr<OptimizerParamState> {
       auto state = std::make_unique<torch::optim::RMSpropParamState>();
       state->step(0);
       state->square_avg(at::zeros_like(parameter));
       if (r.momentum > 0) state->momentum_buffer(at::zeros_like(parameter));
       return state;
     },
     [](OptimizerParamState& base, const TensorVisitor& visitor) {
       auto& state = static_cast<torch::optim::RMSpropParamState&>(base);
       visit_step(state, visitor);
       visitor("square_avg", state.square_avg());
       visitor("momentum_buffer", state.momentum_buffer());
     }},
    {"adagrad",
     [](const Recipe& r, std::vector<at::Tensor> p) -> std::unique_ptr<torch::optim::Optimizer> {
       torch::optim::AdagradOptions options(r.learning_rate);
       options.weight_decay(r.weight_decay);
       return std::make_unique<torch::optim::Adagrad>(std::move(p), options);
     },
     set_rate<torch::optim::AdagradOptions>, set_decay<torch::optim::AdagradOptions>,
     [](const at::Tensor& parameter, const Recipe&) -> std::unique_ptr<OptimizerParamState> {
       auto state = std::make_unique<torch::optim::AdagradParamState>();
       state->step(0);
       state->sum(at::zeros_like(parameter));
       return state;
     },
     [](OptimizerParamState& base, const TensorVisitor& visitor) {
       auto& state = static_cast<torch::optim::AdagradParamState&>(base);
       visit_step(state, visitor);
       visitor("sum", state.sum());
     }},
};

/// Moves what does not decay to a group of its own.
void spare_norm(const Kind& kind, const Recipe& recipe, torch::optim::Optimizer& optimizer) {
  torch::optim::OptimizerParamGroup& all = optimizer.param_groups().front();
  std::vector<at::Tensor> decaying, spared;
  for (const at::Tensor& parameter : all.params()) {
    (decays(recipe, parameter) ? decaying : spared).push_back(parameter);
  }
  torch::optim::OptimizerParamGroup group(std::move(spared), all.options().clone());
  kind.set_decay(group.options(), 0);
  all.params() = std::move(decaying);
  optimizer.param_groups().push_back(std::move(group));
}

const Kind& find_kind(const std::string& name) {
  std::vector<std::string> names;
  for (const Kind& kind : kKinds) {
    if (kind.name == name) return kind;
    names.push_back(kind.name);
  }
  throw Error(ErrorKind::kUsage, unknown_name("optimizer", name, names));
}

}  // namespace

bool decays(const Recipe& recipe, const at::Tensor& parameter) {
  return recipe.decay_norm || parameter.dim() > 1;
}

struct Optimizer::State {
  const Kind& kind;
  std::vector<at::Tensor> parameters;
  std::unique_ptr<torch::optim::Optimizer> optimizer;
  AbsentGradient absent;
  Recipe recipe;
};

Optimizer::Optimizer(const Recipe& recipe, std::vector<at::Tensor> parameters,
                     AbsentGradient absent) {
  const Kind& kind = find_kind(recipe.optimizer);
  auto optimizer = kind.make(recipe, parameters);
  if (!recipe.decay_norm) spare_norm(kind, recipe, *optimizer);
  state_ = std::make_unique<State>(
      State{kind, std::move(parameters), std::move(optimizer), absent, recipe});
}

Optimizer::~Optimizer() = default;

void Optimizer::zero_grad() {
  for (at::Tensor& parameter : state_->parameters) {
    if (state_->absent == AbsentGradient::kSkip) {
      parameter.mutable_grad().reset();
      continue;
    }
    // A parameter that no output reads gets no gradient from the engine.
    if (!parameter.grad().defined()) parameter.mutable_grad() = at::zeros_like(parameter);
    parameter.mutable_grad().detach_().zero_();
  }
}

double Optimizer::clip(double max_norm) {
  const c10::NoGradGuard no_grad;
  double square = 0;
  for (const at::Tensor& parameter : state_->parameters) {
    if (!parameter.grad().defined()) continue;
    const double norm = at::norm(parameter.grad()).item<double>();
    square += norm * norm;
  }
  const double norm = std::sqrt(square);
  if (norm > max_norm) {
    for (at::Tensor& parameter : state_->parameters) {
      if (parameter.grad().defined()) parameter.mutable_grad().mul_(max_norm / norm);
    }
  }
  return norm;
}

void Optimizer::step(double learning_rate) {
  for (torch::optim::OptimizerParamGroup& group : state_->optimizer->param_groups()) {
    state_->kind.set_rate(group.options(), learning_rate);
  }
  state_->optimizer->step();
}

void Optimizer::visit_state(bool prepare, const Visitor& visitor) {
  const c10::NoGradGuard no_grad;
  auto& map = state_->optimizer->state();
  for (std::size_t i = 0; i < state_->parameters.size(); ++i) {
    const auto key = state_key<std::decay_t<decltype(map)>>(state_->parameters[i]);
    if (map.find(key) == map.end()) {
      if (!prepare) continue;
      auto fresh = state_->kind.fresh(state_->parameters[i].detach(), state_->recipe);
      if (fresh == nullptr) continue;
      map[key] = std::move(fresh);
    }
    state_->kind.visit(*map[key], [&](const std::string& name, at::Tensor& tensor) {
      if (tensor.defined()) visitor(i, name, tensor);
    });
  }
}

}  // namespace nas
