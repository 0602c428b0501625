#include "predictors/zerocost/passes_torch.h"

#include <ATen/ops/from_blob.h>
#include <c10/core/GradMode.h>

#include <cmath>

#include "core/runtime/model_torch.h"
#include "predictors/zerocost/batches.h"
#include "predictors/zerocost/entries.h"

namespace nas {
namespace {

using Pass = void (*)(const Measurement&, Model&, Evidence&);
constexpr Pass kPasses[] = {copy_weights,      run_gradient_pass,  run_sample_passes,
                            run_feature_pass,  run_noise_patterns, run_flow_pass,
                            run_gaussian_pass, run_block_pass,     run_fisher_matrix_pass};

}  // namespace

void redraw_weights(Model& model, WeightLaw law, const RngKey& key) {
  const c10::NoGradGuard no_grad;
  const Rng rng({key.seed, stable_hash("redraw"), key.trial, Purpose::kInit});
  model.impl().set_precision(at::kFloat);
  model.impl().visit([&](const std::string& name, at::Tensor& tensor, const ParamSpec& spec) {
    if (spec.init == ParamInit::kOnes || name.ends_with(".running_var")) {
      tensor.fill_(1.0);
    } else if (spec.init != ParamInit::kKaimingUniform) {
      tensor.fill_(0.0);
    } else {
      std::vector<float> values(static_cast<std::size_t>(tensor.numel()));
      Rng stream = rng.stream(stable_hash(name));
      fill_normal(values, stream);
      if (law == WeightLaw::kKaimingNormal) {
        const float scale =
            std::sqrt(2 / static_cast<float>(std::max<std::int64_t>(spec.fan_in, 1)));
        for (float& value : values) value *= scale;
      }
      at::Tensor drawn = at::from_blob(values.data(), {tensor.numel()});
      tensor.copy_(drawn.view(tensor.sizes()));
    }
  });
}

Model draw_model(const ArchGraph& graph, const std::string& init, const RngKey& key) {
  Model model(graph, key);
  if (init != "default") {
    redraw_weights(model, init == "normal" ? WeightLaw::kGaussian : WeightLaw::kKaimingNormal, key);
  }
  return model;
}

void on_torch::measure_network(const Measurement& measurement, Evidence& evidence) {
  translate_torch_errors("scoring a network", [&] {
    Model model = draw_model(measurement.graph, measurement.settings.init, measurement.key);
    for (const Pass pass : kPasses) pass(measurement, model, evidence);
  });
}

// Found by name when the library is opened (core/runtime/torch_module.h).
extern "C" const ZerocostTorch nas_zerocost_torch;
const ZerocostTorch nas_zerocost_torch{
    .measure_network = on_torch::measure_network,
    .network_relations = on_torch::network_relations,
};

}  // namespace nas
