#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "core/util/error.h"
#include "core/util/file.h"
#include "db/importers/importer.h"
#include "db/importers/registry.h"

namespace nas {

/// What a path that the user names holds for an importer: the file or folder itself; what an
/// archive holds (.tar, .zip, .gz, .bz2, .tar.gz, ..., told by content, unpacked into a temporary
/// folder); the one folder in a folder that unpackers leave; the one member that an importer
/// recognises. `importer`: the one to use; "" = the first that recognises it.
///
/// Throws Error(kIo) for a path that is not there, Error(kData) naming archive and member for a
/// damaged archive, Error(kData) where nothing or several things are recognised; Error(kUsage) for
/// an unknown importer.
class ImportSource {
 public:
  ImportSource(const ImportRequest& request, std::string_view importer);

  const std::filesystem::path& path() const { return path_; }
  const Plugin<Importer>& importer() const { return *importer_; }
  const std::vector<std::string>& notes() const { return notes_; }

  /// The error with the archive's name in place of the temporary folder's.
  Error shown(const Error& error) const;

 private:
  void find(const ImportRequest& request);
  void refuse_workbook() const;
  void refuse_damaged_archive() const;
  [[noreturn]] void refuse_unknown() const;
  void unpack(const ImportRequest& request);
  bool recognise(const std::filesystem::path& path);
  void find_within(std::filesystem::path folder);
  std::string shown(const std::filesystem::path& path) const;

  std::filesystem::path given_, path_;
  const Plugin<Importer>* importer_ = nullptr;  ///< null until one recognises the path
  const Plugin<Importer>* wanted_ = nullptr;
  std::unique_ptr<TemporaryDirectory> unpacked_;
  std::vector<std::string> notes_;
};

/// Finds what the request's path holds and imports it; with a mapping it is a table. Throws
/// Error(kUsage) for a mapping and an importer that reads none, and as ImportSource and
/// Importer::import do, with the archive's name where there is one.
ImportResult import_file(const ImportRequest& request, std::string_view importer,
                         const OptionMap& options);

}  // namespace nas
