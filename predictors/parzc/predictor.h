#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/api/plugin.h"
#include "core/api/predictor.h"

namespace nas {

/// The options of `parzc` and, beside the last group, of `parzc_host`.
struct ParzcOptions {
  std::string loss = "diffkendall";
  double alpha = 0.5;
  std::int64_t epochs = 200;
  std::int64_t batch = 10;
  double learning_rate = 1e-4;
  double weight_decay = 1e-3;
  std::int64_t draws = 0;
  double target_mean = 0;
  double target_deviation = 0;
  std::int64_t mixer_hidden = 256;
  std::int64_t mixer_width = 128;
  std::int64_t mixer_depth = 4;
  double dropout = 0.1;
  // parzc_host
  std::int64_t width = 128;
  std::int64_t layers = 4;
  std::int64_t attention = 100;
  std::int64_t feed_forward = 338;
  std::int64_t structure = 76;
};

/// Throws Error(kUsage) for options that do not fit; `hosted`: those of the transformer are known.
ParzcOptions parse_parzc_options(const OptionMap& options, bool hosted);
std::vector<FieldDoc> parzc_fields(bool hosted);
OptionMap parzc_option_map(const ParzcOptions& options, bool hosted);
std::unique_ptr<Predictor> make_parzc(const ParzcOptions& options, bool hosted);

}  // namespace nas
