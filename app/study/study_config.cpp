#include "app/study/study_config.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "app/benchmarks/device_catalogue.h"
#include "app/scoring/proxy_evaluator.h"
#include "app/study/latency_evaluator.h"
#include "app/study/mcu_origin.h"
#include "app/study/metric_origin.h"
#include "core/util/error.h"
#include "core/util/text.h"
#include "searchers/registry.h"
#include "searchspaces/registry.h"

namespace nas {
namespace {

constexpr std::int64_t kMostTrials = 10'000'000;
constexpr std::int64_t kMostWorkers = 256;
constexpr std::size_t kLongestName = 200;

std::string toml_string(std::string_view text) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string result = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      result += '\\';
      result += c;
    } else if (byte < 0x20 || byte == 0x7f) {
      result += std::string("\\u00") + kDigits[byte >> 4] + kDigits[byte & 15];
    } else {
      result += c;
    }
  }
  return result + "\"";
}

/// An option as a TOML value. Only a text that reads back as itself is written bare.
std::string toml_value(const std::string& text) {
  if (text == "true" || text == "false") return text;
  if (const auto integer = parse_int(text); integer && std::to_string(*integer) == text)
    return text;
  const auto real = parse_double(text);
  if (real && format_double(*real) == text && text.find_first_of(".e") != std::string::npos &&
      text.find("inf") == std::string::npos) {
    return text;
  }
  return toml_string(text);
}

std::string toml_strings(const std::vector<std::string>& texts) {
  std::vector<std::string> quoted;
  for (const std::string& text : texts) quoted.push_back(toml_string(text));
  return "[" + join(quoted, ", ") + "]";
}

/// A TOML file as lines in order; an empty section is the top.
struct Entry {
  std::string section, key, value;
};

std::vector<Entry> entries(const StudyConfig& config) {
  std::vector<Entry> result{
      {"", "name", toml_string(config.name)},
      {"", "data", toml_string(config.data)},
      {"", "objectives", toml_strings(config.objectives)},
      {"", "constraints", toml_strings(config.constraints)},
      {"", "workers", std::to_string(config.workers)},
      {"", "seed", std::to_string(config.seed)},
      {"budget", "trials", std::to_string(config.budget_trials)},
      {"budget", "seconds", format_double(config.budget_seconds)},
      {"budget", "trial_seconds", format_double(config.trial_seconds)},
      {"latency", "batch", std::to_string(config.latency_batch)},
      {"latency", "threads", std::to_string(config.latency_threads)},
      {"scores", "data", toml_string(config.scores.data)},
      {"scores", "batch", std::to_string(config.scores.batch)},
      {"scores", "proxies", toml_strings(config.scores.proxies)},
  };
  // A later field: configurations without it read as they always did.
  if (!config.origins.empty()) {
    result.insert(result.begin() + 4, {"", "origins", toml_strings(config.origins)});
  }
  const auto add = [&result](const std::string& section, const std::string& key,
                             const std::string& name, const OptionMap& options) {
    // Not chosen yet: an empty name would not be read back.
    if (name.empty() && options.empty()) return;
    result.push_back({section, key, toml_string(name)});
    for (const auto& [option, value] : options) {
      result.push_back({section, option, toml_value(value)});
    }
  };
  add("space", "name", config.space.name, config.space.options);
  add("searcher", "name", config.searcher.name, config.searcher.options);
  add("recipe", "preset", config.recipe.preset, config.recipe.options);
  result.push_back({"final", "enabled", config.train_winner ? "true" : "false"});
  add("final", "preset", config.final_recipe.preset, config.final_recipe.options);
  // Whoever names the usual preset gets its epochs (`name_preset`): without them nobody did.
  const RecipeChoice& last = config.final_recipe;
  if (last.preset == RecipeChoice{}.preset && !last.options.contains("epochs")) {
    std::erase_if(result, [](const Entry& entry) {
      return entry.section == "final" && entry.key == "preset";
    });
  }
  return result;
}

/// Collects the problems of independent checks.
class Problems {
 public:
  void check(bool good, const std::string& text) {
    if (!good) texts_.push_back(text);
  }
  void attempt(const std::function<void()>& action) {
    try {
      action();
    } catch (const Error& error) {
      texts_.emplace_back(error.what());
    }
  }
  void throw_if_any() const {
    if (!texts_.empty()) throw Error(ErrorKind::kUsage, "study: " + join(texts_, "; "));
  }

 private:
  std::vector<std::string> texts_;
};

template <class Interface>
void resolve_plugin(std::span<const Plugin<Interface>* const> plugins, std::string_view what,
                    PluginChoice& choice) {
  choice.options = find_plugin(plugins, what, choice.name).resolve(choice.options);
}

void resolve_objectives(StudyConfig& config, const DataKind* data) {
  const ProblemRecord& problem = data == nullptr ? *problem_records().front() : *data->problem;
  if (config.objectives.empty()) config.objectives = {std::string(problem.metrics.front().name)};
  std::vector<std::string> metrics;
  for (std::string& text : config.objectives) {
    const Objective objective = parse_objective(text);
    if (std::find(metrics.begin(), metrics.end(), objective.metric) != metrics.end()) {
      throw Error(ErrorKind::kUsage, "objective '" + objective.metric + "' is named twice");
    }
    metrics.push_back(objective.metric);
    text = to_string(objective);
  }
}

void resolve_scores(StudyConfig& config) {
  ScoreSettings settings;
  settings.batch = config.scores.batch;
  validate(settings);
  std::vector<std::string> names;
  for (std::string& text : config.scores.proxies) {
    const ProxyChoice choice = parse_proxy(text);
    if (std::find(names.begin(), names.end(), choice.name) != names.end()) {
      throw Error(ErrorKind::kUsage, "proxy '" + choice.name + "' is named twice");
    }
    names.push_back(choice.name);
    text = to_string(choice);
  }
}

void check_numbers(const StudyConfig& config, Problems& problems) {
  const auto range = [&problems](std::string_view what, std::int64_t value, std::int64_t most) {
    problems.check(value >= 1 && value <= most, std::string(what) + " = " + std::to_string(value) +
                                                    ", must be in [1, " + std::to_string(most) +
                                                    "]");
  };
  range("budget trials", config.budget_trials, kMostTrials);
  range("workers", config.workers, kMostWorkers);
  range("latency batch", config.latency_batch, 4096);
  range("latency threads", config.latency_threads, kMostWorkers);
  const auto seconds = [&problems](std::string_view what, double value) {
    problems.check(
        value >= 0 && std::isfinite(value),
        std::string(what) + " = " + format_double(value) + ", must be a finite number >= 0");
  };
  seconds("budget seconds", config.budget_seconds);
  seconds("trial seconds", config.trial_seconds);
  // TOML integers have 64 bits with a sign.
  problems.check(
      config.seed <= static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()),
      "seed = " + std::to_string(config.seed) + ", must be below 2^63");
}

void resolve_origins(StudyConfig& config) {
  std::vector<MetricKey> metrics;
  for (std::string& text : config.origins) {
    const MetricOrigin origin = parse_origin(text);
    if (std::find(metrics.begin(), metrics.end(), origin.metric) != metrics.end()) {
      throw Error(ErrorKind::kUsage, "the origin of '" + origin.metric.text() + "' is given twice");
    }
    metrics.push_back(origin.metric);
    text = to_string(origin);
  }
}

/// Nothing is trained without data: fields of a problem's own have no effect.
void forget_training(StudyConfig& config) {
  config.train_winner = false;
  for (RecipeChoice* recipe : {&config.recipe, &config.final_recipe}) {
    std::erase_if(recipe->options, [](const auto& option) {
      const auto common = recipe_fields();
      return std::none_of(common.begin(), common.end(),
                          [&](const Field<Recipe>& field) { return field.name == option.first; });
    });
  }
}

/// Does a metric that has no origin satisfy this?
bool finds_out(const StudyConfig& config, bool (*is_one)(const MetricInfo&, const MetricKey&)) {
  const std::vector<MetricKey> metrics = metrics_without_origin(config);
  return std::any_of(metrics.begin(), metrics.end(), [is_one](const MetricKey& metric) {
    return is_one(metric_info(metric.name), metric);
  });
}

bool has_metric(const ProblemRecord& problem, std::string_view name) {
  return std::any_of(problem.metrics.begin(), problem.metrics.end(),
                     [name](const MetricInfo& metric) { return metric.name == name; });
}

/// "a data set, such as 'speakers:DIR', or ": data by which this metric is judged; "" for one that
/// no training gives.
std::string data_with(std::string_view metric) {
  for (const DataKind& kind : data_kinds()) {
    if (has_metric(*kind.problem, metric)) {
      return "a data set, such as '" + spelling(kind.info) + "', or ";
    }
  }
  return "";
}

/// Every metric needs something that gives it: what is trained for gives those of its own problem.
void check_givers(const StudyConfig& config, const DataKind* data, Problems& problems) {
  for (const MetricKey& metric : metrics_without_origin(config)) {
    const MetricInfo& info = metric_info(metric.name);
    const bool latency = metric.name == latency_metrics().front().name;
    if (is_mcu_metric(metric.name) && find_mcu_device(metric.device) == nullptr) {
      problems.check(false, metric.text() + ": name a microcontroller, such as " + metric.name +
                                "@" + std::string(mcu_devices().front().name) +
                                " (nasctl device list), or an origin");
      continue;
    }
    if (info.per_device && (metric.device != kHost || !latency)) {
      problems.check(false, metric.text() + " is not measured here; " +
                                (latency ? "add its device (nasctl device add), or " : "") +
                                "name its origin, such as '" + metric.text() +
                                (latency ? "=lookup:FILE'" : "=power:WATTS:KIND:WHERE'") +
                                how_to_import(metric.device, config.space.name));
    }
    if (info.role != MetricRole::kQuality) continue;
    const std::string from_data = data_with(metric.name);
    problems.check(!config.data.empty() && !from_data.empty(),
                   metric.name + " needs " + from_data + "an origin, such as '" + metric.name +
                       (from_data.empty() ? "=supernet:NAME'" : "=predictor:NAME'"));
    if (data == nullptr || from_data.empty()) continue;
    problems.check(has_metric(*data->problem, metric.name),
                   "data set kind '" + data->info.name + "' has no metric '" + metric.name +
                       "'; its first is '" + std::string(data->problem->metrics.front().name) +
                       "'");
  }
}

}  // namespace

std::string to_toml(const StudyConfig& config) {
  std::string text;
  std::string section;
  for (const Entry& entry : entries(config)) {
    if (entry.section != section) {
      section = entry.section;
      text += "\n[" + section + "]\n";
    }
    text += entry.key + " = " + entry.value + "\n";
  }
  return text;
}

StudyConfig resolve(const StudyConfig& given, std::string_view data_spec) {
  StudyConfig config = given;
  const DataKind* data = find_data_kind(data_spec.empty() ? config.data : data_spec);
  Problems problems;
  problems.attempt([&] { resolve_plugin(space_plugins(), "space", config.space); });
  problems.attempt([&] { resolve_plugin(searcher_plugins(), "searcher", config.searcher); });
  problems.attempt([&] { inherit_recipe(config.recipe, config.final_recipe); });
  problems.attempt([&] { resolve_recipe(config.recipe, "recipe", data); });
  // The winner is trained on all training samples unless the user says otherwise.
  config.final_recipe.options.emplace("validation_fraction", "0");
  problems.attempt([&] { resolve_recipe(config.final_recipe, "final recipe", data); });
  problems.attempt([&] { resolve_objectives(config, data); });
  for (std::string& text : config.constraints) {
    problems.attempt([&text] { text = to_string(parse_constraint(text)); });
  }
  problems.attempt([&] { resolve_origins(config); });
  problems.attempt([&] { resolve_scores(config); });
  check_numbers(config, problems);
  problems.throw_if_any();
  check_givers(config, data, problems);
  if (config.data.empty()) forget_training(config);
  if (config.scores.data.empty()) {
    config.scores.data = needs_proxies(config) && !config.data.empty() ? config.data : "noise";
  }
  if (config.name.empty()) {
    config.name =
        config.space.name + "-" + config.searcher.name + "-" + std::to_string(config.seed);
  }
  problems.check(config.name.size() <= kLongestName, "the name is longer than 200 characters");
  problems.throw_if_any();
  return config;
}

std::vector<std::string> differences(const StudyConfig& a, const StudyConfig& b) {
  std::map<std::string, std::pair<std::string, std::string>> values;
  const auto path = [](const Entry& entry) {
    return entry.section.empty() ? entry.key : entry.section + "." + entry.key;
  };
  for (const Entry& entry : entries(a)) values[path(entry)].first = entry.value;
  for (const Entry& entry : entries(b)) values[path(entry)].second = entry.value;
  std::vector<std::string> lines;
  const auto shown = [](const std::string& value) { return value.empty() ? "(none)" : value; };
  for (const auto& [key, pair] : values) {
    if (pair.first == pair.second) continue;
    lines.push_back(key + ": " + shown(pair.first) + " -> " + shown(pair.second));
  }
  return lines;
}

std::vector<MetricKey> named_metrics(const StudyConfig& config) {
  std::vector<MetricKey> metrics;
  for (const std::string& text : config.objectives) {
    metrics.push_back(parse_metric(parse_objective(text).metric));
  }
  for (const std::string& text : config.constraints) {
    metrics.push_back(parse_constraint(text).metric);
  }
  return metrics;
}

std::vector<MetricKey> metrics_without_origin(const StudyConfig& config) {
  std::vector<MetricKey> metrics = named_metrics(config);
  std::erase_if(metrics, [&config](const MetricKey& metric) {
    return std::any_of(
        config.origins.begin(), config.origins.end(),
        [&metric](const std::string& text) { return parse_origin(text).metric == metric; });
  });
  return metrics;
}

bool needs_proxies(const StudyConfig& config) {
  return finds_out(config, [](const MetricInfo& info, const MetricKey&) {
    return info.role == MetricRole::kScore;
  });
}

bool needs_latency(const StudyConfig& config) {
  return finds_out(config, [](const MetricInfo& info, const MetricKey& metric) {
    return info.per_device && metric.device == kHost;
  });
}

bool needs_training(const StudyConfig& config) {
  return finds_out(config, [](const MetricInfo& info, const MetricKey&) {
    return info.role == MetricRole::kQuality;
  });
}

}  // namespace nas
