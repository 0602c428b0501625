#include "app/session.h"

#include <cstdlib>

#include "core/runtime/latency.h"
#include "core/util/error.h"
#include "core/util/text.h"
#include "db/sqlite_store.h"
#include "searchers/registry.h"
#include "searchspaces/registry.h"

namespace nas {
namespace {

std::filesystem::path choose_store(const std::filesystem::path& wanted) {
  if (!wanted.empty()) return wanted;
  const char* variable = std::getenv("SEARCHLIGHT_STORE");
  if (variable != nullptr && *variable != '\0') return variable;
  return "searchlight.db";
}

/// Equal for equal choices.
std::string choice_key(const PluginChoice& choice) {
  std::string key = choice.name;
  for (const auto& [name, value] : choice.options) key += "\n" + name + "\n" + value;
  return key;
}

}  // namespace

Session::Session(SessionOptions options)
    : store_path_(choose_store(options.store)),
      progress_(options.progress != nullptr ? options.progress : &no_progress()),
      stop_(std::move(options.stop)) {}

Session::~Session() = default;

bool Session::store_exists() const {
  std::error_code error;
  return std::filesystem::exists(store_path_, error);
}

const Store& Session::reader() {
  if (writer_) return *writer_;
  if (!reader_) {
    if (!store_exists()) {
      throw Error(ErrorKind::kIo,
                  "there is no results database at '" + printable(store_path_.string()) +
                      "'; run a search first, or name another with --store or SEARCHLIGHT_STORE");
    }
    reader_ = open_sqlite_store(store_path_, OpenMode::kReadOnly);
  }
  return *reader_;
}

Store& Session::writer() {
  if (!writer_) {
    writer_ =
        open_sqlite_store(store_path_, store_exists() ? OpenMode::kReadWrite : OpenMode::kCreate);
  }
  return *writer_;
}

std::filesystem::path Session::models_directory() const {
  return store_path_.parent_path() / "models";
}

const SearchSpace& Session::space(const PluginChoice& choice) {
  std::unique_ptr<SearchSpace>& slot = spaces_[choice_key(choice)];
  if (!slot) slot = find_plugin(space_plugins(), "space", choice.name).make(choice.options);
  return *slot;
}

std::unique_ptr<Searcher> Session::searcher(const PluginChoice& choice) const {
  return find_plugin(searcher_plugins(), "searcher", choice.name).make(choice.options);
}

std::shared_ptr<const ImageDataset> Session::dataset(std::string_view spec) {
  const auto found = datasets_.find(spec);
  if (found != datasets_.end()) return found->second;
  std::shared_ptr<const ImageDataset> loaded = load_dataset(spec);
  datasets_.emplace(spec, loaded);
  return loaded;
}

const Environment& Session::environment() {
  if (!environment_) {
    const RuntimeInfo info = runtime_info();
    environment_ = Environment{version_text(), "libtorch " + info.torch_version + ", " + info.blas,
                               info.cpu + ", " + info.simd, info.threads};
  }
  return *environment_;
}

std::string version_text() {
  const std::string revision = NAS_GIT_REVISION;
  return NAS_VERSION + (revision.empty() ? "" : " (" + revision + ")");
}

void add_option(OptionMap& options, std::string_view assignment) {
  const std::size_t equals = assignment.find('=');
  const std::string name(trim(assignment.substr(0, equals)));
  if (equals == std::string_view::npos || name.empty()) {
    throw Error(ErrorKind::kUsage, "option '" + printable(assignment) + "': write NAME=VALUE");
  }
  options[name] = std::string(trim(assignment.substr(equals + 1)));
}

PluginChoice parse_plugin_choice(std::string_view text) {
  PluginChoice choice;
  const std::size_t colon = text.find(':');
  choice.name = std::string(trim(text.substr(0, colon)));
  if (colon == std::string_view::npos) return choice;
  for (const std::string& assignment : split(text.substr(colon + 1), ',')) {
    if (!trim(assignment).empty()) add_option(choice.options, assignment);
  }
  return choice;
}

}  // namespace nas
