#include <array>

#include "searchers/idle_options.h"
#include "searchers/relaxed_search.h"

namespace nas {
namespace {

/// Defaults: ImageNet (Cai, Zhu and Han, ICLR 2019, released code), as far as data of another size
/// have them: 40 epochs of warm-up, then 120 of search, the first of which trains weights alone.
struct ProxylessnasOptions : RelaxedOptions {
  std::string gates = "full_v2";
  double warmup_rate = 0.05;
  std::string loss = "auto";
  std::string cost = "auto";
  double target_macs = kTargetMacs;
  double target_ms = 0;
  double loss_factor = 0.2;
  double loss_exponent = 0.3;
  double loss_lambda = 0.1;
  std::int64_t paths = 10;
  std::int64_t updates = 300;
  std::int64_t search_batch = 1000;
  std::int64_t steps = 250;
  ProxylessnasOptions() {
    channels = 0;
    cells = 0;
    affine = true;
    pool_norm = false;
    epochs = 160;
    batch = 256;
    rate = 0.025;
    final_rate = 0;
    nesterov = true;
    decay = 4e-5;
    clip = 0;
    label_smoothing = 0.1;
    warmup_epochs = 40;
    every = 5;
    first_step = "weights";
    architecture_rate = 1e-3;
    architecture_beta = 0;
    architecture_decay = 0;
    held_out = 0.04;
  }
};
constexpr std::string_view kReleased = "ProxylessNAS, arXiv:1812.00332, released code";

constexpr auto kFields = with_relaxed_fields(std::array{
    Field<ProxylessnasOptions>{
        .name = "gates",
        .member = &ProxylessnasOptions::gates,
        .meaning = "two paths, all at once, all one after the other, or a policy gradient",
        .source = kReleased,
        .choices = "two|full|full_v2|reinforce"},
    Field<ProxylessnasOptions>{
        "warmup_rate", &ProxylessnasOptions::warmup_rate,
        "learning rate of the weights in the warm-up, falls to 0 by a cosine of its own", "", 1e-8,
        100, kReleased},
    Field<ProxylessnasOptions>{
        .name = "loss",
        .member = &ProxylessnasOptions::loss,
        .meaning =
            "how the expected cost joins the cross-entropy; reward: that of reinforce; cost: "
            "the cost alone, without weights and data; auto: mul_log or reward where `cost` "
            "is chosen or the study has a latency of a look-up table, else none",
        .source = kReleased,
        .choices = "auto|none|mul_log|add_linear|reward|cost"},
    Field<ProxylessnasOptions>{
        .name = "cost",
        .member = &ProxylessnasOptions::cost,
        .meaning =
            "what is expected: MACs, or the latency that the study's objectives or "
            "constraints take from a look-up table; auto: that where there is one, else MACs",
        .source = kReleased,
        .choices = "auto|macs|latency_ms"},
    Field<ProxylessnasOptions>{"target_macs", &ProxylessnasOptions::target_macs,
                               "that the loss refers to", "million", 1e-6, 1e9, kReleased},
    Field<ProxylessnasOptions>{
        "target_ms", &ProxylessnasOptions::target_ms,
        "the same of a latency; 0: the bound of the study's constraint, or 80 "
        "without one",
        "ms", 0, 1e9, kReleased},
    Field<ProxylessnasOptions>{"loss_factor", &ProxylessnasOptions::loss_factor, "of mul_log", "",
                               0, 1000, kReleased},
    Field<ProxylessnasOptions>{"loss_exponent", &ProxylessnasOptions::loss_exponent, "of mul_log",
                               "", 0, 1000, kReleased},
    Field<ProxylessnasOptions>{"loss_lambda", &ProxylessnasOptions::loss_lambda, "of add_linear",
                               "", 0, 1000, kReleased},
    Field<ProxylessnasOptions>{"paths", &ProxylessnasOptions::paths,
                               "networks that a step of reinforce draws", "", 1, 10000, kReleased},
    Field<ProxylessnasOptions>{"updates", &ProxylessnasOptions::updates,
                               "architecture steps of an epoch of reinforce, spread evenly", "", 1,
                               1000000, kReleased},
    Field<ProxylessnasOptions>{"search_batch", &ProxylessnasOptions::search_batch,
                               "held-out samples that a step of reinforce judges by", "samples", 2,
                               65536, kReleased},
    Field<ProxylessnasOptions>{"steps", &ProxylessnasOptions::steps,
                               "architecture steps of an epoch of loss = cost", "", 1, 1000000},
});

constexpr std::string_view kWhat = "searcher 'proxylessnas'";

/// All that trains the weights of a supernet.
std::vector<std::string_view> options_of_weights() {
  return {"share",
          "edge_normalisation",
          "affine",
          "pool_norm",
          "track_statistics",
          "batch",
          "rate",
          "final_rate",
          "momentum",
          "nesterov",
          "decay",
          "decay_norm",
          "clip",
          "label_smoothing",
          "warmup_epochs",
          "every",
          "first_step",
          "warmup_rate",
          "held_out",
          "train_samples",
          "held_out_samples",
          "watch_samples"};
}

void check_effects(const ProxylessnasOptions& options) {
  IdleOptions idle = IdleOptions::of(kFields, options);
  const std::string with_loss = "with loss = " + options.loss;
  const bool policy = options.gates == "reinforce";
  if (options.loss == "cost") {
    idle.add(options_of_weights(), with_loss);
    idle.add({"gates", "target_macs", "target_ms"}, with_loss);
  } else {
    idle.add({"steps"}, with_loss);
  }
  if (policy) {
    idle.add({"every"}, "with gates = reinforce, which has updates");
    if (options.loss == "mul_log" || options.loss == "add_linear") {
      idle.add({"loss"}, "with gates = reinforce, whose loss is reward or none");
    }
  } else {
    idle.add({"paths", "updates", "search_batch"}, "with gates = " + options.gates);
    if (options.loss == "reward") idle.add({"loss"}, "with gates = " + options.gates);
  }
  if (options.warmup_epochs == 0) idle.add({"warmup_rate"}, "without a warm-up");
  if (options.loss == "none") idle.add({"cost", "target_macs", "target_ms"}, with_loss);
  if (options.cost == "macs") idle.add({"target_ms"}, "with cost = macs");
  if (options.cost == "latency_ms") idle.add({"target_macs"}, "with cost = latency_ms");
  const bool logarithm = options.loss == "mul_log" || (options.loss == "auto" && !policy);
  if (!logarithm) idle.add({"loss_factor", "loss_exponent"}, with_loss);
  if (options.loss != "add_linear") idle.add({"loss_lambda"}, with_loss);
  idle.throw_if_any(kWhat);
}

ProxylessnasOptions parse(const OptionMap& options) {
  const auto parsed = parse_fields<ProxylessnasOptions>(kFields, options, kWhat);
  check_effects(parsed);
  return parsed;
}

RelaxedMethod method_of(const ProxylessnasOptions& options) {
  RelaxedMethod method{.name = "proxylessnas", .relaxation = {}};
  method.policy = options.gates == "reinforce";
  method.policy_paths = options.paths;
  method.relaxation.method = method.policy ? "full_v2" : options.gates;
  LatencyLoss& loss = method.relaxation.latency;
  loss.kind = options.loss;
  loss.factor = options.loss_factor;
  loss.exponent = options.loss_exponent;
  loss.lambda = options.loss_lambda;
  method.cost = options.cost;
  method.target_macs = options.target_macs;
  method.target_ms = options.target_ms;
  method.steps = options.steps;
  method.warmup_rate = options.warmup_epochs > 0 ? options.warmup_rate : 0;
  method.lead_epochs = 1;
  if (method.policy) {
    method.updates = options.updates;
    method.search_batch = options.search_batch;
  }
  return method;
}

}  // namespace

extern const Plugin<Searcher> proxylessnas_searcher;
constinit const Plugin<Searcher> proxylessnas_searcher{
    .name = "proxylessnas",
    .summary =
        "binary gates let one path of a supernet run; gradients or rewards move their "
        "probabilities, with expected latency or MACs in the loss",
    .paper =
        "H. Cai, L. Zhu, S. Han: ProxylessNAS: Direct Neural Architecture Search on Target Task "
        "and Hardware, 2019, arXiv:1812.00332",
    .fields = [] { return describe_fields<ProxylessnasOptions>(kFields); },
    .resolve =
        [](const OptionMap& o) { return fields_to_map<ProxylessnasOptions>(kFields, parse(o)); },
    .make = [](const OptionMap& o) -> std::unique_ptr<Searcher> {
      const ProxylessnasOptions options = parse(o);
      return std::make_unique<RelaxedSearcher>(options, method_of(options));
    },
};

}  // namespace nas
