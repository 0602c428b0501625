#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "app/predictors/transfer_fit.h"
#include "cli/command.h"
#include "cli/context.h"
#include "core/api/evaluation.h"

namespace nas::cli {

/// Options that say what "host" is, which a device that was added says itself.
inline constexpr std::string_view kHostSettings = "batch|threads|precision|runtime";
/// --precision and --runtime. `needs`: of the record.
std::vector<OptionSpec> engine_options(std::string_view needs = "");
/// "host" with these options. Throws as `host_device`.
Device host_of(const Arguments& arguments, std::int64_t batch, std::int64_t threads);

/// --device NAME, or kHostSettings. `needs`: of the record.
std::vector<OptionSpec> host_options(std::string_view needs);
/// The device of this machine that they name. Throws Error(kUsage) for one of another machine.
Device host_argument(const Arguments& arguments, Context& context);

/// --despite-load. `needs`: of the record.
OptionSpec load_option(std::string_view needs);
/// Throws Error(kUnsupported) on a busy machine. With --despite-load: the warning that belongs to
/// what is measured now, "" on a quiet one.
std::string load_warning(const Arguments& arguments);

/// --suggest and what it needs.
std::vector<OptionSpec> suggestion_options(std::string_view needs);
/// `count` networks to measure; notes why.
Suggestion suggested(const Arguments& arguments, Context& context, std::int64_t count);

}  // namespace nas::cli
