#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "core/int8/program.h"
#include "core/int8/row_ranges.h"
#include "core/ir/arch_graph.h"

namespace nas {

struct LoweringOptions {
  /// Convolutions and pools carry any padding themselves, as engines of generated code do
  /// (TinyEngine). Otherwise pads that are neither VALID nor SAME are steps of their own: what a
  /// .tflite file can say.
  bool explicit_padding = false;
};

/// Where the numbers of a tensor come from.
struct MicroOrigin {
  enum class Kind : std::uint8_t {
    kValue,       ///< an activation: `value` of the graph, calibrated there
    kFixedRange,  ///< an activation within [min, max], whatever the data
    kAsInput,     ///< an activation with the scale of its step's input 0: moved or selected numbers
    kRowPart,     ///< an activation: `part` of the layer normalisation `value.node`
    kSameValue,   ///< an activation with the real numbers of tensor `like`, at another scale
    kWeight,      ///< of the node `value.node`: `weight`, in the order of MicroTensor
    kBias,        ///< likewise
    kConstant,    ///< data that the lowering gave: shapes, pads, axes
    kReals,       ///< constants that become int8: `reals`, one for each element
    kParameter,  ///< likewise, made by `arrange` of tensors that `value.node` owns; at the scale of
                 ///< tensor `like`, where there is one
    kLowest,     ///< one constant, the lowest integer at the scale of tensor `like`
  };
  Kind kind = Kind::kConstant;
  PortRef value{};
  float min = 0, max = 0;
  /// Of the weights of a layer behind a flattened image: its channels, which come last there. The
  /// columns of `weight` go by channels first and are reordered. 0: they stand as they are.
  std::int64_t flattened_channels = 0;
  std::vector<float> reals{};
  int like = MicroStep::kAbsent;
  RowPart part = RowPart::kMean;
  /// The numbers of all tensors of the node, in their order, to those of this one.
  std::function<std::vector<float>(std::span<const std::vector<float>> params)> arrange{};
};

/// A graph as a list of steps. Its numbers are not there yet: activations have no scales, weights
/// and biases no data.
struct Lowering {
  /// What the steps compute: the graph simplified, batch normalisations folded into the layers they
  /// alone read, sums of many terms as sums of two. Node ids below are of this graph.
  ArchGraph graph;
  MicroProgram program;
  std::vector<MicroOrigin> origins;  ///< by tensor
};

/// The steps that compute a graph, operator by operator as an engine for TensorFlow Lite executes
/// them: channels last, relu and relu6 inside of the step whose only reader they are, a batch
/// normalisation that folds into nothing as a depthwise 1x1 convolution, every layer with a bias;
/// identities, dropout and views of the same bytes cost no step but RESHAPE. Works on shapes alone.
/// All tensors of activations are int8. Throws Error(kUnsupported) that names all operations
/// without an int8 form, each with a node where it stands.
Lowering lower(const ArchGraph& graph, const LoweringOptions& options = {});

/// The second half of `lower`: of a graph that is simplified and folded, with sums of two terms.
Lowering lower_prepared(const ArchGraph& graph, const LoweringOptions& options = {});
/// The same function with sums of more terms as sums of two, from the first term on.
ArchGraph with_binary_sums(const ArchGraph& graph);

}  // namespace nas
