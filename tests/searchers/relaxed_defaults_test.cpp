// The defaults of differentiable searchers are those that were published for them.

#include <doctest/doctest.h>

#include "core/util/text.h"
#include "searchers/registry.h"

namespace nas {
namespace {

void check_defaults(std::string_view name, const OptionMap& published) {
  const OptionMap defaults = find_plugin(searcher_plugins(), "searcher", name).resolve({});
  for (const auto& [option, value] : published) {
    CAPTURE(name);
    CAPTURE(option);
    const auto number = parse_double(value), own = parse_double(defaults.at(option));
    CHECK((number ? own == number : defaults.at(option) == value));
  }
}

// Liu et al., ICLR 2019, and Xu et al., ICLR 2020: the tables of their released code for CIFAR-10.
TEST_CASE("published settings: DARTS and PC-DARTS on CIFAR-10") {
  check_defaults("darts", {{"channels", "16"},
                           {"cells", "8"},
                           {"share", "1"},
                           {"epochs", "50"},
                           {"batch", "64"},
                           {"rate", "0.025"},
                           {"final_rate", "0.001"},
                           {"decay", "0.0003"},
                           {"clip", "5"},
                           {"warmup_epochs", "0"},
                           {"first_step", "architecture"},
                           {"architecture_rate", "0.0003"},
                           {"architecture_beta", "0.5"},
                           {"architecture_decay", "0.001"}});
  check_defaults("pc_darts", {{"share", "4"},
                              {"edge_normalisation", "true"},
                              {"batch", "256"},
                              {"rate", "0.1"},
                              {"final_rate", "0"},
                              {"warmup_epochs", "15"},
                              {"architecture_rate", "0.0006"}});
}

// Chen et al., ICLR 2021, released code, 201-space/train_search_progressive.py and architect.py; of
// its two stages the first, for the epochs of both.
TEST_CASE("published settings: DrNAS on NAS-Bench-201") {
  check_defaults("drnas", {{"channels", "16"},
                           {"cells", "5"},
                           {"share", "4"},
                           {"affine", "false"},
                           {"epochs", "100"},
                           {"batch", "64"},
                           {"rate", "0.025"},
                           {"final_rate", "0.001"},
                           {"momentum", "0.9"},
                           {"nesterov", "false"},
                           {"decay", "0.0003"},
                           {"clip", "5"},
                           {"warmup_epochs", "10"},
                           {"first_step", "architecture"},
                           {"architecture_rate", "0.0003"},
                           {"architecture_beta", "0.5"},
                           {"architecture_decay", "0.001"},
                           {"kl", "0"}});
}

// Dong and Yang, ICLR 2020: configs/nas-benchmark/algos/GDAS.config, exps/NAS-Bench-201-algos/
// GDAS.py; 250 epochs are the paper's.
TEST_CASE("published settings: GDAS on NAS-Bench-201") {
  check_defaults("gdas", {{"channels", "16"},
                          {"cells", "5"},
                          {"share", "1"},
                          {"affine", "false"},
                          {"epochs", "250"},
                          {"batch", "64"},
                          {"rate", "0.025"},
                          {"final_rate", "0.001"},
                          {"nesterov", "true"},
                          {"decay", "0.0005"},
                          {"clip", "5"},
                          {"warmup_epochs", "0"},
                          {"first_step", "weights"},
                          {"architecture_rate", "0.0003"},
                          {"architecture_beta", "0.5"},
                          {"architecture_decay", "0.001"},
                          {"first_temperature", "10"},
                          {"last_temperature", "0.1"}});
}

// Cai et al., ICLR 2019, released code.
TEST_CASE("published settings: ProxylessNAS on ImageNet") {
  check_defaults("proxylessnas", {{"gates", "full_v2"},
                                  {"epochs", "160"},
                                  {"batch", "256"},
                                  {"warmup_epochs", "40"},
                                  {"warmup_rate", "0.05"},
                                  {"rate", "0.025"},
                                  {"final_rate", "0"},
                                  {"nesterov", "true"},
                                  {"decay", "4e-05"},
                                  {"label_smoothing", "0.1"},
                                  {"every", "5"},
                                  {"architecture_rate", "0.001"},
                                  {"architecture_beta", "0"},
                                  {"architecture_decay", "0"},
                                  {"paths", "10"},
                                  {"updates", "300"},
                                  {"search_batch", "1000"},
                                  {"loss_factor", "0.2"},
                                  {"loss_exponent", "0.3"},
                                  {"loss_lambda", "0.1"},
                                  {"target_macs", "300"}});
}

}  // namespace
}  // namespace nas
