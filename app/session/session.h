#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "core/api/plugin_choice.h"
#include "core/api/problem.h"
#include "core/api/search_space.h"
#include "core/api/searcher.h"
#include "core/api/store.h"
#include "core/util/options.h"
#include "core/util/progress.h"
#include "db/sqlite_store.h"
#include "db/store_address.h"

namespace nas {

struct SessionOptions {
  StoreAddress store;  ///< empty: $SEARCHLIGHT_STORE, else ./searchlight.db
  ProgressSink* progress = nullptr;
  std::stop_token stop;
  /// Where models, supernets and other files of the store lie. Empty: $SEARCHLIGHT_FILES, else
  /// beside the database, and for a server's where the program was started.
  std::filesystem::path files = {};
};

/// `wanted` unless it is empty; else what SEARCHLIGHT_STORE names, else ./searchlight.db.
StoreAddress choose_store(const StoreAddress& wanted);

/// The composition root: the one place where the store is opened and plug-ins are looked up.
/// Everything is lazy, so a command that needs no store never touches one. Used from one thread;
/// workers get their own store connections.
class Session {
 public:
  explicit Session(SessionOptions options = {});
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  const StoreAddress& store_address() const { return store_; }
  bool store_exists();
  /// Opened for reading: never writes, never creates. Throws Error(kIo) with what to do when the
  /// database is absent.
  const Store& reader();
  /// Opened for writing, created when absent.
  Store& writer();
  /// This process evaluates trials of others: stores that it opens from now on are opened so
  /// (`StoreOptions::worker`).
  void work_for_others() { worker_ = true; }

  /// `SessionOptions::files` or what SEARCHLIGHT_FILES names; empty without either.
  const std::filesystem::path& given_files() const { return given_files_; }
  /// What the paths that the store keeps are relative to.
  const std::filesystem::path& files_directory() const { return files_; }
  /// <files_directory>/models.
  std::filesystem::path models_directory() const { return files_ / "models"; }
  /// A path that the store keeps, as this process opens it.
  std::filesystem::path file_path(const std::filesystem::path& kept) const { return files_ / kept; }
  /// A file as the store keeps it: relative where it lies in `files_directory`, else absolute.
  std::string kept_path(const std::filesystem::path& file) const;

  /// The space by name and options; one object for equal choices, alive as long as the session.
  const SearchSpace& space(const PluginChoice& choice);
  std::unique_ptr<Searcher> searcher(const PluginChoice& choice) const;
  /// What a data set poses, by spec ("mnist:DIR", "glyphs") or by a name that `add_dataset` gave.
  /// Loads once, shared by all trials. Throws as `open_problem` does.
  std::shared_ptr<const Problem> problem(std::string_view spec);
  /// Loads `spec` to check it and keeps it in the store under a short name. Throws Error(kUsage)
  /// for a name that is a kind of data set, stands for other data (unless `replace`) or holds
  /// anything but letters, digits, '-', '_' and '.'.
  std::shared_ptr<const Problem> add_dataset(const std::string& name, const std::string& spec,
                                             bool replace = false);

  /// A benchmark of the store by name: loaded once, without columns wider than one value. Throws
  /// as `BenchmarkStore::open_benchmark` does.
  std::shared_ptr<const Benchmark> benchmark(const std::string& name);
  /// After a benchmark of the store was replaced or removed.
  void forget_benchmark(const std::string& name) { benchmarks_.erase(name); }

  /// Where and with what this process runs.
  const Environment& environment();
  ProgressSink& progress() const { return *progress_; }
  std::stop_token stop() const { return stop_; }

 private:
  std::string spec_of(std::string_view name);
  std::unique_ptr<Store> open(OpenMode mode) const;

  StoreAddress store_;
  std::filesystem::path given_files_;
  std::filesystem::path files_;
  ProgressSink* progress_;
  std::stop_token stop_;
  std::unique_ptr<Store> reader_;
  std::unique_ptr<Store> writer_;
  std::map<std::string, std::unique_ptr<SearchSpace>> spaces_;
  std::map<std::string, std::shared_ptr<const Problem>, std::less<>> problems_;
  std::map<std::string, std::shared_ptr<const Benchmark>, std::less<>> benchmarks_;
  std::optional<Environment> environment_;
  bool worker_ = false;
};

/// "0.1.0 (1a2b3c4)"; without the revision when built outside a checkout.
std::string version_text();

}  // namespace nas
