#include "core/util/error.h"
#include "core/util/text.h"
#include "predictors/parzc/regressor.h"

namespace nas {

void check_rank_loss(const std::string& loss) {
  const std::string known[] = {"diffkendall", "pairwise", "mse"};
  for (const std::string& term : split(loss, '+')) {
    bool found = false;
    for (const std::string& name : known) found = found || name == term;
    if (!found) throw Error(ErrorKind::kUsage, unknown_name("ranking loss", term, known));
  }
}

}  // namespace nas
