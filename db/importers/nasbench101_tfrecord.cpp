#include <array>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <unordered_map>
#include <utility>

#include "core/util/error.h"
#include "core/util/hash.h"
#include "core/util/nesting.h"
#include "core/util/protobuf.h"
#include "core/util/text.h"
#include "db/importers/base64.h"
#include "db/importers/column_builder.h"
#include "db/importers/registry.h"
#include "db/importers/self_check.h"
#include "db/importers/tfrecord.h"

// nasbench_full.tfrecord and nasbench_only108.tfrecord (Ying et al., ICML 2019, arXiv 1902.09635).
// Every record is one training: [hash, epochs, adjacency, operations, base64 of ModelMetrics]. The
// trainings of one hash may list different isomorphic cells; the first one names the row.

namespace nas {
namespace {

constexpr std::size_t kCells = 423624;
constexpr const char* kBestHash = "02e5a0247bbdcf2860b7e96f74961594";

/// One evaluation of a training: at its start, half, and end.
struct Evaluation {
  double epoch = 0, seconds = 0, train = 0, valid = 0, test = 0;
};
struct Metrics {
  std::vector<Evaluation> evaluations;
  double params = 0;
};

Evaluation read_evaluation(std::string_view message) {
  Evaluation evaluation;
  const std::array<double*, 5> members{&evaluation.epoch, &evaluation.seconds, &evaluation.train,
                                       &evaluation.valid, &evaluation.test};
  ProtobufReader reader(message);
  while (const auto field = reader.next()) {
    if (field->number <= 5) {
      *members[static_cast<std::size_t>(field->number - 1)] = field->as_double();
    }
  }
  return evaluation;
}

Metrics read_metrics(std::string_view message) {
  Metrics metrics;
  ProtobufReader reader(message);
  while (const auto field = reader.next()) {
    if (field->number == 1 && field->wire_type == 2) {
      metrics.evaluations.push_back(read_evaluation(field->bytes));
    } else if (field->number == 2 && field->wire_type == 0) {
      metrics.params = static_cast<double>(field->value);
    }
  }
  if (metrics.evaluations.empty()) {
    throw Error(ErrorKind::kData, "a training without evaluations");
  }
  return metrics;
}

class TfRecordImport {
 public:
  explicit TfRecordImport(const ImportRequest& request)
      : request_(request), file_(request.path.filename().string()) {
    if (request.space) space_ = request.space("nasbench101");
    if (space_ != nullptr) keys_ = dynamic_cast<const IsomorphismKeys*>(space_);
  }

  ImportResult run() {
    read();
    add_means();
    BenchmarkInfo info;
    info.space = "nasbench101";
    info.name = request_.name.empty() ? info.space : request_.name;
    info.source = file_;
    info.licence = "Apache-2.0";
    info.sha256 = sha256_file(request_.path);
    if (space_ != nullptr) info.space_version = space_->info().version;
    ImportResult result{Benchmark(std::move(info)), {}, {}};
    result.benchmark.set_rows(std::move(texts_));
    columns_.finish(result.benchmark);
    note_special_values(result);
    check(result);
    return result;
  }

 private:
  void read() {
    const std::unique_ptr<ByteSource> source = open_file(request_.path);
    ByteReader bytes(*source, file_);
    TfRecordReader reader(bytes);
    request_.progress->begin("read " + file_, 0);
    while (const auto record = reader.next()) {
      if (reader.records() % 4096 == 0) {
        throw_if_stopped(request_);
        request_.progress->update(static_cast<std::int64_t>(reader.records()), "");
      }
      try {
        add(*record);
      } catch (const Error& error) {
        throw error.with_context(file_ + ", record " + std::to_string(reader.records()));
      }
    }
    request_.progress->end();
  }

  void add(const std::string& record) {
    check_json_nesting(record, "the record");
    const nlohmann::json fields = nlohmann::json::parse(record, nullptr, false);
    const bool fits = fields.is_array() && fields.size() == 5 && fields[0].is_string() &&
                      fields[1].is_number_integer() && fields[2].is_string() &&
                      fields[3].is_string() && fields[4].is_string();
    if (!fits) {
      throw Error(ErrorKind::kData,
                  "expected [hash, epochs, adjacency, operations, metrics] as JSON");
    }
    const auto hash = fields[0].get<std::string>();
    const auto [found, fresh] = rows_.emplace(hash, texts_.size());
    if (fresh) texts_.push_back(text_of(hash, fields[2], fields[3]));
    const auto epochs = fields[1].get<std::int64_t>();
    const Metrics metrics = read_metrics(decode_base64(fields[4].get<std::string>()));
    add_training(found->second, epochs, metrics);
  }

  std::string text_of(const std::string& hash, const std::string& adjacency,
                      const std::string& operations) {
    if (space_ == nullptr) return adjacency + ":" + operations;
    const Architecture architecture = space_->parse(adjacency + ":" + operations);
    if (keys_ != nullptr && keys_->isomorphism_key(architecture) != hash) ++wrong_hashes_;
    return space_->format(architecture);
  }

  void add_training(std::size_t row, std::int64_t epochs, const Metrics& metrics) {
    Budget& budget = budgets_[epochs];
    if (budget.runs.size() <= row) budget.runs.resize(row + 1);
    const std::string run = "run=" + std::to_string(++budget.runs[row]);
    const Evaluation& last = metrics.evaluations.back();
    add_split("train", epochs, run, row, last.train);
    add_split("valid", epochs, run, row, last.valid);
    add_split("test", epochs, run, row, last.test);
    columns_.set(column("training_seconds", "", epochs, run, "s"), row, last.seconds);
    std::vector<double> curve;
    for (const Evaluation& evaluation : metrics.evaluations)
      curve.push_back(100 * evaluation.valid);
    columns_.set(column("accuracy_curve", "valid", epochs, run, "%"), row, curve);
    columns_.set(column("params", "", 0, "", ""), row, metrics.params);
  }

  void add_split(const std::string& split, std::int64_t epochs, const std::string& run,
                 std::size_t row, double fraction) {
    columns_.set(column("accuracy", split, epochs, run, "%"), row, 100 * fraction);
    auto& [sum, count] = sums_[{split, epochs}];
    if (sum.size() <= row) {
      sum.resize(row + 1);
      count.resize(row + 1);
    }
    sum[row] += 100 * fraction;
    ++count[row];
  }

  void add_means() {
    for (const auto& [key, sums] : sums_) {
      for (std::size_t row = 0; row < sums.first.size(); ++row) {
        if (sums.second[row] == 0) continue;
        columns_.set(column("accuracy", key.first, key.second, "mean", "%"), row,
                     sums.first[row] / sums.second[row]);
      }
    }
  }

  BenchmarkColumn column(const std::string& metric, const std::string& split, std::int64_t epochs,
                         const std::string& statistic, const std::string& unit) const {
    BenchmarkColumn column;
    column.metric = metric;
    column.dataset = "cifar10";
    column.split = split;
    column.epochs = epochs;
    column.statistic = statistic;
    column.unit = unit;
    column.maximize = metric.starts_with("accuracy");
    column.origin = file_;
    return column;
  }

  void check(ImportResult& result) {
    Benchmark& benchmark = result.benchmark;
    SelfChecks checks(benchmark);
    checks.rows(kCells);
    for (const auto& [epochs, budget] : budgets_) {
      std::size_t thrice = 0;
      for (const int runs : budget.runs) thrice += runs == 3 ? 1 : 0;
      checks.add("cells with three runs of " + std::to_string(epochs) + " epochs",
                 std::to_string(benchmark.rows()), std::to_string(thrice),
                 thrice == benchmark.rows());
    }
    if (keys_ != nullptr) {
      checks.add("hashes that differ from the recomputed ones", "0", std::to_string(wrong_hashes_),
                 wrong_hashes_ == 0);
    }
    if (space_ != nullptr) {
      StructureRule params;
      params.column = "params";
      check_structure(checks, benchmark, *space_, {params}, request_);
    }
    const auto best = rows_.find(kBestHash);
    if (benchmark.rows() == kCells && best != rows_.end()) {
      checks.best("accuracy:split=test,epochs=108,statistic=mean", 94.3176, 1e-4,
                  {benchmark.text(best->second)});
    }
    checks.finish(result, request_.force);
  }

  struct Budget {
    std::vector<int> runs;  // so far, by row
  };

  const ImportRequest& request_;
  std::string file_;
  const SearchSpace* space_ = nullptr;
  const IsomorphismKeys* keys_ = nullptr;
  std::unordered_map<std::string, std::size_t> rows_;  // by hash; only looked up
  std::vector<std::string> texts_;
  std::size_t wrong_hashes_ = 0;
  std::map<std::int64_t, Budget> budgets_;
  std::map<std::pair<std::string, std::int64_t>, std::pair<std::vector<double>, std::vector<int>>>
      sums_;
  ColumnBuilder columns_;
};

class TfRecordImporter final : public Importer {
 public:
  bool recognises(const std::filesystem::path& path) const override {
    return std::filesystem::is_regular_file(path) && path.extension() == ".tfrecord";
  }
  ImportResult import(const ImportRequest& request) const override {
    return TfRecordImport(request).run();
  }
};

}  // namespace

extern constinit const Plugin<Importer> nasbench101_tfrecord_importer{
    "nasbench101_tfrecord",
    "NAS-Bench-101: nasbench_full.tfrecord or nasbench_only108.tfrecord",
    "Ying, Klein, Real, Christiansen, Murphy and Hutter, NAS-Bench-101: Towards Reproducible NAS, "
    "ICML 2019, arXiv 1902.09635",
    no_fields,
    resolve_no_options,
    [](const OptionMap& options) -> std::unique_ptr<Importer> {
      resolve_no_options(options);
      return std::make_unique<TfRecordImporter>();
    }};

}  // namespace nas
