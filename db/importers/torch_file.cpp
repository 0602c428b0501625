#include "db/importers/torch_file.h"

#include <algorithm>
#include <string_view>

#include "core/util/error.h"
#include "db/importers/zip.h"

namespace nas {
namespace {

using namespace std::string_view_literals;

// The pickled integer 0x1950a86a20f9469cfc6c, with which the older form starts.
constexpr std::string_view kMagic = "\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19"sv;
constexpr std::string_view kLegacyStart = "\x80\x02\x8a\x0a"sv;
constexpr std::int64_t kProtocol = 1001;

PickleValue read_zip_form(const std::filesystem::path& path, const PickleOptions& options) {
  const std::vector<ZipEntry> entries = read_zip_directory(path);
  const auto found = std::find_if(entries.begin(), entries.end(), [](const ZipEntry& entry) {
    return entry.name == "data.pkl" || entry.name.ends_with("/data.pkl");
  });
  if (found == entries.end()) {
    throw Error(ErrorKind::kData, path.string() + ": a zip archive without data.pkl");
  }
  const std::unique_ptr<ByteSource> source = open_zip_entry(path, *found);
  ByteReader reader(*source, path.filename().string() + ", data.pkl");
  PickleValue value = read_pickle(reader, options);
  reader.drain();
  return value;
}

PickleValue read_legacy_form(const std::filesystem::path& path, const PickleOptions& options) {
  const std::unique_ptr<ByteSource> source = open_file(path);
  ByteReader reader(*source, path.filename().string());
  const PickleValue magic = read_pickle(reader);
  if (magic.text() == nullptr || *magic.text() != kMagic) {
    reader.fail("the magic number of torch files is not there");
  }
  if (read_pickle(reader).integer() != kProtocol) reader.fail("expected torch protocol 1001");
  const PickleValue system = read_pickle(reader);
  const PickleValue* little =
      system.dict() == nullptr ? nullptr : system.dict()->find("little_endian");
  if (little == nullptr || little->number() != 1.0) reader.fail("expected a little-endian file");
  return read_pickle(reader, options);
}

}  // namespace

PickleValue read_torch_object(const std::filesystem::path& path, PickleOptions options) {
  options.persistent_ids = true;
  return first_bytes(path, 2) == "PK" ? read_zip_form(path, options)
                                      : read_legacy_form(path, options);
}

bool is_torch_object(const std::filesystem::path& path) {
  const std::string start = first_bytes(path, 4);
  return start.starts_with("PK\x03\x04") || start == kLegacyStart;
}

}  // namespace nas
