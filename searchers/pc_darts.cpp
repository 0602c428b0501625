#include <array>

#include "searchers/relaxed_search.h"

namespace nas {
namespace {

/// Defaults: CIFAR-10 (Xu et al., ICLR 2020, released code).
struct PcDartsOptions : RelaxedOptions {
  bool eigenvalue = true;
  PcDartsOptions() {
    share = 4;
    edge_normalisation = true;
    batch = 256;
    rate = 0.1;
    final_rate = 0;
    warmup_epochs = 15;
    architecture_rate = 6e-4;
  }
};

constexpr auto kFields = with_relaxed_fields(std::array{
    Field<PcDartsOptions>{
        "eigenvalue", &PcDartsOptions::eigenvalue,
        "record the largest eigenvalue of the held-out loss in the alphas after each epoch, "
        "which warns of collapse; costs eight passes",
        "", 0, 1, "Zela et al., arXiv:1909.09656"},
});

PcDartsOptions parse(const OptionMap& options) {
  return parse_fields<PcDartsOptions>(kFields, options, "searcher 'pc_darts'");
}

RelaxedMethod method_of(const PcDartsOptions& options) {
  return {.name = "pc_darts", .relaxation = {}, .eigenvalue = options.eigenvalue};
}

}  // namespace

extern const Plugin<Searcher> pc_darts_searcher;
constinit const Plugin<Searcher> pc_darts_searcher{
    .name = "pc_darts",
    .summary =
        "DARTS on a part of the channels, with weighted edges and a start without architecture "
        "steps",
    .paper =
        "Y. Xu, L. Xie, X. Zhang, X. Chen, G.-J. Qi, Q. Tian, H. Xiong: PC-DARTS, 2020, "
        "arXiv:1907.05737",
    .fields = [] { return describe_fields<PcDartsOptions>(kFields); },
    .resolve = [](const OptionMap& o) { return fields_to_map<PcDartsOptions>(kFields, parse(o)); },
    .make = [](const OptionMap& o) -> std::unique_ptr<Searcher> {
      const PcDartsOptions options = parse(o);
      return std::make_unique<RelaxedSearcher>(options, method_of(options));
    },
};

}  // namespace nas
