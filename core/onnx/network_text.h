#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/ir/arch_graph.h"
#include "core/onnx/onnx_model.h"

namespace nas {

// Networks as texts for language models: Qin et al., "ONNX-Net: Towards Universal Representations
// and Instant Performance Prediction for Neural Architectures", arXiv 2510.04938.
//
// `kChain` and the modes around it are byte for byte those of the authors' code, whose habits are
// part of the encoding: scalar attributes are left out, `prev` may name a value that is not that
// of the line before, a node behind an open chain may lose its input ("Relu()"). They cannot be
// read back. kFaithful is ours: one node per line, every operand, every attribute. Networks with
// equal faithful texts are equal but for names and weights.
//
// kRunLength is ours too, for predictors that read many texts: a block of lines that repeats stands
// once (core/onnx/repeated_lines.h), a size as a ratio to that of what is read ("*2", "*1/3",
// rounded within 3 %; the first convolution's as it is, "=16"). A node is its operator and, where
// they are not usual, the kernel "3x3", stride "/2", dilation "d2", padding "p0" that does not keep
// the size, groups "g4" or "dw". It leaves out other attributes, biases, and constants.

enum class NetworkText : std::uint8_t {
  kChain,          ///< "chain_slim", that of the paper's results
  kChainBase,      ///< "chain_slim_base": operators alone
  kChainParam,     ///< "chain_slim_param": with attributes
  kChainOutshape,  ///< "chain_slim_outshape": with shapes of outputs
  kChainInput,     ///< "chain_slim_input": with inputs
  kFull,           ///< "full": two lines and the parameters for each node
  kFaithful,       ///< "faithful"
  kRunLength,      ///< "run_length"
};
inline constexpr std::string_view kNetworkTexts =
    "chain_slim|chain_slim_base|chain_slim_param|chain_slim_outshape|chain_slim_input|full|"
    "faithful|run_length";

/// The mode of a name among kNetworkTexts. Throws Error(kUsage) for another.
NetworkText network_text_mode(std::string_view name);

/// Lines without an end of line behind the last. Throws Error(kUnsupported) where a shape is to be
/// printed that is neither declared nor follows (core/onnx/value_shapes.h), naming the operator.
std::string network_text(const OnnxModel& model, NetworkText mode);
/// Of a network as it is exported in opset 13, with batch normalisations kept.
std::string network_text(const ArchGraph& graph, NetworkText mode);

}  // namespace nas
