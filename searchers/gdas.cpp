#include <array>

#include "searchers/relaxed_search.h"

namespace nas {
namespace {

/// Defaults: NAS-Bench-201 (exps/NAS-Bench-201-algos/GDAS.py and its configuration, which has 240
/// epochs where the paper has 250).
struct GdasOptions : RelaxedOptions {
  double first_temperature = 10;
  double last_temperature = 0.1;
  GdasOptions() {
    cells = 5;
    epochs = 250;
    nesterov = true;
    decay = 5e-4;
    pool_norm = false;
    first_step = "weights";
  }
};

constexpr auto kFields = with_relaxed_fields(std::array{
    Field<GdasOptions>{"first_temperature", &GdasOptions::first_temperature,
                       "of the gumbel softmax", "", 1e-3, 1000, "NAS-Bench-201's code: tau_max"},
    Field<GdasOptions>{"last_temperature", &GdasOptions::last_temperature,
                       "that it falls to, linearly by epoch", "", 1e-3, 1000,
                       "NAS-Bench-201's code: tau_min"},
});

GdasOptions parse(const OptionMap& options) {
  return parse_fields<GdasOptions>(kFields, options, "searcher 'gdas'");
}

RelaxedMethod method_of(const GdasOptions& options) {
  RelaxedMethod method{.name = "gdas", .relaxation = {.method = "gumbel"}};
  method.relaxation.first_temperature = options.first_temperature;
  method.relaxation.last_temperature = options.last_temperature;
  return method;
}

}  // namespace

extern const Plugin<Searcher> gdas_searcher;
constinit const Plugin<Searcher> gdas_searcher{
    .name = "gdas",
    .summary =
        "one operation of each choice at a time, drawn by a gumbel softmax that is differentiated "
        "straight "
        "through",
    .paper =
        "X. Dong, Y. Yang: Searching for a Robust Neural Architecture in Four GPU Hours (GDAS), "
        "2019, "
        "arXiv:1910.04465",
    .fields = [] { return describe_fields<GdasOptions>(kFields); },
    .resolve = [](const OptionMap& o) { return fields_to_map<GdasOptions>(kFields, parse(o)); },
    .make = [](const OptionMap& o) -> std::unique_ptr<Searcher> {
      const GdasOptions options = parse(o);
      return std::make_unique<RelaxedSearcher>(options, method_of(options));
    },
};

}  // namespace nas
