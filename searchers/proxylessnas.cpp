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
  std::string loss = "none";
  double target_macs = 300;
  double loss_factor = 0.2;
  double loss_exponent = 0.3;
  double loss_lambda = 0.1;
  std::int64_t paths = 10;
  std::int64_t updates = 300;
  std::int64_t search_batch = 1000;
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
    Field<ProxylessnasOptions>{.name = "loss",
                               .member = &ProxylessnasOptions::loss,
                               .meaning = "how expected MACs join the cross-entropy",
                               .source = kReleased,
                               .choices = "none|mul_log|add_linear"},
    Field<ProxylessnasOptions>{"target_macs", &ProxylessnasOptions::target_macs,
                               "that the loss refers to", "million", 1e-6, 1e9, kReleased},
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
});

constexpr std::string_view kWhat = "searcher 'proxylessnas'";

void check_effects(const ProxylessnasOptions& options) {
  IdleOptions idle = IdleOptions::of(kFields, options);
  if (options.gates == "reinforce") {
    idle.add({"every"}, "with gates = reinforce, which has updates");
  } else {
    idle.add({"paths", "updates", "search_batch"}, "with gates = " + options.gates);
  }
  if (options.warmup_epochs == 0) idle.add({"warmup_rate"}, "without a warm-up");
  const std::string with_loss = "with loss = " + options.loss;
  if (options.loss == "none") idle.add({"target_macs"}, with_loss);
  if (options.loss != "mul_log") idle.add({"loss_factor", "loss_exponent"}, with_loss);
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
  method.target_macs = options.target_macs;
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
        "probabilities, with expected MACs in the loss",
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
