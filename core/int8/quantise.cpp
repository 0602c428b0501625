#include "core/int8/quantise.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "core/int8/equalise.h"
#include "core/int8/layer_weights.h"
#include "core/int8/scales.h"
#include "core/util/error.h"

namespace nas {
namespace {

using Kind = MicroOrigin::Kind;

std::size_t at(int tensor) {
  return static_cast<std::size_t>(tensor);
}

std::string int8_data(const std::vector<std::int8_t>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size()};
}

std::string int32_data(const std::vector<std::int32_t>& values) {
  std::string data(values.size() * sizeof(std::int32_t), '\0');
  std::memcpy(data.data(), values.data(), data.size());
  return data;
}

/// Constants at the scale of an activation that they stand beside.
void fill_like(MicroTensor& tensor, const std::vector<float>& reals, const MicroTensor& like) {
  tensor.quantisation = like.quantisation;
  std::vector<std::int8_t> values;
  for (const float value : reals) {
    const float steps = std::round(value / like.quantisation.scale());
    const float number = steps + static_cast<float>(like.quantisation.zero_point());
    values.push_back(static_cast<std::int8_t>(std::clamp(number, -128.0F, 127.0F)));
  }
  tensor.data = int8_data(values);
}

/// Constants of the lowering: symmetric, 127 steps to the largest.
void fill_reals(MicroTensor& tensor, const std::vector<float>& reals) {
  float most = 0;
  for (const float value : reals) most = std::max(most, std::abs(value));
  const float scale = most > 0 ? most / 127 : 1;
  std::vector<std::int8_t> values;
  for (const float value : reals) {
    values.push_back(static_cast<std::int8_t>(std::round(value / scale)));
  }
  tensor.quantisation = {.scales = {scale}, .zero_points = {0}};
  tensor.data = int8_data(values);
}

class Quantiser {
 public:
  Quantiser(const WeightedGraph& prepared, const Calibration& calibration,
            const QuantisationOptions& options, const LoweringOptions& lowering)
      : prepared_(prepared),
        calibration_(calibration),
        options_(options),
        lowering_(lower_prepared(prepared.graph, lowering)) {}

  QuantisedNetwork run() {
    QuantisedNetwork result;
    const std::vector<Quantisation> scales =
        activation_scales(lowering_, calibration_, options_, result.notes);
    MicroProgram& program = lowering_.program;
    for (std::size_t i = 0; i < scales.size(); ++i) {
      if (!scales[i].scales.empty()) program.tensors[i].quantisation = scales[i];
    }
    for (std::size_t i = 0; i < program.tensors.size(); ++i) {
      const MicroOrigin& origin = lowering_.origins[i];
      if (origin.kind == Kind::kReals) fill_reals(program.tensors[i], origin.reals);
      if (origin.kind == Kind::kParameter) fill_parameter(program.tensors[i], origin);
      if (origin.kind == Kind::kLowest) {
        program.tensors[i].quantisation = program.tensors[at(origin.like)].quantisation;
        program.tensors[i].data = std::string(1, static_cast<char>(-128));
      }
    }
    for (const MicroStep& step : program.steps) {
      if (micro_op_info(step.op).weights) fill_layer(step, result.notes);
    }
    program.check();
    result.program = std::move(program);
    return result;
  }

 private:
  void fill_parameter(MicroTensor& tensor, const MicroOrigin& origin) const {
    const NodeId node = origin.value.node;
    std::vector<std::vector<float>> params;
    const ParamList specs = prepared_.graph.params(node);
    for (const ParamSpec& spec : specs) {
      params.push_back(finite_floats(prepared_, node, spec.name));
    }
    const std::vector<float> reals = origin.arrange(params);
    if (origin.like == MicroStep::kAbsent) {
      fill_reals(tensor, reals);
    } else {
      fill_like(tensor, reals, lowering_.program.tensors[at(origin.like)]);
    }
  }

  void fill_layer(const MicroStep& step, std::vector<std::string>& notes) {
    MicroProgram& program = lowering_.program;
    MicroTensor &weights = program.tensors[at(step.inputs[1])],
                &bias = program.tensors[at(step.inputs[2])];
    const MicroOrigin& origin = lowering_.origins[at(step.inputs[1])];
    const NodeId node = origin.value.node;
    const LayerWeights layer = layer_weights(prepared_, node, weights.dims, step.op, origin);
    const float in = program.tensors[at(step.inputs[0])].quantisation.scale();
    const float out = program.tensors[at(step.outputs[0])].quantisation.scale();
    QuantisedLayer integers = quantise_layer(layer, in, out);
    if (options_.correct_bias) {
      correct_biases(layer, input_means(prepared_.graph, calibration_, node), in, integers);
    }
    if (integers.zero_channels > 0) {
      notes.push_back("'" + prepared_.graph.path(node) + "' has " +
                      std::to_string(integers.zero_channels) +
                      " output channels whose weights are all 0");
    }
    weights.quantisation = {.scales = integers.scales,
                            .zero_points = std::vector<std::int64_t>(integers.scales.size(), 0),
                            .axis = step.op == MicroOp::kDepthwiseConv2d ? 3 : 0};
    weights.data = int8_data(integers.weights);
    bias.quantisation = {.scales = integers.bias_scales(in),
                         .zero_points = std::vector<std::int64_t>(integers.scales.size(), 0)};
    bias.data = int32_data(integers.biases);
  }

  const WeightedGraph& prepared_;
  const Calibration& calibration_;
  const QuantisationOptions& options_;
  Lowering lowering_;
};

}  // namespace

WeightedGraph prepared_for_int8(const ArchGraph& graph, const TensorFile& weights,
                                const QuantisationOptions& options) {
  const WeightedGraph simple = simplified_with_weights(graph, weights);
  WeightedGraph folded = fold_batch_norm(simple.graph, simple.weights);
  // Sums have no tensors, and paths of what has some do not change.
  folded.graph = with_binary_sums(folded.graph);
  return options.equalise ? equalised(folded) : folded;
}

QuantisedNetwork quantised(const WeightedGraph& prepared, const Calibration& calibration,
                           const QuantisationOptions& options, const LoweringOptions& lowering) {
  return Quantiser(prepared, calibration, options, lowering).run();
}

}  // namespace nas
