#pragma once

#include <string_view>
#include <vector>

#include "app/supernets/subnet_judge.h"
#include "cli/command.h"

namespace nas::cli {

/// --samples, --statistics, --part: an option for each field of `SubnetJudging`. `needs`: the
/// option without which they have no effect; "" = none.
std::vector<OptionSpec> judging_options(std::string_view needs);
/// Throws Error(kUsage).
SubnetJudging judging_argument(const Arguments& arguments);

}  // namespace nas::cli
