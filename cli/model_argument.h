#pragma once

#include <filesystem>
#include <string_view>

#include "cli/command.h"
#include "core/int8/quantise.h"

namespace nas::cli {

class Context;

/// What MODEL may be, for help.
inline constexpr std::string_view kModelHelp =
    "FILE.safetensors, FILE.onnx or FILE.tflite, trial:STUDY/N with a stored model, or model:NAME";

/// The file that MODEL names. Throws Error(kUsage | kIo | kData).
std::filesystem::path model_argument(const Arguments& arguments, Context& context,
                                     std::string_view word);

/// --calibration NAME=VALUE, repeated: fields of `QuantisationOptions`. `needs` as in OptionSpec.
OptionSpec calibration_option(std::string_view needs = "");
/// Throws Error(kUsage) for an unknown name or a value out of range.
QuantisationOptions calibration_argument(const Arguments& arguments);

}  // namespace nas::cli
