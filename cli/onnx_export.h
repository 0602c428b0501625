#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/network_argument.h"
#include "core/onnx/network_text.h"

namespace nas::cli {

/// --weights, --opset, --dynamic-batch, --fold-batch-norm.
std::vector<OptionSpec> onnx_options();

/// The content of an ONNX file of a network with the weights that --weights names; notes which they
/// are. Throws Error(kUsage) for weights of another network, and as `format_onnx_file`.
std::string onnx_content(const Arguments& arguments, Context& context, const GivenNetwork& given);

inline constexpr std::string_view kNetworkTextForm = "onnx-net";

/// The text of a network in the mode of --text-mode: of an ONNX file as the file says it, of
/// others as exported in opset 13, without those parts that --simplified leaves out.
std::string network_text_content(const Arguments& arguments, const GivenNetwork& given);

}  // namespace nas::cli
