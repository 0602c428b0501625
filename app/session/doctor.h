#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "app/presentation/table.h"
#include "app/session/session.h"

namespace nas {

enum class Health : std::uint8_t { kGood, kWarning, kBad };

struct Finding {
  Health health = Health::kGood;
  std::string what;    ///< "BLAS"
  std::string detail;  ///< "openblas 0.3.21, 45 GFLOP/s"
  std::string remedy;  ///< what to do; "" when good
};

/// Looks at the machine, the libraries, the fonts of the generated data set and the store
/// (read-only).
std::vector<Finding> diagnose(Session& session, bool measure = true);
Table findings_table(const std::vector<Finding>& findings);
bool healthy(const std::vector<Finding>& findings);  ///< nothing kBad

}  // namespace nas
