#include "db/importers/nats_records.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <utility>

#include "core/util/error.h"
#include "core/util/text.h"

namespace nas {
namespace {

[[noreturn]] void fail(const std::string& text) {
  throw Error(ErrorKind::kData, text);
}

const PickleDict& dict_at(const PickleDict& dict, std::string_view key) {
  const PickleValue* value = dict.find(key);
  if (value == nullptr) fail("key '" + std::string(key) + "' is missing");
  if (value->dict() == nullptr) {
    fail("key '" + std::string(key) + "' is " + value->kind() + ", expected a dict");
  }
  return *value->dict();
}

/// Of "12" or 12.
std::int64_t integer_at(const PickleDict& dict, std::string_view key) {
  const PickleValue* value = dict.find(key);
  if (value != nullptr && value->integer()) return *value->integer();
  if (value != nullptr && value->text() != nullptr) {
    if (const auto number = parse_int(*value->text())) return *number;
  }
  fail("key '" + std::string(key) + "' is not a whole number");
}

/// {epoch: value} in order of epochs; values that are not numbers are left out.
std::map<std::int64_t, double> by_epoch(const PickleDict& dict, std::string_view key) {
  std::map<std::int64_t, double> curve;
  const PickleValue* value = dict.find(key);
  if (value == nullptr || value->dict() == nullptr) return curve;
  for (const auto& [epoch, number] : value->dict()->items) {
    if (epoch.integer() && number.number()) curve[*epoch.integer()] = *number.number();
  }
  return curve;
}

/// {"x-valid@199": value} by split and epoch.
using Evaluations = std::map<std::string, std::map<std::int64_t, double>>;
Evaluations evaluations(const PickleDict& run, std::string_view key) {
  Evaluations found;
  const PickleValue* value = run.find(key);
  if (value == nullptr || value->dict() == nullptr) return found;
  for (const auto& [name, number] : value->dict()->items) {
    if (name.text() == nullptr || !number.number()) continue;
    const std::size_t mark = name.text()->find('@');
    if (mark == std::string::npos) continue;
    const auto epoch = parse_int(std::string_view(*name.text()).substr(mark + 1));
    if (!epoch) fail("evaluation '" + printable(*name.text()) + "' names no epoch");
    found[name.text()->substr(0, mark)][*epoch] = *number.number();
  }
  return found;
}

/// The split that the official queries mean.
std::string split_name(const std::string& dataset, const std::string& name) {
  if (name == "x-valid") return "valid";
  if (name == "x-test") return "test";
  if (name == "ori-test" && dataset.starts_with("cifar10") && dataset != "cifar100") return "test";
  return name;
}

std::vector<double> values_of(const std::map<std::int64_t, double>& curve) {
  std::vector<double> values;
  for (const auto& [epoch, value] : curve) values.push_back(value);
  return values;
}

double sum_of(const std::map<std::int64_t, double>& curve) {
  double sum = 0;
  for (const auto& [epoch, value] : curve) sum += value;
  return sum;
}

/// Parameters and MACs do not depend on which part of CIFAR-10 was trained on.
std::string network_of(const std::string& dataset) {
  return dataset == "cifar10-valid" ? "cifar10" : dataset;
}

class RunReader {
 public:
  RunReader(ColumnBuilder& columns, std::string origin, std::string dataset, std::int64_t epochs,
            std::size_t row)
      : columns_(columns),
        origin_(std::move(origin)),
        dataset_(std::move(dataset)),
        epochs_(epochs),
        row_(row) {}

  void read(const PickleDict& run, bool curves) {
    const std::string seed = "seed=" + std::to_string(integer_at(run, "seed"));
    const auto train = by_epoch(run, "train_acc1es");
    const auto train_loss = by_epoch(run, "train_losses");
    if (!train.empty()) add("accuracy", "train", seed, train.rbegin()->second);
    if (!train_loss.empty()) add("loss", "train", seed, train_loss.rbegin()->second);
    if (curves) add_curve("train", seed, train);
    for (const auto& [name, curve] : evaluations(run, "eval_acc1es")) {
      const std::string split = split_name(dataset_, name);
      add("accuracy", split, seed, curve.rbegin()->second);
      if (curves && curve.size() > 1) add_curve(split, seed, curve);
    }
    for (const auto& [name, curve] : evaluations(run, "eval_losses")) {
      add("loss", split_name(dataset_, name), seed, curve.rbegin()->second);
    }
    // Times are one measurement, repeated for all epochs and seeds.
    for (const auto& [name, curve] : evaluations(run, "eval_times")) {
      BenchmarkColumn column = cost("evaluation_seconds", dataset_, "s");
      column.split = split_name(dataset_, name);
      column.epochs = epochs_;
      columns_.set(column, row_, curve.rbegin()->second);
    }
    const auto times = by_epoch(run, "train_times");
    BenchmarkColumn seconds = cost("training_seconds", dataset_, "s");
    seconds.epochs = epochs_;
    if (!times.empty()) columns_.set(seconds, row_, sum_of(times));
    read_size(run);
  }

  void add_means() {
    for (const auto& [key, values] : finals_) {
      double sum = 0;
      for (const double value : values) sum += value;
      columns_.set(column_of(key.first, key.second, "mean"), row_,
                   sum / static_cast<double>(values.size()));
    }
  }

 private:
  void read_size(const PickleDict& run) {
    for (const auto& [key, metric] : {std::pair{"params", "params"}, std::pair{"flop", "macs"}}) {
      const PickleValue* millions = run.find(key);
      if (millions == nullptr || !millions->number()) continue;
      columns_.set(cost(metric, network_of(dataset_), ""), row_,
                   std::round(*millions->number() * 1e6));
    }
    const PickleValue* latency = run.find("latency");
    if (latency == nullptr || latency->list() == nullptr) return;
    double sum = 0;
    std::size_t count = 0;
    for (const PickleValue& value : latency->list()->items) {
      if (!value.number() || *value.number() <= 0) continue;
      sum += *value.number();
      ++count;
    }
    if (count == 0) return;
    BenchmarkColumn column = cost("latency_ms", network_of(dataset_), "ms");
    column.device = "official-gpu";
    column.source = MetricSource::kMeasured;
    columns_.set(column, row_, 1000 * sum / static_cast<double>(count));
  }

  void add(const std::string& metric, const std::string& split, const std::string& seed,
           double value) {
    columns_.set(column_of(metric, split, seed), row_, value);
    finals_[{metric, split}].push_back(value);
  }

  void add_curve(const std::string& split, const std::string& seed,
                 const std::map<std::int64_t, double>& curve) {
    columns_.set(column_of("accuracy_curve", split, seed), row_, values_of(curve));
  }

  BenchmarkColumn column_of(const std::string& metric, const std::string& split,
                            const std::string& statistic) const {
    BenchmarkColumn column;
    column.metric = metric;
    column.dataset = dataset_;
    column.split = split;
    column.epochs = epochs_;
    column.statistic = statistic;
    column.maximize = metric != "loss";
    column.unit = column.maximize ? "%" : "";
    column.origin = origin_;
    return column;
  }

  BenchmarkColumn cost(const std::string& metric, const std::string& dataset,
                       const std::string& unit) const {
    BenchmarkColumn column;
    column.metric = metric;
    column.dataset = dataset;
    column.unit = unit;
    column.maximize = false;
    column.origin = origin_;
    return column;
  }

  ColumnBuilder& columns_;
  std::string origin_, dataset_;
  std::int64_t epochs_;
  std::size_t row_;
  std::map<std::pair<std::string, std::string>, std::vector<double>> finals_;
};

const PickleDict* record_of(const std::pair<PickleValue, PickleValue>& item) {
  const PickleDict* record = item.second.dict();
  return record != nullptr && record->find("all_results") != nullptr ? record : nullptr;
}

}  // namespace

bool is_architecture_record(const PickleDict& dict) {
  return !dict.items.empty() && dict.items.front().first.text() != nullptr &&
         record_of(dict.items.front()) != nullptr;
}

void NatsRecords::add(const PickleDict& by_length) {
  const PickleDict* first = by_length.items.empty() ? nullptr : record_of(by_length.items.front());
  if (first == nullptr) fail("expected a dict of records by length of training");
  const PickleValue* text = first->find("arch_str");
  if (text == nullptr || text->text() == nullptr) fail("a record without 'arch_str'");
  const std::size_t row = rows();
  indices_.push_back(integer_at(*first, "arch_index"));
  texts_.push_back(*text->text());
  try {
    for (const auto& item : by_length.items) {
      const PickleDict* record = record_of(item);
      if (record == nullptr) fail("a record without 'all_results'");
      add_record(*record, row);
    }
  } catch (const Error& error) {
    throw error.with_context("architecture " + std::to_string(indices_.back()) + " (" +
                             printable(texts_.back()) + ")");
  }
}

void NatsRecords::add_record(const PickleDict& record, std::size_t row) {
  if (integer_at(record, "arch_index") != indices_[row]) {
    fail("its records disagree about the index");
  }
  std::map<std::string, std::vector<const PickleDict*>> by_dataset;
  for (const auto& [key, value] : dict_at(record, "all_results").items) {
    const PickleList* pair = key.list();
    const bool fits = pair != nullptr && pair->items.size() == 2 &&
                      pair->items[0].text() != nullptr && value.dict() != nullptr;
    if (!fits) fail("results must be a dict of runs by (data set, seed)");
    by_dataset[*pair->items[0].text()].push_back(value.dict());
  }
  for (const auto& [dataset, runs] : by_dataset) add_results(runs, dataset, row);
}

void NatsRecords::add_results(const std::vector<const PickleDict*>& runs,
                              const std::string& dataset, std::size_t row) {
  RunReader reader(columns_, origin_, dataset, integer_at(*runs.front(), "epochs"), row);
  for (const PickleDict* run : runs) reader.read(*run, curves_);
  reader.add_means();
}

std::vector<StructureRule> nats_structure(const Benchmark& benchmark) {
  struct Network {
    const char* dataset;
    std::int64_t classes, side;
  };
  constexpr std::array<Network, 3> kNetworks{
      {{"cifar10", 10, 32}, {"cifar100", 100, 32}, {"ImageNet16-120", 120, 16}}};
  std::vector<StructureRule> rules;
  for (const Network& network : kNetworks) {
    for (const bool macs : {false, true}) {
      const std::string column =
          (macs ? "macs:dataset=" : "params:dataset=") + std::string(network.dataset);
      if (benchmark.matching(parse_column_query(column)).empty()) continue;
      StructureRule rule;
      rule.column = column;
      rule.macs = macs;
      rule.task.input = {3, network.side, network.side};
      rule.task.classes = network.classes;
      rules.push_back(std::move(rule));
    }
  }
  return rules;
}

void NatsRecords::finish(ImportResult& result, const SearchSpace* space,
                         const ImportRequest& request) {
  std::vector<std::string> texts = texts_;
  if (space != nullptr) {
    for (std::string& text : texts) {
      throw_if_stopped(request);
      text = space->format(space->parse(text));
    }
  }
  result.benchmark.set_rows(std::move(texts));
  columns_.finish(result.benchmark);
}

}  // namespace nas
