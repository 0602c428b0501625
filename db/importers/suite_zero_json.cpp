#include <cmath>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/util/error.h"
#include "core/util/hash.h"
#include "core/util/json_reader.h"
#include "core/util/text.h"
#include "db/importers/column_builder.h"
#include "db/importers/data_file.h"
#include "db/importers/notation.h"
#include "db/importers/registry.h"
#include "db/importers/self_check.h"

// zc_<space>.json of NAS-Bench-Suite-Zero (Krishnakumar et al., 2022, arXiv 2210.03230):
// {data set: {"(tuple)": {idx, arch, val_accuracy, proxy: {score, time}}}}.
//
// For NAS-Bench-201 its val_accuracy is the test accuracy of the run with seed 888 (CIFAR-10: of
// the model trained on half of the training images), and is named so here.

namespace nas {
namespace {

using Json = nlohmann::ordered_json;
constexpr double kFailed = -1e8;  // marks scores that were not finite

struct Variant {
  std::string_view word;  // in the file's name
  std::string_view space;
  std::string_view notation;
};
constexpr Variant kVariants[] = {
    {"nasbench201", "nasbench201", "naslib_nb201"},
    {"nasbench101", "nasbench101", "naslib_nb101"},
    {"nasbench301", "darts", "naslib_darts"},
    {"transbench101_micro", "transnas_micro", "transnas_micro"},
    {"transbench101_macro", "transnas_macro", "transnas_macro"},
    {"nb201", "nasbench201", "naslib_nb201"},
    {"nb101", "nasbench101", "naslib_nb101"},
    {"nb301", "darts", "naslib_darts"},
    {"tnb101_micro", "transnas_micro", "transnas_micro"},
    {"tnb101_macro", "transnas_macro", "transnas_macro"},
};

const Variant* variant_of(const std::filesystem::path& path) {
  const std::string name = to_lower(path.filename().string());
  if (!name.starts_with("zc_") || !name.ends_with(".json")) return nullptr;
  for (const Variant& variant : kVariants) {
    if (name.find(variant.word) != std::string::npos) return &variant;
  }
  return nullptr;
}

class SuiteImport {
 public:
  SuiteImport(const ImportRequest& request, const Variant& variant)
      : request_(request), variant_(variant), file_(request.path.filename().string()) {
    if (request.space) space_ = request.space(variant.space);
  }

  ImportResult run() {
    const std::string text = read_data_text(request_.path);
    JsonReader reader(text, file_);
    if (reader.peek() != '{') reader.fail("expected one JSON object");
    reader.members([&](const std::string& dataset) {
      if (reader.peek() != '{') {
        reader.fail("'" + printable(dataset) + "' is not an object of architectures");
      }
      reader.members([&](const std::string& arch) {
        throw_if_stopped(request_);
        const std::size_t begin = reader.offset();
        const Json record = reader.value();
        try {
          if (!record.is_object()) throw Error(ErrorKind::kData, "it is not an object");
          add(dataset, arch, record);
        } catch (const Error& error) {
          reader.fail_at(begin, printable(dataset) + ", " + printable(arch.substr(0, 60)) + ": " +
                                    error.what());
        }
      });
    });
    reader.finish();
    BenchmarkInfo info;
    info.name = request_.name.empty() ? "suite_zero_" + std::string(variant_.space) : request_.name;
    info.space = variant_.space;
    info.source = file_;
    info.licence = "Apache-2.0";
    info.sha256 = sha256_file(request_.path);
    if (space_ != nullptr) info.space_version = space_->info().version;
    ImportResult result{Benchmark(std::move(info)), {}, {}};
    if (variant_.space == "nasbench201") {
      result.notes.emplace_back(
          "val_accuracy of NAS-Bench-201 is the test accuracy of the run with seed 888, and named "
          "so");
    }
    result.benchmark.set_rows(std::move(texts_));
    columns_.finish(result.benchmark);
    note_special_values(result);
    SelfChecks checks(result.benchmark);
    check(checks, result.benchmark);
    checks.finish(result, request_.force);
    return result;
  }

 private:
  void add(const std::string& dataset, const std::string& arch, const Json& record) {
    const std::string_view fields[] = {arch};
    std::string text = canonical_text(variant_.notation, {{}, fields}, space_);
    const auto [found, fresh] = rows_.emplace(text, texts_.size());
    if (fresh) texts_.push_back(std::move(text));
    for (const auto& [key, value] : record.items()) {
      if (key == "val_accuracy" && value.is_number()) {
        columns_.set(accuracy(dataset), found->second, value.get<double>());
      } else if (value.is_object()) {
        add_proxy(dataset, key, value, found->second);
      }
    }
  }

  void add_proxy(const std::string& dataset, const std::string& name, const Json& proxy,
                 std::size_t row) {
    const auto score = proxy.find("score");
    if (score == proxy.end()) throw Error(ErrorKind::kData, name + " has no 'score'");
    BenchmarkColumn column;
    column.metric = name;
    column.dataset = dataset;
    column.source = MetricSource::kProxy;
    column.origin = file_ + ", " + name;
    double value = score->is_number() ? score->get<double>() : kFailed;
    if (value == kFailed || std::isinf(value)) value = -HUGE_VAL;
    if (name == "params") {
      column.source = MetricSource::kComputed;
      column.maximize = false;
      value = std::isinf(value) ? HUGE_VAL : std::round(value * 1e6);  // the file counts millions
    }
    columns_.set(column, row, value);
    const auto time = proxy.find("time");
    if (time == proxy.end() || !time->is_number()) return;
    column.metric = name + "_seconds";
    column.unit = "s";
    column.source = MetricSource::kMeasured;
    column.maximize = false;
    columns_.set(column, row, time->get<double>());
  }

  BenchmarkColumn accuracy(const std::string& dataset) const {
    BenchmarkColumn column;
    column.metric = "accuracy";
    column.dataset = dataset;
    column.split = "valid";
    column.origin = file_ + ", val_accuracy";
    if (variant_.space == "nasbench201") {
      column.dataset = dataset == "cifar10" ? "cifar10-valid" : dataset;
      column.split = "test";
      column.epochs = 200;
      column.statistic = "seed=888";
      column.unit = "%";
    } else if (variant_.space == "darts") {
      column.source = MetricSource::kPredicted;  // of the surrogate NAS-Bench-301
    } else if (variant_.space != "nasbench101") {
      column.metric = "validation_metric";  // accuracy, SSIM or negative loss, by the task
    }
    return column;
  }

  /// Recomputes the parameters where the data set's network is known. NASLib's own network of
  /// TransNAS and DARTS differs from the published one.
  void check(SelfChecks& checks, const Benchmark& benchmark) const {
    const bool known = variant_.space == "nasbench201" || variant_.space == "nasbench101";
    checks.add("architectures", "at least 1", std::to_string(benchmark.rows()),
               benchmark.rows() > 0);
    const bool has_params =
        !benchmark.matching(parse_column_query("params:dataset=cifar10")).empty();
    if (space_ == nullptr || !known || !has_params) return;
    StructureRule rule;
    rule.column = "params:dataset=cifar10";
    check_structure(checks, benchmark, *space_, {rule}, request_);
  }

  const ImportRequest& request_;
  const Variant& variant_;
  std::string file_;
  const SearchSpace* space_ = nullptr;
  std::map<std::string, std::size_t> rows_;
  std::vector<std::string> texts_;
  ColumnBuilder columns_;
};

class SuiteZeroImporter final : public Importer {
 public:
  bool recognises(const std::filesystem::path& path) const override {
    return std::filesystem::is_regular_file(path) && variant_of(path) != nullptr;
  }
  ImportResult import(const ImportRequest& request) const override {
    const Variant* variant = variant_of(request.path);
    if (variant == nullptr) {
      throw Error(ErrorKind::kUsage,
                  request.path.string() +
                      ": the space is told by the name, zc_nasbench201.json and the like");
    }
    return SuiteImport(request, *variant).run();
  }
};

}  // namespace

extern constinit const Plugin<Importer> suite_zero_json_importer{
    "suite_zero_json",
    "NAS-Bench-Suite-Zero: zc_nasbench201.json and its sisters, 13 proxies",
    "Krishnakumar, White, Zela, Tu, Safari and Hutter, NAS-Bench-Suite-Zero: Accelerating Research "
    "on Zero Cost Proxies, NeurIPS 2022, arXiv 2210.03230",
    no_fields,
    resolve_no_options,
    [](const OptionMap& options) -> std::unique_ptr<Importer> {
      resolve_no_options(options);
      return std::make_unique<SuiteZeroImporter>();
    }};

}  // namespace nas
