#include "predictors/parzc/regressor.h"

#include "predictors/parzc/entries.h"

namespace nas {

std::unique_ptr<RankRegressor> make_rank_regressor(const MixerShape& mixer, const HostShape* host,
                                                   const RankTraining& training,
                                                   const RankSamples& like) {
  return torch_table<ParzcTorch>().make_rank_regressor(mixer, host, training, like);
}

}  // namespace nas
