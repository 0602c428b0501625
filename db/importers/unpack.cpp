#include "db/importers/unpack.h"

#include <fstream>
#include <memory>
#include <utility>
#include <vector>

#include "core/util/error.h"
#include "core/util/text.h"
#include "db/importers/byte_source.h"
#include "db/importers/self_check.h"
#include "db/importers/tar.h"
#include "db/importers/zip.h"

namespace nas {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kChunk = std::size_t{1} << 18;
constexpr std::size_t kMostMembers = 1'000'000;
// As in core/util/file.cpp: real data reaches 30 times its size, a thousand times is an attack.
constexpr std::uint64_t kUnpackedAlways = std::uint64_t{64} << 20, kMostUnpacked = 256;

class Unpacker {
 public:
  Unpacker(const ImportRequest& request, fs::path folder)
      : request_(request), folder_(std::move(folder)), size_(fs::file_size(request.path)) {}

  void add(const std::string& name, const TarContent& content) {
    throw_if_stopped(request_);
    const fs::path path = target(name);
    std::error_code error;
    fs::create_directories(path.parent_path(), error);
    if (error || ++members_ > kMostMembers) {
      fail(name, error ? "cannot be unpacked: " + error.message() : "more than 1,000,000 members");
    }
    if (fs::exists(path, error)) fail(name, "comes twice");
    std::ofstream file(path, std::ios::binary);
    std::vector<char> buffer(kChunk);
    for (std::size_t got = 1; got > 0;) {
      got = content(buffer.data(), buffer.size());
      unpacked_ += got;
      if (unpacked_ > kUnpackedAlways && unpacked_ / kMostUnpacked > size_) {
        fail(name, "unpacks to more than " + std::to_string(kMostUnpacked) +
                       " times the archive's size; unpack it yourself if you trust it");
      }
      file.write(buffer.data(), static_cast<std::streamsize>(got));
    }
    file.close();
    if (!file) {
      throw Error(ErrorKind::kIo, request_.path.string() + ", member '" + printable(name) +
                                      "': cannot be unpacked into " + folder_.string() +
                                      "; is the disk full? TMPDIR names another place");
    }
    if (members_ % 64 == 0) request_.progress->update(static_cast<std::int64_t>(members_), "");
  }

 private:
  [[noreturn]] void fail(const std::string& name, const std::string& what) const {
    throw Error(ErrorKind::kData,
                request_.path.string() + ", member '" + printable(name) + "': " + what);
  }

  /// A member's place below the folder, whatever its name says.
  fs::path target(const std::string& name) const {
    fs::path path;
    for (const fs::path& part : fs::path(name).relative_path()) {
      if (part == "..") fail(name, "leads out of the archive");
      if (part != "." && !part.empty()) path /= part;
    }
    if (path.empty() || name.find('\0') != std::string::npos) fail(name, "is not a file name");
    return folder_ / path;
  }

  const ImportRequest& request_;
  fs::path folder_;
  std::uint64_t size_, unpacked_ = 0;
  std::size_t members_ = 0;
};

TarContent content_of(ByteSource& source) {
  return [&source](char* data, std::size_t size) { return source.read(data, size); };
}

void unpack_zip(const ImportRequest& request, Unpacker& unpacker) {
  for (const ZipEntry& entry : read_zip_directory(request.path)) {
    if (entry.name.ends_with('/')) continue;
    const std::string place = request.path.string() + ", member '" + printable(entry.name) + "'";
    try {
      const std::unique_ptr<ByteSource> content = open_zip_entry(request.path, entry);
      unpacker.add(entry.name, content_of(*content));
    } catch (const Error& error) {
      if (std::string_view(error.what()).starts_with(request.path.string())) throw;
      throw error.with_context(place);
    }
  }
}

std::unique_ptr<ByteSource> open_packed(const fs::path& path, Packing packing) {
  std::unique_ptr<ByteSource> file = open_file(path);
  if (packing == Packing::kGzip) return open_gzip(std::move(file));
  if (packing == Packing::kBzip2) return open_bzip2(std::move(file));
  return file;
}

/// "t.json.gz" -> "t.json", "t.tgz" -> "t".
std::string name_within(const fs::path& path) {
  const std::string name = path.stem().string();
  return name.empty() ? "content" : name;
}

}  // namespace

Packing packing_of(const fs::path& path) {
  const std::string bytes = first_bytes(path, 512);
  if (bytes.starts_with("PK\x03\x04") || bytes.starts_with("PK\x05\x06")) return Packing::kZip;
  if (bytes.starts_with("\x1F\x8B")) return Packing::kGzip;
  if (bytes.starts_with("BZh")) return Packing::kBzip2;
  return is_tar_header(bytes) ? Packing::kTar : Packing::kNone;
}

std::size_t unpack_archive(const ImportRequest& request, const fs::path& folder) {
  const std::string what = request.path.string();
  const Packing packing = packing_of(request.path);
  Unpacker unpacker(request, folder);
  request.progress->begin("unpack " + request.path.filename().string(), 0);
  std::size_t left_out = 0;
  if (packing == Packing::kZip) {
    unpack_zip(request, unpacker);
  } else {
    try {
      std::string start(512, '\0');
      const auto peek = open_packed(request.path, packing);
      std::size_t got = 0;
      for (std::size_t more = 1; more > 0 && got < start.size(); got += more) {
        more = peek->read(start.data() + got, start.size() - got);
      }
      start.resize(got);
      const auto content = open_packed(request.path, packing);
      if (is_tar_header(start)) {
        left_out = for_each_tar_member(*content, what, [&](const auto& member, const auto& bytes) {
          unpacker.add(member.name, bytes);
        });
        ByteReader(*content, what).drain();  // checksums stand at the end
      } else {
        unpacker.add(name_within(request.path), content_of(*content));
      }
    } catch (const Error& error) {
      if (std::string_view(error.what()).starts_with(what) || error.kind() != ErrorKind::kData) {
        throw;
      }
      throw Error(error.kind(), what + ": " + error.what() + "; fetch the file again");
    }
  }
  request.progress->end();
  return left_out;
}

}  // namespace nas
