#include <array>

#include "predictors/graph_fit.h"
#include "predictors/registry.h"

namespace nas {
namespace {

constexpr std::string_view kWho = "predictor 'gcn'";

struct GcnOptions : GraphOptions {
  constexpr GcnOptions() {
    width = 144;
    head = 128;
    epochs = 300;
    batch = 7;
    learning_rate = 1e-4;
    weight_decay = 3e-4;
    dropout = 0.1;
  }
};

constexpr std::array kFields = {
    Field<GcnOptions>{"layers", &GcnOptions::layers, "graph convolutions", "", 1, 20, "naszilla"},
    Field<GcnOptions>{"width", &GcnOptions::width, "units of a layer", "", 1, 2000,
                      "naszilla; 48 with 120 epochs, batch 16 at 2e-3 fits in a tenth of the time"},
    Field<GcnOptions>{"head", &GcnOptions::head, "units of the fully connected layer", "", 1, 2000,
                      "naszilla"},
    Field<GcnOptions>{"epochs", &GcnOptions::epochs, "passes over the samples", "", 1, 100'000,
                      "naszilla"},
    Field<GcnOptions>{"batch", &GcnOptions::batch, "samples a step", "", 1, 100'000, "naszilla"},
    Field<GcnOptions>{"learning_rate", &GcnOptions::learning_rate, "of Adam", "", 1e-6, 1,
                      "naszilla"},
    Field<GcnOptions>{"weight_decay", &GcnOptions::weight_decay, "decoupled", "", 0, 1, "naszilla"},
    Field<GcnOptions>{"dropout", &GcnOptions::dropout, "part of the units left out", "", 0, 0.9,
                      "naszilla"},
};

GcnOptions parse(const OptionMap& options) {
  return parse_fields<GcnOptions>(kFields, options, kWho);
}

}  // namespace

extern const Plugin<Predictor> gcn_predictor;
constinit const Plugin<Predictor> gcn_predictor{
    .name = "gcn",
    .summary = "graph convolutions along and against the edges of the cell, trained on the values",
    .paper =
        "W. Wen et al.: Neural Predictor for Neural Architecture Search, 2019, arXiv:1912.00848; "
        "settings of naszilla",
    .fields = [] { return describe_fields<GcnOptions>(kFields); },
    .resolve =
        [](const OptionMap& options) { return fields_to_map<GcnOptions>(kFields, parse(options)); },
    .make = [](const OptionMap& options) -> std::unique_ptr<Predictor> {
      return std::make_unique<GraphPredictor>(fit_options(kWho, parse(options)));
    },
};

}  // namespace nas
