#include <doctest/doctest.h>

#include <map>
#include <string>
#include <vector>

#include "predictors/zerocost/engine.h"
#include "searchspaces/registry.h"

using namespace nas;

// When this fails on purpose, raise kProxyEngineVersion, so that stored scores are not mixed with
// new ones, and put the new values here. The tolerance covers what SIMD levels differ in.
TEST_CASE("stored scores are those of this engine version") {
  const auto space = find_plugin(space_plugins(), "space", "nasbench201").make({});
  Task task = space->info().default_task;
  task.width = 8;
  task.depth = 1;
  const ArchGraph network = space->build(
      space->parse("|nor_conv_3x3~0|+|skip_connect~0|avg_pool_3x3~1|+|nor_conv_1x1~0|none~1|"
                   "nor_conv_3x3~2|"),
      task);
  ScoreSettings settings;
  settings.batch = 4;
  const ProxyEngine engine(parse_proxies("grad_norm,snip,fisher,jacov,synflow,nwot,zen,l2_norm"),
                           settings, nullptr);
  REQUIRE(kProxyEngineVersion == 1);
  const std::map<std::string, double> golden = {
      {"grad_norm", 7.95695}, {"snip", 12.6037}, {"fisher", 1.31534}, {"jacov", -4.00189},
      {"synflow", 5.8849e10}, {"nwot", 43.0134}, {"zen", 22.4134},    {"l2_norm", 41.9923}};
  const std::vector<ProxyScore> scores = engine.score(network);
  CHECK(scores.size() == golden.size());
  for (const ProxyScore& score : scores) {
    CAPTURE(score.name);
    CHECK(score.value == doctest::Approx(golden.at(score.name)).epsilon(1e-3));
  }
}
