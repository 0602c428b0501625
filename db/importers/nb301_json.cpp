#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "core/api/stated_network.h"
#include "core/util/counted.h"
#include "core/util/error.h"
#include "core/util/json_reader.h"
#include "core/util/text.h"
#include "db/importers/byte_source.h"
#include "db/importers/column_builder.h"
#include "db/importers/data_file.h"
#include "db/importers/registry.h"
#include "db/importers/self_check.h"
#include "db/importers/text_table.h"

// Result files of NAS-Bench-301 (Zela, Siems, Zimmer, Lukasik, Keuper and Hutter, ICLR 2022): one
// training of a DARTS cell a file, {"optimized_hyperparamater_config":
// {"NetworkSelectorDatasetInfo: darts:edge_normal_0": ...}, "budget", "info": [{"val_accuracy",
// "model_parameters"}], "test_accuracy", "runtime", "learning_curves"}. Trainings of other widths,
// depths and heads are columns of their own.

namespace nas {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr std::string_view kConfiguration = "optimized_hyperparamater_config";  // spelt so
constexpr std::string_view kPrefix = "NetworkSelectorDatasetInfo:darts:";

bool is_result(const fs::path& path) {
  if (to_lower(path.extension().string()) != ".json") return false;
  const std::string start = first_bytes(path, 16384);
  return start.find(kConfiguration) != std::string::npos &&
         start.find(kPrefix) != std::string::npos;
}

/// The settings of the cell and its network as one text, in the notation of the space.
std::string notation_of(const Json& configuration) {
  std::vector<std::string> pairs;
  for (const auto& [key, value] : configuration.items()) {
    if (!key.starts_with(kPrefix) || value.is_structured()) continue;
    pairs.push_back(key + "=" + (value.is_string() ? value.get<std::string>() : json_text(value)));
  }
  std::sort(pairs.begin(), pairs.end());
  return join(pairs, " ");
}

class Nb301Import {
 public:
  explicit Nb301Import(const ImportRequest& request) : request_(request) {
    if (request.space) space_ = request.space("darts");
  }

  ImportResult run() {
    const std::vector<fs::path> files = json_files(request_.path);
    request_.progress->begin("read " + request_.path.filename().string(),
                             static_cast<std::int64_t>(files.size()));
    for (std::size_t i = 0; i < files.size(); ++i) {
      throw_if_stopped(request_);
      const fs::path path = files[i].empty() ? request_.path : request_.path / files[i];
      file_ = path.filename().string();
      try {
        add(parse_json(read_data_text(path), path.string()));
      } catch (const Error& error) {
        if (std::string_view(error.what()).starts_with(path.string())) throw;
        throw error.with_context(path.string());
      }
      request_.progress->update(static_cast<std::int64_t>(i + 1), "");
    }
    request_.progress->end();
    return finish(files.size());
  }

 private:
  void add(const Json& result) {
    const auto configuration =
        result.is_object() ? result.find(std::string(kConfiguration)) : result.end();
    if (configuration == result.end() || !configuration->is_object()) {
      throw Error(ErrorKind::kData, "no object '" + std::string(kConfiguration) +
                                        "'; it is not a result of NAS-Bench-301");
    }
    const std::string notation = notation_of(*configuration);
    StatedNetwork network;
    if (const auto* states = dynamic_cast<const StatesNetworks*>(space_)) {
      network = states->stated_network(notation);
    }
    const std::size_t row = row_of(notation);
    BenchmarkColumn column;
    column.dataset = "cifar10";
    column.statistic = network.text();
    column.origin = "result files of NAS-Bench-301";
    const Json info =
        result.contains("info") && result["info"].is_array() && !result["info"].empty()
            ? result["info"][0]
            : Json::object();
    add_params(column, network, info, row);
    const auto budget = number(result, "budget");
    column.epochs = budget ? std::llround(std::clamp(*budget, 0.0, 1e6)) : 0;
    const std::string training =
        std::to_string(row) + "/" + column.statistic + "/" + std::to_string(column.epochs);
    if (const std::size_t run = ++runs_[training]; run > 1) {
      column.statistic += (column.statistic.empty() ? "run=" : ";run=") + std::to_string(run);
    }
    add_results(column, result, info, row);
  }

  std::size_t row_of(const std::string& notation) {
    std::string text = space_ == nullptr ? notation : space_->format(space_->parse(notation));
    const auto [found, fresh] = rows_.emplace(text, texts_.size());
    if (fresh) texts_.push_back(std::move(text));
    return found->second;
  }

  static std::optional<double> number(const Json& object, const char* key) {
    const auto found = object.is_object() ? object.find(key) : object.end();
    if (found == object.end() || found->is_null()) return std::nullopt;
    if (!found->is_number()) {
      throw Error(ErrorKind::kData, "'" + std::string(key) + "' is not a number");
    }
    const double value = found->get<double>();
    return std::isnan(value) ? std::nullopt : std::optional(value);  // Python's NaN: missing
  }

  void set(const BenchmarkColumn& column, std::size_t row, std::optional<double> value) {
    if (!value) return;
    if (std::isinf(*value)) value = column.maximize ? -HUGE_VAL : HUGE_VAL;
    columns_.set(column, row, *value);
  }

  void add_params(BenchmarkColumn column, const StatedNetwork& network, const Json& info,
                  std::size_t row) {
    column.metric = "params";
    column.maximize = false;
    const auto params = number(info, "model_parameters");
    set(column, row, params);
    if (!params || space_ == nullptr || network.text().empty()) return;
    StructureRule rule;
    rule.column = column_text(column);
    rule.task = space_->info().default_task;
    network.apply(rule.task);
    rules_.emplace(rule.column, rule);
  }

  void add_results(BenchmarkColumn column, const Json& result, const Json& info, std::size_t row) {
    column.metric = "training_seconds";
    column.unit = "s";
    column.maximize = false;
    set(column, row, number(result, "runtime"));
    column.metric = "accuracy";
    column.unit = "%";
    column.maximize = true;
    column.split = "test";
    set(column, row, number(result, "test_accuracy"));
    column.split = "train";
    set(column, row, number(info, "train_accuracy_final"));
    column.split = "valid";
    set(column, row, number(info, "val_accuracy"));
    if (!result.contains("learning_curves") || !result["learning_curves"].is_object()) return;
    const Json& curves = result["learning_curves"];
    const auto curve = curves.find("Train/val_accuracy");
    if (curve == curves.end() || !curve->is_array() || curve->empty()) return;
    std::vector<double> values;
    for (const Json& value : *curve)
      values.push_back(value.is_number() ? value.get<double>() : NAN);
    column.metric = "accuracy_curve";
    columns_.set(column, row, values);
  }

  ImportResult finish(std::size_t files) {
    BenchmarkInfo info;
    info.name = request_.name.empty() ? "nasbench301" : request_.name;
    info.space = "darts";
    info.source = request_.path.filename().string();
    info.sha256 = table_digest(request_.path);
    if (space_ != nullptr) info.space_version = space_->info().version;
    ImportResult result{Benchmark(std::move(info)), {}, {}};
    result.notes.push_back(counted(static_cast<std::int64_t>(files), "result file") + ", " +
                           counted(std::ssize(texts_), "architecture"));
    result.benchmark.set_rows(std::move(texts_));
    columns_.finish(result.benchmark);
    note_special_values(result);
    SelfChecks checks(result.benchmark);
    checks.add("result files", "at least 1", std::to_string(files), files > 0);
    std::vector<StructureRule> rules;
    for (const auto& [text, rule] : rules_) rules.push_back(rule);
    if (space_ != nullptr) check_structure(checks, result.benchmark, *space_, rules, request_);
    checks.finish(result, request_.force);
    return result;
  }

  const ImportRequest& request_;
  const SearchSpace* space_ = nullptr;
  std::string file_;
  std::map<std::string, std::size_t> rows_;
  std::map<std::string, std::size_t> runs_;
  std::map<std::string, StructureRule> rules_;
  std::vector<std::string> texts_;
  ColumnBuilder columns_;
};

class Nb301Importer final : public Importer {
 public:
  bool recognises(const fs::path& path) const override {
    if (!fs::is_directory(path)) return is_result(path);
    const std::vector<fs::path> files = json_files(path);
    return !files.empty() && is_result(path / files.front());
  }
  ImportResult import(const ImportRequest& request) const override {
    return Nb301Import(request).run();
  }
};

}  // namespace

extern constinit const Plugin<Importer> nb301_json_importer{
    "nb301_json",
    "NAS-Bench-301: one result file, or a folder of them",
    "Zela, Siems, Zimmer, Lukasik, Keuper and Hutter, Surrogate NAS Benchmarks: Going Beyond the "
    "Limited Search Spaces of Tabular NAS Benchmarks, ICLR 2022, arXiv 2008.09777",
    no_fields,
    resolve_no_options,
    [](const OptionMap& options) -> std::unique_ptr<Importer> {
      resolve_no_options(options);
      return std::make_unique<Nb301Importer>();
    }};

}  // namespace nas
