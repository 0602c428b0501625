#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "core/util/error.h"
#include "core/util/hash.h"
#include "core/util/text.h"
#include "db/importers/column_builder.h"
#include "db/importers/pickle_path.h"
#include "db/importers/registry.h"
#include "db/importers/self_check.h"
#include "db/importers/torch_file.h"

// transnas-bench_v10141024.pth (Duan et al., CVPR 2021, arXiv 2105.11871): seven tasks, the macro
// and the micro space in one file. A benchmark is of one space: the option says which.

namespace nas {
namespace {

struct TransnasOptions {
  std::string space = "micro";
  bool curves = true;
};
constexpr Field<TransnasOptions> kFields[] = {
    {"space", &TransnasOptions::space, "which half of the file", "", 0, 0, "", "micro|macro"},
    {"curves", &TransnasOptions::curves, "keep every metric's values by epoch"}};
constexpr std::span<const Field<TransnasOptions>> kFieldSpan(kFields);
constexpr std::string_view kOwner = "importer 'transnas_pth'";

/// "valid_top1" -> split "valid", metric "accuracy". Metric names as in our tables; accuracies in
/// percent.
struct MetricName {
  std::string split, metric, unit;
  double scale = 1;
  bool maximize = true;
};

std::optional<MetricName> metric_name(std::string_view text) {
  MetricName name;
  for (const char* split : {"train", "valid", "test"}) {
    const std::string prefix = std::string(split) + "_";
    if (!text.starts_with(prefix)) continue;
    name.split = split;
    text.remove_prefix(prefix.size());
  }
  if (name.split.empty()) return std::nullopt;
  name.metric = text;
  if (text == "top1") {
    name.metric = "accuracy";
    name.unit = "%";
  } else if (text == "top5") {
    name.metric = "accuracy_top5";
    name.unit = "%";
  } else if (text == "acc") {
    name.metric = "pixel_accuracy";
    name.unit = "%";
  } else if (text == "mIoU") {
    name.metric = "miou";
    name.unit = "%";
  }
  name.maximize = !text.ends_with("loss") || text == "neg_loss";
  return name;
}

class TransnasImport {
 public:
  TransnasImport(const ImportRequest& request, const TransnasOptions& options)
      : request_(request), options_(options), file_(request.path.filename().string()) {}

  ImportResult run() {
    const PickleValue object = read_torch_object(request_.path, {});
    try {
      read(as_dict(object, "the object"));
    } catch (const Error& error) {
      throw error.with_context(request_.path.string());
    }
    BenchmarkInfo info;
    info.space = "transnas_" + options_.space;
    info.name = request_.name.empty() ? info.space : request_.name;
    info.source = file_ + ", " + options_.space;
    info.licence = "MIT";
    info.sha256 = sha256_file(request_.path);
    const SearchSpace* space = request_.space ? request_.space(info.space) : nullptr;
    if (space != nullptr) {
      info.space_version = space->info().version;
      for (std::string& text : texts_) text = space->format(space->parse(text));
    }
    ImportResult result{Benchmark(std::move(info)), {}, {}};
    result.benchmark.set_rows(std::move(texts_));
    columns_.finish(result.benchmark);
    note_special_values(result);
    SelfChecks checks(result.benchmark);
    check(checks, result.benchmark);
    checks.finish(result, request_.force);
    return result;
  }

 private:
  void read(const PickleDict& object) {
    const PickleDict& data = dict_of_key(dict_of_key(object, "data"), options_.space);
    for (const auto& [arch, tasks] : data.items) {
      throw_if_stopped(request_);
      texts_.push_back(as_text(arch, "an architecture"));
      try {
        for (const auto& [task, record] : as_dict(tasks, "its tasks").items) {
          read_task(as_text(task, "a task"), as_dict(record, "a record"));
        }
      } catch (const Error& error) {
        throw error.with_context("architecture " + printable(texts_.back()));
      }
    }
  }

  void read_task(const std::string& task, const PickleDict& record) {
    const std::size_t row = texts_.size() - 1;
    BenchmarkColumn column;
    column.dataset = task;
    column.origin = file_;
    const PickleValue* epochs = record.find("total_epochs");
    if (epochs == nullptr || !epochs->integer()) {
      throw Error(ErrorKind::kData, "task " + printable(task) + " has no 'total_epochs'");
    }
    column.epochs = *epochs->integer();
    column.statistic = "last";
    for (const auto& [name, values] : dict_of_key(record, "metrics").items) {
      const std::string& text = as_text(name, "a metric");
      const auto metric = metric_name(text);
      if (!metric) {
        // "time_elapsed" and the like: kept under their own name.
        read_metric({"", text, "", 1, false}, column, values, row);
        continue;
      }
      read_metric(*metric, column, values, row);
    }
    read_model(task, record, row);
  }

  void read_metric(const MetricName& name, BenchmarkColumn column, const PickleValue& values,
                   std::size_t row) {
    std::vector<double> curve;
    for (const PickleValue& value : as_list(values, name.metric).items) {
      if (!value.number()) throw Error(ErrorKind::kData, name.metric + " holds no numbers");
      curve.push_back(*value.number() * name.scale);
    }
    if (curve.empty()) return;
    column.metric = name.metric;
    column.split = name.split;
    column.unit = name.unit;
    column.maximize = name.maximize;
    columns_.set(column, row, curve.back());
    column.statistic = "best";
    columns_.set(column, row,
                 name.maximize ? *std::max_element(curve.begin(), curve.end())
                               : *std::min_element(curve.begin(), curve.end()));
    if (!options_.curves || curve.size() == 1) return;
    column.metric += "_curve";
    column.statistic = "";
    columns_.set(column, row, curve);
  }

  void read_model(const std::string& task, const PickleDict& record, std::size_t row) {
    const PickleValue* model = record.find("model_info");
    if (model == nullptr) return;
    for (const auto& [name, value] : as_dict(*model, "model_info").items) {
      if (!value.number()) continue;
      BenchmarkColumn column;
      column.metric = as_text(name, "a name of model_info");
      column.dataset = task;
      column.origin = file_;
      column.maximize = false;
      columns_.set(column, row, *value.number());
    }
  }

  /// Best validation values of the two spaces, as in the authors' table.
  void check(SelfChecks& checks, const Benchmark& benchmark) const {
    const bool micro = options_.space == "micro";
    const std::size_t size = micro ? 4096 : 3256;
    checks.rows(size);
    if (benchmark.rows() != size) return;
    const auto best = [&](const std::string& task, double value, const std::string& row) {
      const ColumnQuery query =
          parse_column_query("accuracy:dataset=" + task + ",split=valid,statistic=best");
      if (benchmark.matching(query).size() != 1) return;
      const std::string text = micro ? "64-41414-" + row : "64-" + row + "-basic";
      checks.value(text, "accuracy:dataset=" + task + ",split=valid,statistic=best", value, 1.0);
    };
    best("class_scene", micro ? 54.936 : 57.414, micro ? "3_32_132" : "224131");
    best("class_object", micro ? 45.586 : 47.422, micro ? "3_13_113" : "22231");
  }

  const ImportRequest& request_;
  TransnasOptions options_;
  std::string file_;
  std::vector<std::string> texts_;
  ColumnBuilder columns_;
};

class TransnasImporter final : public Importer {
 public:
  explicit TransnasImporter(TransnasOptions options) : options_(std::move(options)) {}
  bool recognises(const std::filesystem::path& path) const override {
    const std::string name = to_lower(path.filename().string());
    return std::filesystem::is_regular_file(path) && name.starts_with("transnas") &&
           name.ends_with(".pth") && is_torch_object(path);
  }
  ImportResult import(const ImportRequest& request) const override {
    return TransnasImport(request, options_).run();
  }

 private:
  TransnasOptions options_;
};

}  // namespace

extern constinit const Plugin<Importer> transnas_pth_importer{
    "transnas_pth",
    "TransNAS-Bench-101: the .pth file of the authors, micro or macro space, seven tasks",
    "Duan, Chen, Xu, Chen, Liang, Zhang and Li, TransNAS-Bench-101: Improving Transferability and "
    "Generalizability of Cross-Task NAS, CVPR 2021, arXiv 2105.11871",
    [] { return describe_fields(kFieldSpan); },
    [](const OptionMap& options) {
      return fields_to_map(kFieldSpan, parse_fields(kFieldSpan, options, kOwner));
    },
    [](const OptionMap& options) -> std::unique_ptr<Importer> {
      return std::make_unique<TransnasImporter>(parse_fields(kFieldSpan, options, kOwner));
    }};

}  // namespace nas
