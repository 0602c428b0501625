#include <array>

#include "predictors/graph_fit.h"
#include "predictors/registry.h"

namespace nas {
namespace {

constexpr std::string_view kWho = "predictor 'brp'";

struct BrpOptions {
  std::int64_t layers = 4;
  std::int64_t width = 48;
  std::int64_t epochs = 120;
  std::int64_t batch = 16;
  double learning_rate = 2e-3;
  double weight_decay = 5e-4;
  double dropout = 0.2;
};

constexpr std::array kFields = {
    Field<BrpOptions>{"layers", &BrpOptions::layers, "graph convolutions", "", 1, 20,
                      "BRP-NAS (arXiv:2007.08668)"},
    Field<BrpOptions>{"width", &BrpOptions::width, "units of a layer", "", 1, 2000,
                      "BRP-NAS: 600; smaller is faster on a processor"},
    Field<BrpOptions>{"epochs", &BrpOptions::epochs, "passes over the samples", "", 1, 100'000,
                      "BRP-NAS: 250 with early stopping"},
    Field<BrpOptions>{"batch", &BrpOptions::batch,
                      "graphs a step, all ordered pairs of which are compared", "", 2, 10'000,
                      "BRP-NAS draws 64 pairs; pairs of few graphs cost less"},
    Field<BrpOptions>{"learning_rate", &BrpOptions::learning_rate, "of AdamW, cosine to 0", "",
                      1e-6, 1, "BRP-NAS: 3.5e-4, for more steps"},
    Field<BrpOptions>{"weight_decay", &BrpOptions::weight_decay, "decoupled", "", 0, 1, "BRP-NAS"},
    Field<BrpOptions>{"dropout", &BrpOptions::dropout, "part of the units left out", "", 0, 0.9,
                      "BRP-NAS"},
};

BrpOptions parse(const OptionMap& options) {
  return parse_fields<BrpOptions>(kFields, options, kWho);
}

GraphFitOptions fit_options(const BrpOptions& options) {
  return {.who = std::string(kWho),
          .shape = {.layers = static_cast<std::size_t>(options.layers),
                    .width = static_cast<std::size_t>(options.width),
                    .bidirectional = false,
                    .last_vertex = true,
                    .dropout = options.dropout},
          .reading = {.fold = true, .global = true},
          .pairs = true,
          .epochs = static_cast<int>(options.epochs),
          .batch = static_cast<std::size_t>(options.batch),
          .learning_rate = options.learning_rate,
          .weight_decay = options.weight_decay};
}

}  // namespace

extern const Plugin<Predictor> brp_plugin;
constinit const Plugin<Predictor> brp_plugin{
    .name = "brp",
    .summary =
        "BRP-NAS: graph convolutions with a global vertex, trained to say which of two is better; "
        "predicts ranks, not values",
    .paper =
        "L. Dudziak et al.: BRP-NAS: Prediction-based NAS using GCNs, NeurIPS 2020, "
        "arXiv:2007.08668",
    .fields = [] { return describe_fields<BrpOptions>(kFields); },
    .resolve =
        [](const OptionMap& options) { return fields_to_map<BrpOptions>(kFields, parse(options)); },
    .make = [](const OptionMap& options) -> std::unique_ptr<Predictor> {
      return std::make_unique<GraphPredictor>(fit_options(parse(options)));
    },
};

}  // namespace nas
