#include "core/runtime/supernet/weight_bank.h"

#include "core/runtime/supernet/entries.h"

namespace nas {

WeightBank::WeightBank(Blueprint blueprint, const RngKey& key)
    : blueprint_(std::make_shared<const Blueprint>(std::move(blueprint))),
      tensors_(std::make_shared<const SharedTensors>(shared_tensors(*blueprint_))),
      impl_(torch_table<SupernetTorch>().make_bank(blueprint_, tensors_, key)) {}

std::int64_t WeightBank::parameter_count() const {
  std::int64_t count = 0;
  for (const SharedTensor& tensor : tensors_->list) {
    if (tensor.spec.trainable) count += tensor.spec.shape.elements();
  }
  return count;
}

Model WeightBank::extract(Choices choices) const {
  TracedGraph traced = resolve_traced(*blueprint_, choices);
  auto impl = torch_table<SupernetTorch>().extract_subnet(*impl_, traced);
  return {traced.graph, std::move(impl)};
}

void WeightBank::sort_channels(const std::vector<std::vector<std::uint16_t>>& choices) {
  torch_table<SupernetTorch>().sort_channels(*impl_, choices);
}

TensorFile WeightBank::weights() const {
  return torch_table<SupernetTorch>().read_bank(*impl_);
}

void WeightBank::restore(const TensorFile& file, const std::string& name) {
  torch_table<SupernetTorch>().write_bank(*impl_, file, name);
}

}  // namespace nas
