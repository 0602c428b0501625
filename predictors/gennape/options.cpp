#include "predictors/gennape/options.h"

#include <array>
#include <limits>

namespace nas {
namespace {

constexpr std::string_view kPaper = "GENNAPE (arXiv:2211.17226)";
constexpr std::string_view kReleased = "GENNAPE, released code";

constexpr std::array kFields = {
    Field<GennapeOptions>{
        "members", &GennapeOptions::members,
        "whose votes count, joined by +: cl_fcm_t, cl_t, cl_fcm, cl (heads on the "
        "contrastive encoder; fcm: one for each fuzzy cluster; t: accuracy by "
        "size), pair_fcm, pair (which of two is better), kgnn, flops",
        "", -std::numeric_limits<double>::infinity(), std::numeric_limits<double>::infinity(),
        kPaper},
    Field<GennapeOptions>{"source_graphs", &GennapeOptions::source_graphs,
                          "of each other space that are learned from (published: 50,000)", "graphs",
                          50, 1'000'000},
    Field<GennapeOptions>{"least_label", &GennapeOptions::least_label,
                          "networks of other spaces with less are left out, in the unit of the "
                          "labels",
                          "", -1e300, 1e300, kPaper},
    Field<GennapeOptions>{"encoder_graphs", &GennapeOptions::encoder_graphs,
                          "of them, that the encoder compares", "graphs", 2, 1'000'000},
    Field<GennapeOptions>{"encoder_epochs", &GennapeOptions::encoder_epochs,
                          "passes of the encoder over them", "epochs", 0, 100'000},
    Field<GennapeOptions>{"clusters", &GennapeOptions::clusters, "of fuzzy c-means", "clusters", 1,
                          1000},
    Field<GennapeOptions>{"fuzzifier", &GennapeOptions::fuzzifier, "of fuzzy c-means", "", 1.01,
                          100, kPaper},
    Field<GennapeOptions>{"head_epochs", &GennapeOptions::head_epochs, "of the heads", "epochs", 1,
                          100'000},
    Field<GennapeOptions>{"kgnn_epochs", &GennapeOptions::kgnn_epochs,
                          "of the k-GNN (published: 40)", "epochs", 1, 100'000},
    Field<GennapeOptions>{"kgnn_rate", &GennapeOptions::kgnn_rate,
                          "learning rate of the k-GNN (Adam; published: 1e-4)", "", 1e-7, 1},
    Field<GennapeOptions>{"tune_epochs", &GennapeOptions::tune_epochs,
                          "of fine-tuning on labels of the space itself", "epochs", 0, 100'000,
                          kReleased},
    Field<GennapeOptions>{"tune_rate", &GennapeOptions::tune_rate,
                          "learning rate of the heads in it", "", 1e-7, 1},
    Field<GennapeOptions>{
        "kgnn_tune_rate", &GennapeOptions::kgnn_tune_rate,
        "learning rate of the k-GNN in it (published: 1e-4, batches of one graph)", "", 1e-7, 1},
};

}  // namespace

GennapeOptions parse_gennape(const OptionMap& options) {
  GennapeOptions parsed = parse_fields<GennapeOptions>(kFields, options, "predictor 'gennape'");
  const Gennape check(parsed);  // its members
  return parsed;
}

OptionMap gennape_options(const GennapeOptions& options) {
  return fields_to_map<GennapeOptions>(kFields, options);
}

std::vector<FieldDoc> gennape_fields() {
  return describe_fields<GennapeOptions>(kFields);
}

}  // namespace nas
