#include "db/importers/data_file.h"

#include <utility>

#include "core/util/encoding.h"
#include "core/util/error.h"
#include "core/util/file.h"
#include "db/importers/byte_source.h"

namespace nas {

std::string read_data_text(const std::filesystem::path& path) {
  std::string bytes = read_file(path);  // unpacks gzip
  const std::string source = path.filename().string();
  if (bytes.starts_with("BZh")) {
    const auto packed = open_bzip2(open_memory(bytes));
    try {
      bytes = read_whole(*packed, source, bytes.size());
    } catch (const Error& error) {
      throw error.with_context(path.string());
    }
  }
  refuse_foreign_content(std::string_view(bytes).substr(0, 4096), path.string());
  if (bytes.starts_with("PK\x03\x04")) {
    throw Error(ErrorKind::kData,
                path.string() +
                    ": it is a workbook or a zip archive under another name; save the sheet as "
                    "CSV, or give the archive its ending .zip");
  }
  return decode_text(std::move(bytes), source);
}

}  // namespace nas
