#include <array>

#include "searchers/relaxed_search.h"

namespace nas {
namespace {

struct DartsOptions : RelaxedOptions {
  std::string order = "first";
  bool eigenvalue = true;
};

constexpr auto kFields = with_relaxed_fields(std::array{
    Field<DartsOptions>{.name = "order",
                        .member = &DartsOptions::order,
                        .meaning = "of the architecture gradient: second goes through one step of "
                                   "the weights, at three more passes a step",
                        .source = "DARTS: first and second (V1 and V2)",
                        .choices = "first|second"},
    Field<DartsOptions>{
        "eigenvalue", &DartsOptions::eigenvalue,
        "record the largest eigenvalue of the held-out loss in the alphas after each epoch, "
        "which warns of collapse; costs eight passes",
        "", 0, 1, "Zela et al., arXiv:1909.09656"},
});

DartsOptions parse(const OptionMap& options) {
  return parse_fields<DartsOptions>(kFields, options, "searcher 'darts'");
}

RelaxedMethod method_of(const DartsOptions& options) {
  return {.name = "darts",
          .relaxation = {},
          .second_order = options.order == "second",
          .eigenvalue = options.eigenvalue};
}

}  // namespace

extern const Plugin<Searcher> darts_searcher;
constinit const Plugin<Searcher> darts_searcher{
    .name = "darts",
    .summary =
        "gradient descent on softmax mixtures of all operations in a supernet; known to collapse "
        "to "
        "skip connections",
    .paper =
        "H. Liu, K. Simonyan, Y. Yang: DARTS: Differentiable Architecture Search, 2019, "
        "arXiv:1806.09055",
    .fields = [] { return describe_fields<DartsOptions>(kFields); },
    .resolve = [](const OptionMap& o) { return fields_to_map<DartsOptions>(kFields, parse(o)); },
    .make = [](const OptionMap& o) -> std::unique_ptr<Searcher> {
      const DartsOptions options = parse(o);
      return std::make_unique<RelaxedSearcher>(options, method_of(options));
    },
};

}  // namespace nas
