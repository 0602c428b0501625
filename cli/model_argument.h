#pragma once

#include <filesystem>
#include <string_view>

#include "cli/command.h"
#include "core/int8/quantise.h"

namespace nas::cli {

class Context;

/// The model file of "trial:STUDY/N": the latest that was trained to the end and is still there.
/// Throws Error(kUsage), starting with `what`, where there is none; `then`: what to do once one is
/// trained.
std::filesystem::path model_of_trial(const Arguments& arguments, Context& context,
                                     std::string_view word, std::string_view what,
                                     std::string_view then);

/// The file that MODEL names: itself, or the stored model of trial:STUDY/N.
std::filesystem::path model_argument(const Arguments& arguments, Context& context,
                                     std::string_view word);

/// --calibration NAME=VALUE, repeated: fields of `QuantisationOptions`. `needs` as in OptionSpec.
OptionSpec calibration_option(std::string_view needs = "");
/// Throws Error(kUsage) for an unknown name or a value out of range.
QuantisationOptions calibration_argument(const Arguments& arguments);

}  // namespace nas::cli
