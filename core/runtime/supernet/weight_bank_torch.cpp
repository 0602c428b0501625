#include "core/runtime/supernet/weight_bank_torch.h"

#include <ATen/ops/abs.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/eye.h>
#include <ATen/ops/index_select.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/sort.h>
#include <ATen/ops/tensor.h>
#include <c10/core/GradMode.h>

#include "core/ir/blueprint/channel_classes.h"
#include "core/ops/registry.h"
#include "core/runtime/supernet/entries_torch.h"
#include "core/runtime/tensor_store_torch.h"

namespace nas {
namespace {

at::Tensor index_of(const Places& places, at::Device device) {
  return at::tensor(at::ArrayRef<std::int64_t>(places.list), at::TensorOptions(at::kLong))
      .to(device);
}

at::Tensor take(const at::Tensor& tensor, std::int64_t dim, const Places& places) {
  if (!places.list.empty()) return at::index_select(tensor, dim, index_of(places, tensor.device()));
  if (tensor.size(dim) == places.count) return tensor;
  return tensor.narrow(dim, 0, places.count);
}

std::int64_t positions(std::int64_t window, std::int64_t axes) {
  return axes == 1 ? window : window * window;
}

constexpr const char* kHead = "head.";

/// The matrix of a window as a tensor of its own.
ParamSpec window_spec(std::int64_t side) {
  return {.name = "window", .shape = {side, side}};
}

std::string window_name(const SharedTensor& tensor, std::size_t i) {
  return tensor.name + ".window_" + std::to_string(tensor.windows[i]) + "_to_" +
         std::to_string(tensor.windows[i + 1]);
}

}  // namespace

WeightBankImpl::WeightBankImpl(std::shared_ptr<const Blueprint> source,
                               std::shared_ptr<const SharedTensors> list, const RngKey& key)
    : blueprint(std::move(source)),
      shared(std::move(list)),
      windows(shared->list.size()),
      device(pick_device()) {
  const Rng rng(RngKey{key.seed, key.study, key.trial, Purpose::kInit});
  for (std::size_t i = 0; i < shared->list.size(); ++i) {
    const SharedTensor& tensor = shared->list[i];
    tensors.push_back(initial_tensor(tensor.spec, rng.stream(stable_hash(tensor.name)), device));
    const auto axes = static_cast<std::int64_t>(tensor.spec.shape.rank()) - 2;
    for (std::size_t w = 1; w < tensor.windows.size(); ++w) {
      windows[i].push_back(
          at::eye(positions(tensor.windows[w], axes), at::TensorOptions(at::kFloat))
              .to(device)
              .set_requires_grad(true));
    }
  }
}

at::Tensor WeightBankImpl::smaller_window(at::Tensor tensor, const TensorPart& part) const {
  const std::vector<std::int64_t>& lengths = shared->list[part.shared].windows;
  const std::int64_t axes = tensor.dim() - 2;
  for (std::size_t w = 0; w + 1 < lengths.size() && tensor.size(2) > part.window; ++w) {
    const std::int64_t margin = (lengths[w] - lengths[w + 1]) / 2;
    for (std::int64_t axis = 2; axis < tensor.dim(); ++axis) {
      tensor = tensor.narrow(axis, margin, lengths[w + 1]);
    }
    const std::vector<std::int64_t> shape = tensor.sizes().vec();
    tensor = at::matmul(tensor.reshape({shape[0], shape[1], positions(lengths[w + 1], axes)}),
                        windows[part.shared][w].t())
                 .reshape(shape);
  }
  return tensor;
}

at::Tensor WeightBankImpl::part(const TensorPart& part) const {
  at::Tensor tensor = take(tensors[part.shared], 0, part.outputs);
  if (tensor.dim() > 1) tensor = take(tensor, 1, part.inputs);
  if (tensor.dim() > 2 && tensor.size(2) != part.window) tensor = smaller_window(tensor, part);
  return tensor;
}

BorrowedModel WeightBankImpl::borrow(const TracedGraph& traced, Statistics statistics) const {
  BorrowedModel borrowed;
  const auto parts = tensor_parts(*blueprint, *shared, traced);
  std::vector<std::vector<at::Tensor>> views(traced.graph.size());
  for (NodeId node = 0; node < traced.graph.size(); ++node) {
    if (&traced.graph.op(node) == &mix_op) {
      const auto inputs = static_cast<std::int64_t>(traced.graph.inputs(node).size());
      views[node].push_back(at::ones({inputs}, at::TensorOptions(at::kFloat)).to(device));
    }
    for (const TensorPart& piece : parts[node]) {
      at::Tensor view = part(piece);
      if (!shared->list[piece.shared].spec.trainable) {
        if (statistics == Statistics::kOwn) {
          view = view.clone();
        } else if (!piece.outputs.list.empty()) {
          borrowed.copied.push_back({view, piece.shared, piece.outputs});
        }
      }
      views[node].push_back(std::move(view));
    }
  }
  borrowed.model = std::make_unique<ModelImpl>(traced.graph, std::move(views));
  return borrowed;
}

void WeightBankImpl::keep_statistics(const BorrowedModel& borrowed) {
  const c10::NoGradGuard no_grad;
  for (const BorrowedModel::Copied& copied : borrowed.copied) {
    tensors[copied.shared].index_copy_(0, index_of(copied.places, device), copied.own);
  }
}

std::shared_ptr<ModelImpl> WeightBankImpl::extract(const TracedGraph& traced) const {
  const c10::NoGradGuard no_grad;
  std::shared_ptr<ModelImpl> model = borrow(traced, Statistics::kOwn).model;
  for (NodeId node = 0; node < traced.graph.size(); ++node) {
    const ParamList params = traced.graph.params(node);
    std::size_t index = 0;
    for (const ParamSpec& spec : params) {
      at::Tensor& tensor = model->tensors[node][index++];
      tensor = tensor.detach().clone(best_layout(tensor, device)).set_requires_grad(spec.trainable);
    }
  }
  return model;
}

void WeightBankImpl::visit(const ModelImpl::Visitor& visitor) {
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    const SharedTensor& tensor = shared->list[i];
    visitor(tensor.name, tensors[i], tensor.spec);
    for (std::size_t w = 0; w < windows[i].size(); ++w) {
      visitor(window_name(tensor, w), windows[i][w], window_spec(windows[i][w].size(0)));
    }
  }
}

std::vector<at::Tensor> WeightBankImpl::parameters() {
  std::vector<at::Tensor> list;
  visit([&](const std::string&, at::Tensor& tensor, const ParamSpec& spec) {
    if (spec.trainable) list.push_back(tensor);
  });
  return list;
}

namespace on_torch {

std::shared_ptr<WeightBankImpl> make_bank(std::shared_ptr<const Blueprint> blueprint,
                                          std::shared_ptr<const SharedTensors> tensors,
                                          const RngKey& key) {
  return std::make_shared<WeightBankImpl>(std::move(blueprint), std::move(tensors), key);
}

std::shared_ptr<ModelImpl> extract_subnet(const WeightBankImpl& bank, const TracedGraph& traced) {
  std::shared_ptr<ModelImpl> model;
  translate_torch_errors("supernet", [&] { model = bank.extract(traced); });
  return model;
}

void sort_channels(WeightBankImpl& bank, const std::vector<std::vector<std::uint16_t>>& choices) {
  const c10::NoGradGuard no_grad;
  for (const ChannelClass& found : channel_classes(*bank.blueprint, *bank.shared)) {
    at::Tensor weight = bank.tensors[found.reader].detach().transpose(0, 1);
    const at::Tensor importance = weight.reshape({weight.size(0), -1}).abs().sum(1);
    std::vector<at::Tensor> order;
    std::int64_t begin = 0;
    for (const std::int64_t end : values_under(found.width, choices)) {
      const at::Tensor places = std::get<1>(at::sort(importance.narrow(0, begin, end - begin),
                                                     /*stable=*/true, 0, /*descending=*/true));
      order.push_back(places.add(begin));
      begin = end;
    }
    if (begin < importance.size(0)) {
      const at::Tensor rest = importance.narrow(0, begin, importance.size(0) - begin);
      order.push_back(std::get<1>(at::sort(rest, true, 0, true)).add(begin));
    }
    const at::Tensor index = at::cat(order);
    for (const ChannelClass::Dimension& place : found.dimensions) {
      at::Tensor& tensor = bank.tensors[place.tensor];
      tensor.copy_(at::index_select(tensor, place.dim, index));
    }
  }
}

TensorFile read_bank(WeightBankImpl& bank) {
  TensorFile file;
  bank.visit([&](const std::string& name, at::Tensor& tensor, const ParamSpec&) {
    file.tensors[name] = store_tensor(tensor);
  });
  for (const auto& [name, tensor] : bank.head) file.tensors[kHead + name] = store_tensor(tensor);
  return file;
}

void write_bank(WeightBankImpl& bank, const TensorFile& file, const std::string& name) {
  const c10::NoGradGuard no_grad;
  std::vector<at::Tensor> fresh;
  bank.visit([&](const std::string& tensor_name, at::Tensor& tensor, const ParamSpec&) {
    at::Tensor value = tensor.detach().clone();
    restore_tensor(file, name, tensor_name, value);
    fresh.push_back(std::move(value));
  });
  NamedTensors head;
  for (const auto& [stored_name, stored] : file.tensors) {
    if (!stored_name.starts_with(kHead)) continue;
    at::Tensor value = at::empty(stored.shape, at::TensorOptions(at::kFloat)).to(bank.device);
    restore_tensor(file, name, stored_name, value);
    head.emplace_back(stored_name.substr(std::string_view(kHead).size()), std::move(value));
  }
  bank.head = std::move(head);
  std::size_t index = 0;
  bank.visit([&](const std::string&, at::Tensor& tensor, const ParamSpec&) {
    tensor.copy_(fresh[index++]);
  });
}

}  // namespace on_torch
}  // namespace nas
