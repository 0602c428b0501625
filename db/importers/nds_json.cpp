#include <cmath>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "core/util/error.h"
#include "core/util/hash.h"
#include "core/util/json_reader.h"
#include "core/util/text.h"
#include "db/importers/column_builder.h"
#include "db/importers/data_file.h"
#include "db/importers/registry.h"
#include "db/importers/self_check.h"

// The files of "On Network Design Spaces" (Radosavovic et al., ICCV 2019, arXiv 1905.13214): a list
// of jobs {net, optim, test_ep_top1, ...}, or {"top": [...], "mid": [...]} for ImageNet. Errors
// become accuracies. Where all jobs are cells of the DARTS space in one network, the rows are in
// its notation; else a row is the job's net (and optimiser, where jobs differ in it) as JSON.

namespace nas {
namespace {

using Json = nlohmann::json;  // sorted keys: one text for one network

const Json& member(const Json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end()) throw Error(ErrorKind::kData, std::string("no '") + key + "'");
  return *found;
}

/// [["sep_conv_3x3", 0], ...] as "('sep_conv_3x3', 0), ..."; "" for another form.
std::string pairs_text(const Json& cell) {
  std::string text;
  for (const Json& pair : cell) {
    if (!pair.is_array() || pair.size() != 2 || !pair[0].is_string() || !pair[1].is_number()) {
      return "";
    }
    text += text.empty() ? "('" : ", ('";
    text += pair[0].get<std::string>() + "', " + pair[1].dump() + ")";
  }
  return text;
}

/// An error that is infinite is a failed training, whatever its sign.
double accuracy_of(double error) {
  return std::isinf(error) ? -HUGE_VAL : 100 - error;
}

/// The cell in the space's notation, or nullopt when it is none of its cells.
std::optional<std::string> darts_text(const Json& net, const SearchSpace& space) {
  const auto genotype = net.find("genotype");
  if (genotype == net.end() || !genotype->is_object()) return std::nullopt;
  const std::string normal = pairs_text(genotype->value("normal", Json::array()));
  const std::string reduce = pairs_text(genotype->value("reduce", Json::array()));
  try {
    return space.format(space.parse(
        "Genotype(normal=[" + normal + "], normal_concat=" +
        genotype->value("normal_concat", Json::array()).dump() + ", reduce=[" + reduce +
        "], reduce_concat=" + genotype->value("reduce_concat", Json::array()).dump() + ")"));
  } catch (const Error&) {
    return std::nullopt;  // a cell of the NASNet, PNAS, ... spaces
  }
}

/// Everything of the net but its cell: equal for all jobs where only cells were drawn.
std::string frame_text(Json net) {
  net.erase("genotype");
  return net.dump();
}

class NdsImport {
 public:
  explicit NdsImport(const ImportRequest& request)
      : request_(request), file_(request.path.filename().string()) {
    if (request.space) darts_ = request.space("darts");
    dataset_ = file_.find("_in") != std::string::npos ? "imagenet" : "cifar10";
  }

  ImportResult run() {
    const std::string text = read_data_text(request_.path);
    const Json object = parse_json(text, request_.path.string());
    if (object.is_array()) add_list(object);
    if (object.is_object()) {
      for (const char* part : {"top", "mid"}) {
        if (object.contains(part)) add_list(object[part]);
      }
    }
    if (jobs_.empty()) {
      throw Error(ErrorKind::kData, request_.path.string() +
                                        ": expected a list of jobs, or an object with 'top' and "
                                        "'mid'");
    }
    const bool cells = name_rows();
    BenchmarkInfo info;
    info.name = request_.name.empty() ? "nds_" + request_.path.stem().string() : request_.name;
    info.space = cells ? "darts" : "";
    info.source = file_;
    info.licence = "MIT";
    info.sha256 = sha256_file(request_.path);
    if (cells) info.space_version = darts_->info().version;
    ImportResult result{Benchmark(std::move(info)), {}, {}};
    if (!cells) {
      result.notes.emplace_back("rows are networks as the file describes them, of no space here");
    }
    result.benchmark.set_rows(std::move(texts_));
    columns_.finish(result.benchmark);
    note_special_values(result);
    SelfChecks checks(result.benchmark);
    checks.add("best accuracy lies between 0 and 100", "yes", in_range_ ? "yes" : "no", in_range_);
    checks.finish(result, request_.force);
    return result;
  }

 private:
  void add_list(const Json& list) {
    if (!list.is_array()) throw Error(ErrorKind::kData, file_ + ": jobs are not a list");
    for (const Json& job : list) {
      throw_if_stopped(request_);
      try {
        add(job);
      } catch (const Error& error) {
        throw error.with_context(file_ + ", job " + std::to_string(jobs_.size()));
      } catch (const Json::exception& error) {
        throw Error(ErrorKind::kData,
                    file_ + ", job " + std::to_string(jobs_.size()) + ": " + error.what());
      }
      jobs_.push_back(job);
    }
  }

  void add(const Json& job) {
    if (!job.is_object()) throw Error(ErrorKind::kData, "it is not an object");
    if (!member(job, "net").is_object()) throw Error(ErrorKind::kData, "'net' is not an object");
    const std::size_t row = jobs_.size();
    const auto errors = member(job, "test_ep_top1").get<std::vector<double>>();
    if (errors.empty()) throw Error(ErrorKind::kData, "'test_ep_top1' is empty");
    std::vector<double> curve;
    for (const double error : errors) curve.push_back(accuracy_of(error));
    for (const double accuracy : curve) {
      in_range_ = in_range_ && (!std::isfinite(accuracy) || (accuracy >= 0 && accuracy <= 100));
    }
    BenchmarkColumn column;
    column.dataset = dataset_;
    column.origin = file_;
    column.split = "test";
    column.epochs = static_cast<std::int64_t>(curve.size());
    column.unit = "%";
    column.metric = "accuracy_curve";
    columns_.set(column, row, curve);
    column.metric = "accuracy";
    column.statistic = "last";
    columns_.set(column, row, curve.back());
    if (const auto least = job.find("min_test_top1"); least != job.end()) {
      column.statistic = "best";
      columns_.set(column, row, accuracy_of(least->get<double>()));
    }
    add_size(job, "params", "params", row);
    add_size(job, "flops", "macs", row);
  }

  void add_size(const Json& job, const char* key, const char* metric, std::size_t row) {
    const auto value = job.find(key);
    if (value == job.end() || !value->is_number()) return;
    BenchmarkColumn column;
    column.metric = metric;
    column.dataset = dataset_;
    column.maximize = false;
    column.origin = file_;
    columns_.set(column, row, value->get<double>());
  }

  /// True when the rows are distinct cells of the DARTS space in one network.
  bool name_rows() {
    std::map<std::string, std::size_t> seen;
    bool cells = darts_ != nullptr;
    for (const Json& job : jobs_) {
      cells = cells && frame_text(job["net"]) == frame_text(jobs_.front()["net"]);
      const auto text = cells ? darts_text(job["net"], *darts_) : std::nullopt;
      cells = text && ++seen[*text] == 1;
      if (!cells) break;
      texts_.push_back(*text);
    }
    if (cells) return true;
    seen.clear();
    texts_.clear();
    for (const Json& job : jobs_) {
      std::string text = job["net"].dump();
      if (job.contains("optim")) text += " " + job["optim"].dump();
      const std::size_t count = ++seen[text];
      if (count > 1) text += " #" + std::to_string(count);  // the same job was run again
      texts_.push_back(std::move(text));
    }
    return false;
  }

  const ImportRequest& request_;
  std::string file_, dataset_;
  const SearchSpace* darts_ = nullptr;
  std::vector<Json> jobs_;
  std::vector<std::string> texts_;
  ColumnBuilder columns_;
  bool in_range_ = true;
};

class NdsImporter final : public Importer {
 public:
  bool recognises(const std::filesystem::path& path) const override {
    static const std::vector<std::string> kFamilies{"DARTS",  "NASNet",  "Amoeba",  "PNAS", "ENAS",
                                                    "ResNet", "ResNeXt", "Vanilla", "nds_"};
    if (!std::filesystem::is_regular_file(path) || path.extension() != ".json") return false;
    const std::string name = path.filename().string();
    for (const std::string& family : kFamilies) {
      if (name.starts_with(family)) return true;
    }
    return false;
  }
  ImportResult import(const ImportRequest& request) const override {
    return NdsImport(request).run();
  }
};

}  // namespace

extern constinit const Plugin<Importer> nds_json_importer{
    "nds_json",
    "Network design spaces: DARTS.json, ResNet.json and the like",
    "Radosavovic, Johnson, Xie, Lo and Dollar, On Network Design Spaces for Visual Recognition, "
    "ICCV 2019, arXiv 1905.13214",
    no_fields,
    resolve_no_options,
    [](const OptionMap& options) -> std::unique_ptr<Importer> {
      resolve_no_options(options);
      return std::make_unique<NdsImporter>();
    }};

}  // namespace nas
