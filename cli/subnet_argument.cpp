#include "cli/subnet_argument.h"

namespace nas::cli {

std::vector<OptionSpec> judging_options(std::string_view needs) {
  const OptionMap standard = fields_to_map<SubnetJudging>(kSubnetJudgingFields, SubnetJudging{});
  std::vector<OptionSpec> options;
  for (const Field<SubnetJudging>& field : kSubnetJudgingFields) {
    options.push_back({.name = field.name,
                       .value = field.choices.empty() ? "N" : "WORD",
                       .help = field.meaning,
                       .choices = field.choices,
                       .standard = standard.at(std::string(field.name)),
                       .needs = needs});
  }
  return options;
}

SubnetJudging judging_argument(const Arguments& arguments) {
  OptionMap options;
  for (const Field<SubnetJudging>& field : kSubnetJudgingFields) {
    options[std::string(field.name)] = arguments.value(field.name);
  }
  return parse_fields<SubnetJudging>(kSubnetJudgingFields, options, "subnets");
}

}  // namespace nas::cli
