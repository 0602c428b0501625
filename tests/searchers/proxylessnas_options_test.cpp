// Options of ProxylessNAS that change nothing in the mode that others chose are refused by name.

#include <doctest/doctest.h>

#include "core/util/error.h"
#include "searchers/registry.h"

namespace nas {
namespace {

std::string refusal(const OptionMap& options) {
  try {
    find_plugin(searcher_plugins(), "searcher", "proxylessnas").resolve(options);
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::kUsage);
    return error.what();
  }
  return "";
}

TEST_CASE("proxylessnas: what has no effect is named, all at once") {
  CHECK(refusal({}) == "");
  CHECK(refusal({{"gates", "reinforce"}, {"paths", "5"}, {"updates", "10"}}) == "");
  CHECK(
      refusal({{"paths", "5"}, {"updates", "10"}}) ==
      "searcher 'proxylessnas': paths = 5 has no effect with gates = full_v2; updates = 10 has no "
      "effect with gates = full_v2; leave it out");
  CHECK(refusal({{"gates", "reinforce"}, {"every", "2"}}) ==
        "searcher 'proxylessnas': every = 2 has no effect with gates = reinforce, which has "
        "updates; leave it out");
  CHECK(refusal({{"warmup_epochs", "0"}, {"warmup_rate", "0.1"}}).find("without a warm-up") !=
        std::string::npos);
  CHECK(refusal({{"loss", "add_linear"}, {"loss_factor", "0.3"}}).find("loss_factor = 0.3") !=
        std::string::npos);
  CHECK(refusal({{"loss", "mul_log"}, {"loss_lambda", "0.3"}}).find("loss_lambda = 0.3") !=
        std::string::npos);
  CHECK(refusal({{"loss", "cost"}, {"rate", "0.1"}})
            .find("rate = 0.1 has no effect with loss = cost") != std::string::npos);
  CHECK(refusal({{"gates", "reinforce"}, {"loss", "mul_log"}}).find("loss is reward or none") !=
        std::string::npos);
  CHECK(refusal({{"loss", "none"}, {"target_macs", "100"}}).find("target_macs = 100") !=
        std::string::npos);
}

// A stored configuration names every option; it is read back as it was.
TEST_CASE("proxylessnas: a resolved configuration resolves to itself in every mode") {
  const auto& plugin = find_plugin(searcher_plugins(), "searcher", "proxylessnas");
  for (const char* gates : {"two", "full", "full_v2", "reinforce"}) {
    const OptionMap resolved = plugin.resolve({{"gates", gates}});
    CHECK(plugin.resolve(resolved) == resolved);
  }
}

}  // namespace
}  // namespace nas
