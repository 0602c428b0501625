#include "core/runtime/optimizer_torch.h"

#include <ATen/ops/norm.h>
#include <ATen/ops/scalar_tensor.h>
#include <ATen/ops/zeros_like.h>
#include <c10/core/GradMode.h>
#include <torch/optim/adam.h>
#include <torch/optim/adamw.h>
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

/// The three optimisers differ in options and state, nothing else.
struct Kind {
  std::string name;
  std::unique_ptr<torch::optim::Optimizer> (*make)(const Recipe&, std::vector<at::Tensor>);
  void (*set_rate)(torch::optim::OptimizerOptions&, double);
  std::unique_ptr<OptimizerParamState> (*fresh)(const at::Tensor& parameter);
  void (*visit)(OptimizerParamState&, const std::function<void(const std::string&, at::Tensor&)>&);
};

template <class State>
std::unique_ptr<OptimizerParamState> fresh_adam(const at::Tensor& parameter) {
  auto state = std::make_unique<State>();
  state->step(0);
  state->exp_avg(at::zeros_like(parameter));
  state->exp_avg_sq(at::zeros_like(parameter));
  return state;
}

template <class State>
void visit_adam(OptimizerParamState& base,
                const std::function<void(const std::string&, at::Tensor&)>& visitor) {
  auto& state = static_cast<State&>(base);
  at::Tensor step =
      at::scalar_tensor(static_cast<double>(state.step()), at::TensorOptions(at::kDouble));
  visitor("step", step);
  state.step(static_cast<std::int64_t>(step.item<double>()));
  visitor("exp_avg", state.exp_avg());
  visitor("exp_avg_sq", state.exp_avg_sq());
}

template <class Options>
void set_rate(torch::optim::OptimizerOptions& options, double rate) {
  static_cast<Options&>(options).lr(rate);
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
     set_rate<torch::optim::SGDOptions>,
     [](const at::Tensor& parameter) -> std::unique_ptr<OptimizerParamState> {
       auto state = std::make_unique<torch::optim::SGDParamState>();
       state->momentum_buffer(at::zeros_like(parameter));
       return state;
     },
     [](OptimizerParamState& base,
        const std::function<void(const std::string&, at::Tensor&)>& visitor) {
       visitor("momentum_buffer",
               static_cast<torch::optim::SGDParamState&>(base).momentum_buffer());
     }},
    {"adam",
     [](const Recipe& r, std::vector<at::Tensor> p) -> std::unique_ptr<torch::optim::Optimizer> {
       torch::optim::AdamOptions options(r.learning_rate);
       options.weight_decay(r.weight_decay);
       return std::make_unique<torch::optim::Adam>(std::move(p), options);
     },
     set_rate<torch::optim::AdamOptions>, fresh_adam<torch::optim::AdamParamState>,
     visit_adam<torch::optim::AdamParamState>},
    {"adamw",
     [](const Recipe& r, std::vector<at::Tensor> p) -> std::unique_ptr<torch::optim::Optimizer> {
       torch::optim::AdamWOptions options(r.learning_rate);
       options.weight_decay(r.weight_decay);
       return std::make_unique<torch::optim::AdamW>(std::move(p), options);
     },
     set_rate<torch::optim::AdamWOptions>, fresh_adam<torch::optim::AdamWParamState>,
     visit_adam<torch::optim::AdamWParamState>},
};

const Kind& find_kind(const std::string& name) {
  std::vector<std::string> names;
  for (const Kind& kind : kKinds) {
    if (kind.name == name) return kind;
    names.push_back(kind.name);
  }
  throw Error(ErrorKind::kUsage, unknown_name("optimizer", name, names));
}

}  // namespace

struct Optimizer::State {
  const Kind& kind;
  std::vector<at::Tensor> parameters;
  std::unique_ptr<torch::optim::Optimizer> optimizer;
};

Optimizer::Optimizer(const Recipe& recipe, std::vector<at::Tensor> parameters) {
  const Kind& kind = find_kind(recipe.optimizer);
  auto optimizer = kind.make(recipe, parameters);
  state_ = std::make_unique<State>(State{kind, std::move(parameters), std::move(optimizer)});
}

Optimizer::~Optimizer() = default;

void Optimizer::zero_grad() {
  for (at::Tensor& parameter : state_->parameters) {
    // A parameter that no output reads gets no gradient from the engine, yet decays like the
    // others.
    if (!parameter.grad().defined()) parameter.mutable_grad() = at::zeros_like(parameter);
    parameter.mutable_grad().detach_().zero_();
  }
}

double Optimizer::clip(double max_norm) {
  const c10::NoGradGuard no_grad;
  double square = 0;
  for (const at::Tensor& parameter : state_->parameters) {
    const double norm = at::norm(parameter.grad()).item<double>();
    square += norm * norm;
  }
  const double norm = std::sqrt(square);
  if (norm > max_norm) {
    for (at::Tensor& parameter : state_->parameters) parameter.mutable_grad().mul_(max_norm / norm);
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
      map[key] = state_->kind.fresh(state_->parameters[i].detach());
    }
    state_->kind.visit(*map[key], [&](const std::string& name, at::Tensor& tensor) {
      if (tensor.defined()) visitor(i, name, tensor);
    });
  }
}

}  // namespace nas
