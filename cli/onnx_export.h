#pragma once

#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/network_argument.h"

namespace nas::cli {

/// --weights, --opset, --dynamic-batch, --fold-batch-norm.
std::vector<OptionSpec> onnx_options();

/// The content of an ONNX file of a network with the weights that --weights names; notes which they
/// are. Throws Error(kUsage) for weights of another network, and as `format_onnx_file`.
std::string onnx_content(const Arguments& arguments, Context& context, const GivenNetwork& given);

}  // namespace nas::cli
