#include "cli/candidates.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <memory>
#include <optional>
#include <set>

#include "app/host_models/device_models.h"
#include "app/models/stored_model.h"
#include "app/session/session.h"
#include "app/study/metric_catalogue.h"
#include "app/study/metric_origin.h"
#include "app/supernets/supernet_store.h"
#include "core/api/column_names.h"
#include "core/api/device_store.h"
#include "core/api/plugin_choice.h"
#include "core/util/error.h"
#include "core/util/text.h"
#include "db/open_store.h"
#include "searchers/registry.h"
#include "searchspaces/registry.h"

namespace nas::cli {
namespace {

constexpr std::array<std::string_view, 14> kKinds = {
    "study",        "architecture", "benchmark",    "column",         "dataset",
    "device",       "predictor",    "supernet",     "model",          "model-file",
    "device-model", "origin",       "space-option", "searcher-option"};
/// A shell shows no more than a screenful, and a study may have a million trials.
constexpr std::int64_t kMostTrials = 200;

using Words = std::vector<std::string>;

/// The value of an option that was typed before: "--store x" or "--store=x".
std::optional<std::string> option_value(std::span<const std::string> before,
                                        std::string_view name) {
  const std::string flag = "--" + std::string(name);
  for (std::size_t i = before.size(); i-- > 0;) {
    if (before[i].starts_with(flag + "=")) return before[i].substr(flag.size() + 1);
    if (before[i] == flag && i + 1 < before.size()) return before[i + 1];
  }
  return std::nullopt;
}

/// As a session chooses it; nullptr where there is none.
std::unique_ptr<Store> open_typed_store(std::span<const std::string> before) {
  const StoreAddress address =
      choose_store(StoreAddress::parse(option_value(before, "store").value_or("")));
  StoreOptions options;
  options.busy_timeout_ms = 200;
  return store_exists(address) ? open_store(address, OpenMode::kReadOnly, options) : nullptr;
}

Words study_names(const Store& store) {
  Words names;
  for (const StudyRow& row : store.studies()) names.push_back(row.spec.name);
  return names;
}

Words benchmark_names(const Store& store) {
  Words names;
  for (const BenchmarkRow& row : store.benchmarks()) names.push_back(row.info.name);
  return names;
}

/// The names of artifacts of a kind, each after `before`.
Words artifact_names(const Store& store, std::string_view kind, const std::string& before = "") {
  Words names;
  for (const ArtifactRow& row : store.artifacts(kind)) names.push_back(before + row.name);
  return names;
}

/// Devices that were added, that values refer to, or that columns of benchmarks are of.
Words device_names(const Store& store) {
  std::set<std::string> names;
  for (const DeviceRecord& record : device_store(store).device_records()) {
    names.insert(record.device.name);
  }
  for (const BenchmarkRow& row : store.benchmarks()) {
    for (const BenchmarkColumn& column : row.columns) {
      if (!column.device.empty()) names.insert(column.device);
    }
  }
  return {names.begin(), names.end()};
}

Words names_of(const Store& store, std::string_view kind) {
  if (kind == "supernet") return artifact_names(store, kSupernet);
  if (kind == "model") return artifact_names(store, kStoredModel);
  if (kind == "device-model") return artifact_names(store, kDeviceModel);
  if (kind == "device") return device_names(store);
  if (kind == "benchmark") return benchmark_names(store);
  Words names;
  if (kind == "predictor") {
    for (const PredictorRow& row : store.predictors()) names.push_back(row.name);
  }
  return names;
}

/// METRIC first, then "METRIC=KIND:", then with the names that the database has of this kind.
Words origin_words(const Store& store, std::string_view word) {
  Words words;
  const std::size_t equals = word.find('=');
  if (equals == std::string_view::npos) {
    for (const MetricInfo& metric : metric_catalogue()) {
      words.push_back(std::string(metric.name) + (metric.per_device ? "@host=" : "="));
    }
    return words;
  }
  const std::string metric(word.substr(0, equals + 1));
  for (const MetricOriginKind& kind : metric_origin_kinds()) {
    const std::string prefix = metric + std::string(kind.name) + ":";
    if (!word.starts_with(prefix)) {
      words.push_back(prefix);
      continue;
    }
    for (const std::string& name : names_of(store, kind.names)) words.push_back(prefix + name);
  }
  return words;
}

/// Networks of no space: "model:NAME".
Words model_words(const Store& store) {
  return artifact_names(store, kStoredModel, "model:");
}

/// "trial:STUDY/" first, then the numbers of that study.
Words trial_words(const Store& store, std::string_view word) {
  Words words;
  for (const StudyRow& row : store.studies()) {
    const std::string prefix = "trial:" + row.spec.name + "/";
    if (!word.starts_with(prefix)) {
      words.push_back(prefix);
      continue;
    }
    const std::int64_t trials = row.trials_complete + row.trials_infeasible + row.trials_failed;
    for (std::int64_t i = 0; i < std::min(trials, kMostTrials); ++i) {
      words.push_back(prefix + std::to_string(i));
    }
  }
  return words;
}

/// Short names of the columns of the benchmark that the command names, then those of the other
/// benchmarks of its space; of all benchmarks where none is named.
Words column_names(const Store& store, std::span<const std::string> before) {
  const std::vector<BenchmarkRow> rows = store.benchmarks();
  const BenchmarkRow* own = nullptr;
  for (const BenchmarkRow& row : rows) {
    if (std::find(before.begin(), before.end(), row.info.name) != before.end()) own = &row;
  }
  Words words;
  if (own != nullptr) words = short_column_names(own->columns);
  for (const BenchmarkRow& row : rows) {
    if (&row == own) continue;
    if (own != nullptr && (row.info.space.empty() || parse_plugin_choice(row.info.space).name !=
                                                         parse_plugin_choice(own->info.space).name))
      continue;
    for (const std::string& name : short_column_names(row.columns)) {
      words.push_back(own == nullptr ? name : row.info.name + "/" + name);
    }
  }
  return words;
}

template <class Interface>
Words option_words(std::span<const Plugin<Interface>* const> plugins,
                   std::optional<std::string> chosen) {
  Words words;
  if (!chosen) return words;
  const std::string name = chosen->substr(0, chosen->find(':'));
  for (const Plugin<Interface>* plugin : plugins) {
    if (plugin->name != name) continue;
    for (const FieldDoc& field : plugin->fields()) words.push_back(field.name + "=");
  }
  return words;
}

Words words_of(std::string_view kind, std::string_view word, std::span<const std::string> before) {
  if (kind == "space-option") return option_words(space_plugins(), option_value(before, "space"));
  if (kind == "searcher-option") {
    return option_words(searcher_plugins(), option_value(before, "searcher"));
  }
  const std::unique_ptr<Store> store = open_typed_store(before);
  if (store == nullptr) return {};
  if (kind == "study") return study_names(*store);
  if (kind == "architecture" || kind == "model-file") {
    Words words = trial_words(*store, word);
    for (std::string& model : model_words(*store)) words.push_back(std::move(model));
    return words;
  }
  if (kind == "column") return column_names(*store, before);
  if (kind == "origin") return origin_words(*store, word);
  if (kind != "dataset") return names_of(*store, kind);
  Words words;
  for (const DatasetRow& row : store->datasets()) words.push_back(row.name);
  return words;
}

}  // namespace

std::span<const std::string_view> dynamic_kinds() {
  return kKinds;
}

std::vector<std::string> candidates(std::string_view kinds, std::string_view word,
                                    std::span<const std::string> before) {
  Words found;
  const std::string wanted = to_lower(word);
  for (const std::string& kind : split(kinds, ',')) {
    try {
      for (const std::string& candidate : words_of(kind, word, before)) {
        // A name with control characters cannot be typed.
        if (to_lower(candidate).starts_with(wanted) && printable(candidate) == candidate) {
          found.push_back(candidate);
        }
      }
    } catch (const Error&) {  // a database that cannot be read has no words
    }
  }
  return found;
}

int print_candidates(std::span<const std::string> words) {
  if (words.size() < 2) return 2;
  for (const std::string& word : candidates(words[0], words[1], words.subspan(2))) {
    std::printf("%s\n", word.c_str());
  }
  return 0;
}

}  // namespace nas::cli
