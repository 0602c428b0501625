#include "app/session/session.h"

#include <cstdlib>

#include "app/session/data_spec.h"
#include "app/session/space_text.h"
#include "app/session/stored_digest.h"
#include "core/problems/data_kinds.h"
#include "core/runtime/latency.h"
#include "core/util/error.h"
#include "core/util/file_name.h"
#include "core/util/text.h"
#include "db/kept_path.h"
#include "db/open_store.h"
#include "searchers/registry.h"
#include "searchspaces/registry.h"

namespace nas {
namespace {

std::string variable(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::filesystem::path choose_files(const std::filesystem::path& given, const StoreAddress& store) {
  if (!given.empty()) return given;
  if (store.is_server()) return {};
  return store.is_directory() ? store.path() : store.path().parent_path();
}

/// "mnist:data" -> "mnist:/home/me/data": a stored name must work from every directory.
std::string absolute_spec(const std::string& spec) {
  const std::size_t colon = spec.find(':');
  if (colon == std::string::npos) return spec;
  std::error_code ignored;  // "ground_state:h2" names no file
  if (!std::filesystem::exists(spec.substr(colon + 1), ignored)) return spec;
  return spec.substr(0, colon + 1) +
         std::filesystem::absolute(spec.substr(colon + 1)).lexically_normal().string();
}

}  // namespace

StoreAddress choose_store(const StoreAddress& wanted) {
  if (!wanted.empty()) return wanted;
  const std::string named = variable("SEARCHLIGHT_STORE");
  return StoreAddress::parse(named.empty() ? "searchlight.db" : named);
}

Session::Session(SessionOptions options)
    : store_(choose_store(options.store)),
      given_files_(options.files.empty() ? std::filesystem::path(variable("SEARCHLIGHT_FILES"))
                                         : options.files),
      files_(choose_files(given_files_, store_)),
      progress_(options.progress != nullptr ? options.progress : &no_progress()),
      stop_(std::move(options.stop)) {}

Session::~Session() {
  // The writer closes last: it folds the log into the database, which a reader must not do, and no
  // log stays beside a database that nobody has open.
  benchmarks_.clear();
  reader_.reset();
}

bool Session::store_exists() {
  // A file may have been removed since; a server is not asked twice.
  const bool opened = store_.is_server() && (reader_ || writer_);
  return opened || nas::store_exists(store_);
}

std::string Session::kept_path(const std::filesystem::path& file) const {
  return nas::kept_path(files_, file);
}

std::unique_ptr<Store> Session::open(OpenMode mode) const {
  StoreOptions options;
  options.stop = stop_;
  options.digest_of = stored_digests();
  options.files = files_;
  options.worker = worker_;
  return open_store(store_, mode, options);
}

const Store& Session::reader() {
  if (writer_) return *writer_;
  if (!reader_) {
    if (!store_exists()) {
      throw Error(ErrorKind::kIo,
                  "there is no results database at '" + printable(store_.text()) +
                      "'; run a search first, or name another with --store or SEARCHLIGHT_STORE");
    }
    reader_ = open(OpenMode::kReadOnly);
  }
  return *reader_;
}

Store& Session::writer() {
  if (!writer_) {
    writer_ = open(store_exists() ? OpenMode::kReadWrite : OpenMode::kCreate);
  }
  return *writer_;
}

const SearchSpace& Session::space(const PluginChoice& choice) {
  // A benchmark names its space with the options: "quantum_random:qubits=8,gates=20".
  if (choice.name.find(':') != std::string::npos && choice.options.empty()) {
    return space(parse_plugin_choice(choice.name));
  }
  std::unique_ptr<SearchSpace>& slot = spaces_[space_text(choice)];
  if (!slot) slot = find_plugin(space_plugins(), "space", choice.name).make(choice.options);
  return *slot;
}

std::unique_ptr<Searcher> Session::searcher(const PluginChoice& choice) const {
  return find_plugin(searcher_plugins(), "searcher", choice.name).make(choice.options);
}

namespace {

/// Throws for a misspelled name of an added data set, and suggests the name. Kinds of data are not
/// names.
void refuse_near_name(Session& session, std::string_view word) {
  if (word.find(':') != std::string_view::npos || find_data_kind(word) != nullptr) return;
  if (!session.store_exists()) return;
  std::vector<std::string> names;
  for (const DatasetRow& row : session.reader().datasets()) names.push_back(row.name);
  if (!near_miss(word, names)) return;
  throw Error(ErrorKind::kUsage, unknown_name("data set", word, names));
}

}  // namespace

std::shared_ptr<const Problem> Session::problem(std::string_view spec) {
  const auto found = problems_.find(spec);
  if (found != problems_.end()) return found->second;
  const std::string full = spec_of(spec);
  refuse_near_name(*this, full);
  std::shared_ptr<const Problem> opened = open_problem(full);
  problems_.emplace(spec, opened);
  return opened;
}

std::string data_spec(Session& session, std::string_view name) {
  if (name.find(':') == std::string_view::npos && find_data_kind(name) == nullptr &&
      session.store_exists()) {
    for (const DatasetRow& row : session.reader().datasets()) {
      if (row.name == name) return row.spec;
    }
  }
  return std::string(name);
}

std::string Session::spec_of(std::string_view name) {
  return data_spec(*this, name);
}

std::shared_ptr<const Problem> Session::add_dataset(const std::string& name,
                                                    const std::string& spec, bool replace) {
  check_plain_name(name, "data set");
  if (find_data_kind(name) != nullptr) {
    throw Error(ErrorKind::kUsage, "'" + name + "' is a kind of data set; choose another name");
  }
  const std::string full = absolute_spec(spec_of(spec));
  const std::string known = spec_of(name);
  if (known != name && known != full && !replace) {
    throw Error(ErrorKind::kUsage, "data set '" + name + "' stands for " + printable(known) +
                                       " already; choose another name, or let it stand for the "
                                       "new data with --force");
  }
  std::shared_ptr<const Problem> opened = problem(full);
  const ProblemData& data = opened->data();
  DatasetRow row{name, full, data.id};
  row.classes = static_cast<std::int64_t>(data.classes.size());
  row.samples =
      static_cast<std::int64_t>(data.samples(Part::kTraining) + data.samples(Part::kTest));
  writer().add_dataset(row);
  problems_[name] = opened;
  return opened;
}

std::shared_ptr<const Benchmark> Session::benchmark(const std::string& name) {
  std::shared_ptr<const Benchmark>& slot = benchmarks_[name];
  if (!slot) slot = reader().open_benchmark(name);
  return slot;
}

const Environment& Session::environment() {
  if (!environment_) {
    const RuntimeInfo info = runtime_info();
    environment_ = Environment{version_text(), "libtorch " + info.torch_version + ", " + info.blas,
                               info.cpu + ", " + info.simd, info.threads};
  }
  return *environment_;
}

}  // namespace nas
