#include "searchers/idle_options.h"

#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {

void IdleOptions::add(const std::vector<std::string_view>& names, const std::string& when) {
  for (const std::string_view name : names) {
    const std::string key(name);
    const std::string& value = given_.at(key);
    if (value == standard_.at(key)) continue;
    problems_.push_back(key + " = " + value + " has no effect " + when);
  }
}

void IdleOptions::throw_if_any(std::string_view what) const {
  if (problems_.empty()) return;
  throw Error(ErrorKind::kUsage,
              std::string(what) + ": " + join(problems_, "; ") + "; leave it out");
}

}  // namespace nas
