#include "app/study/metric_origin.h"

#include <algorithm>
#include <array>
#include <map>
#include <mutex>
#include <optional>
#include <vector>

#include "app/benchmarks/table_rows.h"
#include "app/devices/device_record.h"
#include "app/study/additive_latency.h"
#include "app/study/device_origin.h"
#include "app/study/from_choices.h"
#include "app/study/host_model_origin.h"
#include "app/study/mcu_origin.h"
#include "app/study/metric_catalogue.h"
#include "app/study/predictor_origin.h"
#include "app/study/supernet_origin.h"
#include "core/api/decision_effects.h"
#include "core/util/error.h"
#include "core/util/hash.h"
#include "core/util/text.h"
#include "hwmodels/lookup_table.h"
#include "hwmodels/network_parts.h"
#include "hwmodels/tdnn_latency.h"

namespace nas {
namespace {

class TdnnLatencyEvaluator final : public Evaluator, public FromChoices {
 public:
  TdnnLatencyEvaluator(TdnnLatency table, Info info)
      : table_(std::move(table)), info_(std::move(info)) {
    info_.expense = 1;
  }

  const Info& info() const override { return info_; }

  EvalResult evaluate(const EvalRequest& request) const override {
    return evaluate_choices(request.architecture);
  }

  EvalResult evaluate_choices(const Architecture& architecture) const override {
    EvalResult result;
    result.metrics = {{info_.metrics.front(), table_.milliseconds(architecture.choices),
                       MetricSource::kPredicted, "", info_.device}};
    return result;
  }

 private:
  TdnnLatency table_;
  Info info_;
};

void check_latency(const MetricOrigin& origin) {
  if (origin.metric.name == "latency_ms") return;
  throw Error(ErrorKind::kUsage,
              "a latency table gives latency_ms@DEVICE, not '" + origin.metric.text() + "'");
}

std::unique_ptr<Evaluator> make_tdnn_latency_evaluator(Session&, const SearchSpace& space,
                                                       const Task&, const MetricOrigin& origin) {
  check_latency(origin);
  // The table is of the published input, whatever the study's data are.
  Evaluator::Info info = origin_info(origin, space, space.info().default_task);
  info.device = Device{origin.metric.device, "gpu", "batch=64,precision=float32"};
  return std::make_unique<TdnnLatencyEvaluator>(TdnnLatency(space, origin.argument),
                                                std::move(info));
}

/// Sums over a look-up table: of choices where the space has a blueprint whose alternatives are all
/// in the table, else of the graph.
class LookupEvaluator final : public Evaluator, public FromChoices, public SummedLatency {
 public:
  LookupEvaluator(std::unique_ptr<AdditiveModel> model, const SearchSpace& space, Info info)
      : model_(std::move(model)), space_(space), info_(std::move(info)) {
    info_.expense = 1;
  }

  const Info& info() const override { return info_; }

  EvalResult evaluate(const EvalRequest& request) const override {
    return evaluate_choices(request.architecture);
  }

  EvalResult evaluate_choices(const Architecture& architecture) const override {
    EvalResult result;
    result.metrics = {{info_.metrics.front(), milliseconds(architecture), MetricSource::kPredicted,
                       info_.fidelity, info_.device}};
    return result;
  }

  AdditiveCost additive_cost() const override {
    const std::optional<Blueprint> blueprint = space_.blueprint(info_.task);
    if (!blueprint) {
      throw Error(ErrorKind::kUnsupported, "space '" + space_.info().name +
                                               "' has no blueprint, by which the latencies of all "
                                               "its networks would be one sum");
    }
    return model_->cost(*blueprint, *info_.device);
  }

  double milliseconds(const Architecture& architecture) const {
    const Task task = task_of(space_, architecture, info_.task);
    if (const AdditiveCost* cost = cost_of(task)) return cost->at(architecture.choices);
    return model_->estimate(space_.build(architecture, info_.task), *info_.device).milliseconds;
  }

 private:
  /// nullptr where parts of a network may not run, and where the table lacks an alternative, which
  /// one architecture may not need.
  const AdditiveCost* cost_of(const Task& task) const {
    const std::lock_guard lock(mutex_);
    const auto known = costs_.find(task_text(task));
    if (known != costs_.end()) return known->second ? &*known->second : nullptr;
    std::optional<AdditiveCost>& cost = costs_[task_text(task)];
    const std::optional<Blueprint> blueprint = space_.blueprint(task);
    if (!blueprint || may_leave_parts_out(*blueprint)) return nullptr;
    try {
      cost = model_->cost(*blueprint, *info_.device);
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::kData && error.kind() != ErrorKind::kUnsupported) throw;
      return nullptr;
    }
    return &*cost;
  }

  std::unique_ptr<AdditiveModel> model_;
  const SearchSpace& space_;
  Info info_;
  mutable std::mutex mutex_;                                          // guards costs_
  mutable std::map<std::string, std::optional<AdditiveCost>> costs_;  // by text of the task
};

/// The device as it was added, where the table says nothing of its settings.
Device identity_of(Session& session, const Device& stated) {
  if (stated.kind != "table") return stated;
  return added_device(session, stated.name).value_or(stated);
}

std::unique_ptr<Evaluator> make_lookup_evaluator(Session& session, const SearchSpace& space,
                                                 const Task& task, const MetricOrigin& origin) {
  check_latency(origin);
  auto model = read_lookup_table(origin.argument, origin.metric.device);
  Evaluator::Info info = origin_info(origin, space, task);
  info.device = identity_of(session, find_device(*model, origin.metric.device, origin.argument));
  info.fidelity = "lookup=" + std::filesystem::path(origin.argument).filename().string() + "; " +
                  sha256_mark(sha256_file(origin.argument));
  auto evaluator = std::make_unique<LookupEvaluator>(std::move(model), space, std::move(info));
  // A table of another space is said before the first trial.
  Rng rng({.seed = 0, .purpose = Purpose::kSample});
  evaluator->milliseconds(sample(space, rng));
  return evaluator;
}

/// Looks values up: an architecture that the table lacks is a failed trial.
class TableEvaluator final : public Evaluator {
 public:
  TableEvaluator(std::shared_ptr<const Benchmark> table, std::size_t column,
                 const SearchSpace& space, Info info)
      : table_(std::move(table)), column_(column), rows_(*table_, space), info_(std::move(info)) {
    info_.expense = 1;
    info_.fidelity =
        "table=" + table_->info().name + "; column=" + column_text(table_->columns()[column_]);
  }

  const Info& info() const override { return info_; }

  EvalResult evaluate(const EvalRequest& request) const override {
    const std::optional<std::size_t> row = rows_.find(request.architecture);
    if (!row) {
      throw Error(ErrorKind::kData,
                  "benchmark '" + table_->info().name + "' has no row of this architecture");
    }
    EvalResult result;
    result.metrics = {{info_.metrics.front(), table_->value(column_, *row), MetricSource::kTabular,
                       info_.fidelity, info_.device}};
    return result;
  }

 private:
  std::shared_ptr<const Benchmark> table_;
  std::size_t column_;
  TableRows rows_;
  Info info_;
};

std::unique_ptr<Evaluator> make_table_evaluator(Session& session, const SearchSpace& space,
                                                const Task& task, const MetricOrigin& origin) {
  const std::size_t colon = origin.argument.find(':');
  if (colon == std::string::npos) {
    throw Error(ErrorKind::kUsage, "origin table:" + printable(origin.argument) +
                                       ": write table:BENCHMARK:COLUMN, such as "
                                       "table:nasbench201:accuracy:dataset=cifar10,split=test");
  }
  const std::string name(trim(std::string_view(origin.argument).substr(0, colon)));
  const std::shared_ptr<const Benchmark> table = session.benchmark(name);
  const std::size_t column = table->column(origin.argument.substr(colon + 1));
  const BenchmarkColumn& found = table->columns()[column];
  const std::string_view unit = metric_info(origin.metric.name).unit;
  if (found.width != 1 || found.unit != unit) {
    throw Error(ErrorKind::kUsage,
                "column '" + column_text(found) + "' cannot be " + origin.metric.text() +
                    (found.width != 1
                         ? ": it has several values per row"
                         : ": it is in '" + found.unit + "', not '" + std::string(unit) + "'"));
  }
  Evaluator::Info info = origin_info(origin, space, task);
  info.device = named_device(session, origin.metric.device);
  return std::make_unique<TableEvaluator>(table, column, space, std::move(info));
}

constexpr std::array<MetricOriginKind, 11> kKinds{{
    {"table", "BENCHMARK:COLUMN",
     "a column of a benchmark of the results database (nasctl bench list)", "tabular, benchmark",
     "benchmark", make_table_evaluator},
    {"lookup", "FILE", "a look-up table of blocks (hwmodels/README.md), published or your own",
     "looked up in", "", make_lookup_evaluator},
    {"measured", "DEVICE", "this machine with the settings of a device (nasctl device list)",
     "measured on", "device", make_measured_evaluator},
    {"stored", "DEVICE", "what was measured on a device or imported (nasctl device import)",
     "stored for", "device", make_stored_evaluator},
    {"mcu", "DEVICE",
     "sram_bytes, flash_bytes or latency_ms of a microcontroller, by its model (arch memory)",
     "by the model of", "", make_mcu_evaluator},
    {"predictor", "NAME", "a predictor of the results database (nasctl predictor list)",
     "predicted by", "predictor", make_predictor_evaluator},
    {"kernels", "NAME[:quantile=0.95]",
     "latency_ms@host by a model of this machine's kernels (nasctl device fit)",
     "predicted by the model", "device-model", make_device_model_evaluator},
    {"roofline", "NAME[:quantile=0.95]",
     "latency_ms@host by a roofline of this machine (nasctl device fit --model roofline)",
     "predicted by the model", "device-model", make_device_model_evaluator},
    {"power", "WATTS:KIND:WHERE",
     "energy_mj@DEVICE as watts times the latency of another origin: a model, not a measurement",
     "watts times the latency of", "", make_power_evaluator},
    {"supernet", "NAME[:samples=1000,...]",
     "a subnet with the weights of a supernet on held-out samples (nasctl supernet list)",
     "with the shared weights of supernet", "supernet", make_supernet_evaluator},
    {"tdnn_latency", "DIR", "the published latency table of EfficientTDNN, a V100 at batch 64",
     "looked up in", "", make_tdnn_latency_evaluator},
}};

const MetricOriginKind& find_kind(std::string_view name) {
  std::vector<std::string> names;
  for (const MetricOriginKind& kind : kKinds) {
    if (kind.name == name) return kind;
    names.emplace_back(kind.name);
  }
  throw Error(ErrorKind::kUsage, unknown_name("origin", printable(name), names));
}

}  // namespace

Evaluator::Info origin_info(const MetricOrigin& origin, const SearchSpace& space,
                            const Task& task) {
  Evaluator::Info info;
  info.name = origin.kind;
  info.metrics = {origin.metric.name};
  info.reusable = false;  // quicker than a look-up
  info.task = task;
  info.network = network_text(space, task);
  return info;
}

std::span<const MetricOriginKind> metric_origin_kinds() {
  return kKinds;
}

MetricOrigin parse_origin(std::string_view text) {
  const std::size_t equals = text.find('=');
  const std::size_t colon = text.find(':', equals == std::string_view::npos ? 0 : equals);
  if (equals == std::string_view::npos || colon == std::string_view::npos ||
      trim(text.substr(colon + 1)).empty()) {
    throw Error(ErrorKind::kUsage, "origin '" + printable(text) +
                                       "': write METRIC=KIND:WHERE, such as eer=predictor:NAME");
  }
  const std::string_view kind = trim(text.substr(equals + 1, colon - equals - 1));
  return {parse_metric(text.substr(0, equals)), std::string(find_kind(kind).name),
          std::string(trim(text.substr(colon + 1)))};
}

std::string to_string(const MetricOrigin& origin) {
  return origin.metric.text() + " = " + origin.kind + ":" + origin.argument;
}

std::string describe(const MetricOrigin& origin) {
  return std::string(find_kind(origin.kind).words) + " " + origin.argument;
}

std::unique_ptr<Evaluator> make_origin_evaluator(Session& session, const SearchSpace& space,
                                                 const Task& task, const MetricOrigin& origin) {
  return find_kind(origin.kind).make(session, space, task, origin);
}

}  // namespace nas
