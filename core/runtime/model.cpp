#include "core/runtime/model.h"

#include "core/runtime/entries.h"
#include "core/util/error.h"

namespace nas {

Model::Model(const ArchGraph& graph, const RngKey& key)
    : graph_(graph), impl_(torch_table<RuntimeTorch>().make_model(graph, key)) {}

std::int64_t Model::parameter_count() const {
  std::int64_t count = 0;
  for (NodeId node = 0; node < graph_.size(); ++node) {
    const ParamList params = graph_.params(node);
    for (const ParamSpec& spec : params) {
      if (spec.trainable) count += spec.shape.elements();
    }
  }
  return count;
}

std::vector<float> Model::predict(std::span<const float> images, std::int64_t batch) {
  const Shape& shape = graph_.output_types(graph_.graph_inputs()[0])[0].shape;
  if (static_cast<std::int64_t>(images.size()) != batch * shape.elements()) {
    throw Error(ErrorKind::kUsage, "predict: expected " + std::to_string(batch) + " images of " +
                                       to_string(shape) + ", got " + std::to_string(images.size()) +
                                       " numbers");
  }
  return torch_table<RuntimeTorch>().predict(*impl_, images, batch);
}

}  // namespace nas
