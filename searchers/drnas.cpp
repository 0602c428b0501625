#include <array>

#include "searchers/relaxed_search.h"

namespace nas {
namespace {

/// Defaults: the published search on NAS-Bench-201 (Chen et al., ICLR 2021, released code,
/// 201-space/train_search_progressive.py), its first stage for the length of both: a quarter of the
/// channels goes through the operations, and the weights learn for ten epochs before the first
/// architecture step. The second stage, with three operations an edge and half of the channels, is
/// left out. The concentrations are held near 1 by decay of the alphas; `kl` is the paper's other
/// way.
struct DrnasOptions : RelaxedOptions {
  double kl = 0;
  DrnasOptions() {
    cells = 5;
    share = 4;
    epochs = 100;
    warmup_epochs = 10;
    pool_norm = false;
  }
};

constexpr auto kFields = with_relaxed_fields(std::array{
    Field<DrnasOptions>{"kl", &DrnasOptions::kl,
                        "weight of the Kullback-Leibler distance of each Dirichlet distribution to "
                        "the flat one; the released code has either this (1e-3) or the decay",
                        "", 0, 1000, "DrNAS, section 3.2: lambda"},
});

DrnasOptions parse(const OptionMap& options) {
  return parse_fields<DrnasOptions>(kFields, options, "searcher 'drnas'");
}

RelaxedMethod method_of(const DrnasOptions& options) {
  RelaxedMethod method{.name = "drnas", .relaxation = {.method = "dirichlet"}};
  method.relaxation.kl = options.kl;
  return method;
}

}  // namespace

extern const Plugin<Searcher> drnas_searcher;
constinit const Plugin<Searcher> drnas_searcher{
    .name = "drnas",
    .summary = "mixtures whose weights are drawn from Dirichlet distributions that are learned",
    .paper =
        "X. Chen, R. Wang, M. Cheng, X. Tang, C.-J. Hsieh: DrNAS: Dirichlet Neural Architecture "
        "Search, 2021, arXiv:2006.10355",
    .fields = [] { return describe_fields<DrnasOptions>(kFields); },
    .resolve = [](const OptionMap& o) { return fields_to_map<DrnasOptions>(kFields, parse(o)); },
    .make = [](const OptionMap& o) -> std::unique_ptr<Searcher> {
      const DrnasOptions options = parse(o);
      return std::make_unique<RelaxedSearcher>(options, method_of(options));
    },
};

}  // namespace nas
