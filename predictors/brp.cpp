#include <array>

#include "predictors/graph_fit.h"
#include "predictors/registry.h"

namespace nas {
namespace {

constexpr std::string_view kWho = "predictor 'brp'";

struct BrpOptions : GraphOptions {
  constexpr BrpOptions() {
    width = 600;
    epochs = 250;
    learning_rate = 3.5e-4;
    weight_decay = 5e-4;
    dropout = 0.2;
  }
};

constexpr std::array kFields = {
    Field<BrpOptions>{"layers", &BrpOptions::layers, "graph convolutions", "", 1, 20,
                      "BRP-NAS (arXiv:2007.08668)"},
    Field<BrpOptions>{
        "width", &BrpOptions::width, "units of a layer", "", 1, 2000,
        "BRP-NAS; 48 with 120 epochs at 2e-3 fits 100 samples in a second, not a minute"},
    Field<BrpOptions>{"epochs", &BrpOptions::epochs, "passes over the samples", "", 1, 100'000,
                      "BRP-NAS, there with early stopping"},
    Field<BrpOptions>{"batch", &BrpOptions::batch,
                      "graphs a step, all ordered pairs of which are compared", "", 2, 10'000,
                      "BRP-NAS draws 64 pairs; pairs of few graphs cost less"},
    Field<BrpOptions>{"learning_rate", &BrpOptions::learning_rate, "of AdamW, cosine to 0", "",
                      1e-6, 1, "BRP-NAS"},
    Field<BrpOptions>{"weight_decay", &BrpOptions::weight_decay, "decoupled", "", 0, 1, "BRP-NAS"},
    Field<BrpOptions>{"dropout", &BrpOptions::dropout, "part of the units left out", "", 0, 0.9,
                      "BRP-NAS"},
};

BrpOptions parse(const OptionMap& options) {
  return parse_fields<BrpOptions>(kFields, options, kWho);
}

GraphFitOptions brp_options(const BrpOptions& options) {
  GraphFitOptions fit = fit_options(kWho, options);
  fit.shape.bidirectional = false;
  fit.shape.last_vertex = true;
  fit.reading = {.fold = true, .global = true};
  fit.pairs = true;
  return fit;
}

}  // namespace

extern const Plugin<Predictor> brp_predictor;
constinit const Plugin<Predictor> brp_predictor{
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
      return std::make_unique<GraphPredictor>(brp_options(parse(options)));
    },
};

}  // namespace nas
