#include "db/importers/import_source.h"

#include <algorithm>
#include <utility>

#include "core/util/directory.h"
#include "core/util/encoding.h"
#include "core/util/text.h"
#include "db/importers/byte_source.h"
#include "db/importers/unpack.h"

namespace nas {
namespace {

namespace fs = std::filesystem;

constexpr int kDeepestMember = 3;   // folders below the one given in which a member is sought
constexpr int kDeepestPacking = 3;  // a zip of a tar.gz
constexpr std::size_t kMostListed = 5;

/// The folder below that holds more than one folder, or files.
fs::path innermost(fs::path folder) {
  while (fs::is_directory(folder)) {
    const std::vector<fs::directory_entry> entries = visible_entries(folder);
    if (entries.size() != 1) break;
    folder = entries.front().path();
  }
  return folder;
}

std::string known_importers() {
  std::vector<std::string> names;
  for (const Plugin<Importer>* plugin : importer_plugins()) names.emplace_back(plugin->name);
  return join(names, ", ");
}

/// "nats.tar.gz" -> "nats".
std::string archive_name(fs::path path) {
  path = path.filename();
  const std::string ending = to_lower(path.extension().string());
  path.replace_extension();
  if (ending != ".zip" && to_lower(path.extension().string()) == ".tar") path.replace_extension();
  return path.empty() ? "archive" : path.string();
}

}  // namespace

ImportSource::ImportSource(const ImportRequest& request, std::string_view importer)
    : given_(request.path), path_(request.path) {
  if (!importer.empty()) wanted_ = &find_plugin(importer_plugins(), "importer", importer);
  std::error_code ignored;
  if (!fs::exists(path_, ignored)) {
    throw Error(ErrorKind::kIo, path_.string() + ": no such file or folder");
  }
  if (!fs::is_directory(path_, ignored) && !fs::is_regular_file(path_, ignored)) {
    throw Error(ErrorKind::kData, path_.string() + ": neither a file nor a folder");
  }
  find(request);
  if (fs::is_regular_file(path_, ignored)) {
    refuse_foreign_content(first_bytes(path_, 4096), shown(path_));
  }
  if (importer_ == nullptr) refuse_damaged_archive();
  if (importer_ == nullptr) importer_ = wanted_;
  if (importer_ == nullptr) refuse_unknown();
}

void ImportSource::find(const ImportRequest& request) {
  if (recognise(path_)) return;
  refuse_workbook();
  unpack(request);
  if (recognise(path_)) return;
  path_ = innermost(path_);
  if (!recognise(path_) && fs::is_directory(path_)) find_within(path_);
}

void ImportSource::refuse_damaged_archive() const {
  static const std::vector<std::string> kArchives{".tar", ".tgz", ".zip", ".gz", ".bz2"};
  const std::string ending = to_lower(given_.extension().string());
  const bool archive = std::find(kArchives.begin(), kArchives.end(), ending) != kArchives.end();
  if (archive && !unpacked_) {
    throw Error(ErrorKind::kData,
                given_.string() + ": its name ends with " + ending +
                    ", but it is not such an archive; is it cut off? Fetch it again");
  }
}

void ImportSource::refuse_unknown() const {
  throw Error(ErrorKind::kData,
              given_.string() +
                  ": no importer recognises it; say which one it is for with --importer NAME (" +
                  known_importers() + ")");
}

void ImportSource::refuse_workbook() const {
  const std::string ending = to_lower(path_.extension().string());
  if (ending != ".xlsx" && ending != ".xls" && ending != ".ods") return;
  throw Error(ErrorKind::kData, path_.string() + ": it is a workbook; save the sheet as CSV");
}

bool ImportSource::recognise(const fs::path& path) {
  for (const Plugin<Importer>* plugin : importer_plugins()) {
    if (wanted_ != nullptr && plugin != wanted_) continue;
    if (!plugin->make({})->recognises(path)) continue;
    importer_ = plugin;
    path_ = path;
    return true;
  }
  return false;
}

void ImportSource::unpack(const ImportRequest& request) {
  for (int i = 0; i < kDeepestPacking && fs::is_regular_file(path_); ++i) {
    const Packing packing = packing_of(path_);
    if (packing == Packing::kNone) return;
    const std::string name = archive_name(path_);
    if (!unpacked_) unpacked_ = std::make_unique<TemporaryDirectory>();
    const fs::path folder =
        unpacked_->path() / std::string(static_cast<std::size_t>(i) + 1, '_') / name;
    fs::create_directories(folder);
    ImportRequest within = request;
    within.path = path_;
    try {
      const std::size_t left_out = unpack_archive(within, folder);
      if (left_out > 0) {
        notes_.push_back(std::to_string(left_out) +
                         " links and devices of the archive are left out");
      }
    } catch (const Error& error) {
      throw shown(error);
    }
    path_ = folder;
    if (recognise(path_)) return;
    path_ = innermost(folder);
    if (recognise(path_)) return;
  }
}

void ImportSource::find_within(const fs::path folder) {  // a copy: recognising changes path_
  std::vector<std::pair<fs::path, const Plugin<Importer>*>> found;
  std::vector<fs::path> open{folder};
  for (int depth = 0; depth < kDeepestMember; ++depth) {
    std::vector<fs::path> next;
    for (const fs::path& parent : open) {
      for (const fs::directory_entry& entry : visible_entries(parent)) {
        const fs::path& path = entry.path();
        if (recognise(path)) {
          found.emplace_back(path, std::exchange(importer_, nullptr));
        } else if (fs::is_directory(path)) {
          next.push_back(path);
        }
      }
    }
    open = std::move(next);
  }
  path_ = folder;
  if (found.empty()) return;
  if (found.size() == 1) {
    path_ = found.front().first;
    importer_ = found.front().second;
    notes_.push_back("read " + path_.lexically_relative(folder).string() + " in it");
    return;
  }
  std::vector<std::string> names;
  for (std::size_t i = 0; i < std::min(found.size(), kMostListed); ++i) {
    names.push_back(printable(found[i].first.lexically_relative(folder).string()) + " (" +
                    std::string(found[i].second->name) + ")");
  }
  if (found.size() > kMostListed) names.emplace_back("...");
  throw Error(ErrorKind::kData,
              shown(folder) + ": holds several things to import: " + join(names, ", ") + "; " +
                  (unpacked_ ? "unpack it and name one" : "name one of them"));
}

std::string ImportSource::shown(const fs::path& path) const {
  return shown(Error(ErrorKind::kData, path.string())).what();
}

Error ImportSource::shown(const Error& error) const {
  if (!unpacked_) return error;
  std::string text = error.what();
  const std::string inside = unpacked_->path().string() + "/";
  for (std::size_t at = text.find(inside); at != std::string::npos; at = text.find(inside, at)) {
    // The folder of the packing ("_") and the archive's own one go too.
    std::size_t end = at + inside.size();
    while (end < text.size() && text[end] == '_') ++end;
    const std::string name = "/" + archive_name(given_);
    if (text.compare(end, name.size(), name) == 0) end += name.size();
    const bool member = end < text.size() && text[end] == '/';
    text.replace(at, end + (member ? 1 : 0) - at, given_.string() + (member ? ", " : ""));
  }
  if (text.find(given_.string()) == std::string::npos) text = given_.string() + ": " + text;
  return Error(error.kind(), text);
}

ImportResult import_file(const ImportRequest& request, std::string_view importer,
                         const OptionMap& options) {
  constexpr std::string_view kReadsMappings = "table";
  if (!request.mapping.empty()) {
    // Who says what the columns mean says that there are columns.
    if (importer.empty()) importer = kReadsMappings;
    if (importer != kReadsMappings) {
      find_plugin(importer_plugins(), "importer", importer);  // an unknown name is said first
      throw Error(ErrorKind::kUsage, "a mapping has no effect: importer '" + std::string(importer) +
                                         "' knows what its columns mean; leave --mapping out");
    }
  }
  const ImportSource source(request, importer);
  const std::unique_ptr<Importer> reader = source.importer().make(options);
  ImportRequest within = request;
  within.path = source.path();
  try {
    ImportResult result = reader->import(within);
    const std::vector<std::string>& notes = source.notes();
    result.notes.insert(result.notes.begin(), notes.begin(), notes.end());
    return result;
  } catch (const Error& error) {
    throw source.shown(error);
  }
}

const Plugin<Importer>& importer_for(const std::filesystem::path& path) {
  ImportRequest request;
  request.path = path;
  return ImportSource(request, "").importer();
}

}  // namespace nas
