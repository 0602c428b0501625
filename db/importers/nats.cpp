#include <algorithm>
#include <memory>
#include <utility>

#include "core/util/error.h"
#include "core/util/hash.h"
#include "core/util/text.h"
#include "db/importers/nats_records.h"
#include "db/importers/registry.h"

// NATS-Bench (Dong, Liu, Musial and Gabrys, arXiv 2009.00437): the folder of one file an
// architecture, or the single file, of the topology or the size space.

namespace nas {
namespace {

namespace fs = std::filesystem;

struct NatsOptions {
  bool curves = true;
};
constexpr Field<NatsOptions> kFields[] = {
    {"curves", &NatsOptions::curves, "keep accuracy curves by epoch (about 1 GB for all cells)"}};
constexpr std::span<const Field<NatsOptions>> kFieldSpan(kFields);

constexpr std::size_t kTopologyCells = 15625;
constexpr std::string_view kSuffix = ".pickle.pbz2";

bool is_file(const fs::path& path) {
  const std::string name = path.filename().string();
  return fs::is_regular_file(path) && name.starts_with("NATS-") && name.ends_with(kSuffix);
}
bool is_folder(const fs::path& path) {
  return fs::is_directory(path) && fs::exists(path / ("meta" + std::string(kSuffix)));
}

PickleValue read(const fs::path& path, const PickleOptions& options = {}) {
  const std::unique_ptr<ByteSource> source = open_unpacked(path);
  ByteReader reader(*source, path.filename().string());
  PickleValue value = read_pickle(reader, options);
  reader.drain();
  return value;
}

std::vector<std::string> meta_texts(const PickleValue& meta, const fs::path& path) {
  const PickleValue* list = meta.dict() == nullptr ? nullptr : meta.dict()->find("meta_archs");
  if (list == nullptr || list->list() == nullptr) {
    throw Error(ErrorKind::kData, path.string() + ": no list 'meta_archs' in it");
  }
  std::vector<std::string> texts;
  for (const PickleValue& item : list->list()->items) {
    if (item.text() == nullptr) {
      throw Error(ErrorKind::kData, path.string() + ": meta_archs must hold texts");
    }
    texts.push_back(*item.text());
  }
  return texts;
}

/// Six digits and the suffix.
bool is_architecture_file(const fs::path& path) {
  const std::string name = path.filename().string();
  return name.size() == 6 + kSuffix.size() && name.ends_with(kSuffix) &&
         name.find_first_not_of("0123456789") == 6;
}

class NatsImport {
 public:
  NatsImport(const ImportRequest& request, const NatsOptions& options)
      : request_(request),
        path_(request.path.has_filename() ? request.path : request.path.parent_path()),
        records_(path_.filename().string(), options.curves) {}

  ImportResult run() {
    if (fs::is_directory(path_)) {
      read_folder();
    } else {
      read_single_file();
    }
    const bool topology = !texts_.empty() && texts_.front().find('|') != std::string::npos;
    const std::string space_name = topology ? "nasbench201" : "nats_size";
    BenchmarkInfo info;
    info.name = !request_.name.empty() ? request_.name : topology ? "nats_tss" : "nats_sss";
    info.space = space_name;
    info.source = path_.filename().string();
    info.licence = "MIT";
    info.sha256 = digest_;
    const SearchSpace* space = request_.space ? request_.space(space_name) : nullptr;
    if (space != nullptr) info.space_version = space->info().version;
    ImportResult result{Benchmark(std::move(info)), {}, {}};
    if (records_.rows() < texts_.size()) {
      result.notes.push_back(format_count(static_cast<std::int64_t>(records_.rows())) + " of " +
                             format_count(static_cast<std::int64_t>(texts_.size())) +
                             " architectures are there, the others are missing");
    }
    SelfChecks checks(result.benchmark);
    check_indices(checks);
    records_.finish(result, space, request_);
    note_special_values(result);
    if (space != nullptr) {
      check_order(checks, *space);
      check_structure(checks, result.benchmark, *space, nats_structure(result.benchmark), request_);
    }
    check_values(checks, result.benchmark, topology);
    checks.finish(result, request_.force);
    return result;
  }

 private:
  void read_folder() {
    const fs::path meta = path_ / ("meta" + std::string(kSuffix));
    texts_ = meta_texts(read(meta), meta);
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(path_)) {
      if (is_architecture_file(entry.path())) files.push_back(entry.path());
    }
    if (files.empty()) {
      throw Error(ErrorKind::kData, path_.string() + ": holds " + meta.filename().string() +
                                        ", but no file of an architecture (000000" +
                                        std::string(kSuffix) + "); was it unpacked whole?");
    }
    std::sort(files.begin(), files.end());
    std::string digests = sha256_file(meta);
    request_.progress->begin("read " + path_.filename().string(),
                             static_cast<std::int64_t>(files.size()));
    for (std::size_t i = 0; i < files.size(); ++i) {
      throw_if_stopped(request_);
      const PickleValue value = read(files[i]);
      if (value.dict() == nullptr) {
        throw Error(ErrorKind::kData, files[i].string() + ": expected a dict, got " + value.kind());
      }
      try {
        records_.add(*value.dict());
      } catch (const Error& error) {
        throw error.with_context(files[i].string());
      }
      const std::string number = files[i].filename().string().substr(0, 6);
      if (parse_int(number) != records_.index(records_.rows() - 1)) {
        throw Error(ErrorKind::kData, files[i].string() + ": holds architecture " +
                                          std::to_string(records_.index(records_.rows() - 1)));
      }
      digests += sha256_file(files[i]);
      request_.progress->update(static_cast<std::int64_t>(i + 1), "");
    }
    request_.progress->end();
    digest_ = sha256_hex(digests);  // of the digests of all files, in order
  }

  void read_single_file() {
    PickleOptions options;
    options.limits.values = kStreamedPickleValues;
    options.on_dict = [this](PickleDict& dict) {
      if (!is_architecture_record(dict)) return;
      throw_if_stopped(request_);
      records_.add(dict);
      request_.progress->update(static_cast<std::int64_t>(records_.rows()), "");
      for (auto& [key, value] : dict.items) release(value);
      dict.items.clear();
    };
    request_.progress->begin("read " + path_.filename().string(), 0);
    texts_ = meta_texts(read(path_, options), path_);
    request_.progress->end();
    digest_ = sha256_file(path_);
  }

  /// Every record's text must be the one that the list has under its index.
  void check_indices(SelfChecks& checks) const {
    std::size_t equal = 0;
    for (std::size_t row = 0; row < records_.rows(); ++row) {
      const auto index = static_cast<std::size_t>(records_.index(row));
      equal += index < texts_.size() && texts_[index] == records_.text(row) ? 1 : 0;
    }
    checks.add("architectures at their index of the list", std::to_string(records_.rows()),
               std::to_string(equal), equal == records_.rows());
  }

  void check_order(SelfChecks& checks, const SearchSpace& space) const {
    const auto* indexed = dynamic_cast<const IndexedSpace*>(&space);
    if (indexed == nullptr) return;
    std::size_t equal = 0;
    for (std::size_t i = 0; i < texts_.size() && i < indexed->size(); ++i) {
      equal += space.format(indexed->at(i)) == texts_[i] ? 1 : 0;
    }
    const std::size_t size = static_cast<std::size_t>(indexed->size());
    checks.add("list of architectures in the order of space " + space.info().name,
               std::to_string(size), std::to_string(equal), equal == size && texts_.size() == size);
  }

  void check_values(SelfChecks& checks, const Benchmark& benchmark, bool topology) const;

  const ImportRequest& request_;
  fs::path path_;
  NatsRecords records_;
  std::vector<std::string> texts_;
  std::string digest_;
};

/// Published values of the sample that the authors' own tests use, and of the complete tables.
void NatsImport::check_values(SelfChecks& checks, const Benchmark& benchmark, bool topology) const {
  const std::string mean = ",statistic=mean", test = "accuracy:dataset=cifar10,split=test";
  const std::string valid = "accuracy:dataset=cifar10-valid,split=valid";
  if (!topology) {
    const std::string column = valid + ",epochs=90,statistic=mean";
    checks.value("8:8:8:8:8", column, 76.888, 1e-6, false);
    checks.value("8:8:8:16:32", column, 83.724, 1e-6, false);
    checks.value("8:8:40:32:40", column, 86.796, 1e-6, false);
    return;
  }
  if (texts_.size() != kTopologyCells) return;  // the order is a failed check already
  const std::string column = test + ",epochs=200" + mean;
  struct Known {
    std::size_t index;
    double valid, test;
  };
  for (const Known& known :
       {Known{0, 81.9827, 85.8633}, {11, 87.94, 91.5833}, {284, 86.0467, 88.79}}) {
    checks.value(texts_.at(known.index), valid + ",epochs=200" + mean, known.valid, 1e-4, false);
    checks.value(texts_.at(known.index), column, known.test, 1e-4, false);
  }
  if (benchmark.rows() < texts_.size()) return;
  checks.best(column, 94.3733, 1e-4, {texts_.at(6111), texts_.at(13714)});
  checks.best(valid + ",epochs=200" + mean, 91.6067, 1e-4, {texts_.at(6111)});
}

class NatsImporter final : public Importer {
 public:
  explicit NatsImporter(NatsOptions options) : options_(options) {}
  bool recognises(const fs::path& path) const override { return is_folder(path) || is_file(path); }
  ImportResult import(const ImportRequest& request) const override {
    return NatsImport(request, options_).run();
  }

 private:
  NatsOptions options_;
};

}  // namespace

extern constinit const Plugin<Importer> nats_importer{
    "nats",
    "NATS-Bench, topology and size: the folder of single files, or the one large file",
    "Dong, Liu, Musial and Gabrys, NATS-Bench: Benchmarking NAS Algorithms for Architecture "
    "Topology and Size, TPAMI 2021, arXiv 2009.00437",
    [] { return describe_fields(kFieldSpan); },
    [](const OptionMap& options) {
      return fields_to_map(kFieldSpan, parse_fields(kFieldSpan, options, "importer 'nats'"));
    },
    [](const OptionMap& options) -> std::unique_ptr<Importer> {
      return std::make_unique<NatsImporter>(parse_fields(kFieldSpan, options, "importer 'nats'"));
    }};

}  // namespace nas
