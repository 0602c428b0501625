#include <cmath>

#include "cli/command.h"
#include "core/util/error.h"
#include "core/util/quantity.h"
#include "core/util/text.h"

namespace nas::cli {

std::optional<std::string> Arguments::text(std::string_view name) const {
  const auto found = values_.find(std::string(name));
  if (found == values_.end()) return std::nullopt;
  return found->second.back();
}

std::string Arguments::value(std::string_view name) const {
  if (const auto given = text(name)) return *given;
  const auto standard = standard_.find(std::string(name));
  NAS_CHECK(standard != standard_.end(), "--" + std::string(name) + " has no default");
  return standard->second;
}

std::int64_t Arguments::whole(std::string_view name, std::int64_t min, std::int64_t max) const {
  Arguments resolved;
  resolved.add(std::string(name), value(name));
  return *resolved.integer(name, min, max);
}

double Arguments::number(std::string_view name, double min, double max) const {
  Arguments resolved;
  resolved.add(std::string(name), value(name));
  return *resolved.real(name, min, max);
}

std::string Arguments::text_or(std::string_view name, std::string_view fallback) const {
  return text(name).value_or(std::string(fallback));
}

std::vector<std::string> Arguments::all(std::string_view name) const {
  const auto found = values_.find(std::string(name));
  return found == values_.end() ? std::vector<std::string>{} : found->second;
}

std::optional<std::int64_t> Arguments::integer(std::string_view name, std::int64_t min,
                                               std::int64_t max) const {
  const auto given = text(name);
  if (!given) return std::nullopt;
  const auto number = parse_whole(*given);
  if (!number || *number < min || *number > max) {
    throw Error(ErrorKind::kUsage, "--" + std::string(name) + " = " + printable(*given) +
                                       ", expected a whole number in [" + std::to_string(min) +
                                       ", " + std::to_string(max) + "]");
  }
  return number;
}

std::int64_t Arguments::integer_or(std::string_view name, std::int64_t fallback, std::int64_t min,
                                   std::int64_t max) const {
  return integer(name, min, max).value_or(fallback);
}

std::optional<double> Arguments::real(std::string_view name, double min, double max) const {
  const auto given = text(name);
  if (!given) return std::nullopt;
  const auto number = parse_real(*given);
  if (!number || std::isnan(*number) || *number < min || *number > max) {
    throw Error(ErrorKind::kUsage, "--" + std::string(name) + " = " + printable(*given) +
                                       ", expected a number in [" + format_short(min) + ", " +
                                       format_short(max) + "]");
  }
  return number;
}

}  // namespace nas::cli
