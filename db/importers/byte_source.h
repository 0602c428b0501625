#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace nas {

/// A stream of bytes that is read once, from front to back.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  /// Up to `size` bytes into `data`; 0 at the end.
  virtual std::size_t read(char* data, std::size_t size) = 0;
};

/// Throws Error(kIo) when the file cannot be opened. Reads [begin, begin + length).
std::unique_ptr<ByteSource> open_file(const std::filesystem::path& path, std::uint64_t begin = 0,
                                      std::uint64_t length = ~std::uint64_t{0});
/// `bytes` must outlive the source.
std::unique_ptr<ByteSource> open_memory(std::string_view bytes);
/// The contents of one or several bzip2 streams. Throws Error(kData) for damaged data.
std::unique_ptr<ByteSource> open_bzip2(std::unique_ptr<ByteSource> compressed);
/// The contents of a gzip file of one or several members; their CRC-32 and sizes are checked.
std::unique_ptr<ByteSource> open_gzip(std::unique_ptr<ByteSource> compressed);
/// The contents of a raw deflate stream, as zip archives have.
std::unique_ptr<ByteSource> open_deflate(std::unique_ptr<ByteSource> compressed);

/// What the bytes of a source must be, known from elsewhere.
struct ExpectedBytes {
  std::string what;  ///< for the complaint: file and member
  std::uint64_t size = 0;
  std::uint32_t crc32 = 0;
};
/// The same bytes. Throws Error(kData) at their end when size or CRC-32 (ISO 3309) is another, and
/// as soon as there are more than expected.
std::unique_ptr<ByteSource> open_verified(std::unique_ptr<ByteSource> bytes,
                                          ExpectedBytes expected);
/// The file itself, or what it holds when its name ends with ".pbz2", ".bz2" or ".gz". Errors of
/// packing name the file; a web page or a Git LFS pointer is refused in words.
std::unique_ptr<ByteSource> open_unpacked(const std::filesystem::path& path);
/// All bytes. Throws Error(kData), starting with `what`, as soon as there are far more than
/// `packed`, what they were packed in, can hold.
std::string read_whole(ByteSource& source, const std::string& what, std::uint64_t packed);

/// The first bytes of a file, fewer when it is shorter.
std::string first_bytes(const std::filesystem::path& path, std::size_t count);

/// Reads numbers and texts from a source; every complaint names `what` and the offset.
class ByteReader {
 public:
  ByteReader(ByteSource& source, std::string what);

  bool at_end();
  std::uint8_t byte();
  /// Grows with what is really there, so that a wrong size cannot allocate more than that.
  std::string bytes(std::uint64_t count);
  void skip(std::uint64_t count);
  /// Reads what is left, so that checksums and lengths at the end of the source are verified.
  void drain();
  std::uint64_t little_endian(int count);  ///< 1 to 8 bytes
  double big_endian_double();
  std::string line(std::size_t longest);  ///< without its line feed

  std::uint64_t offset() const { return offset_; }
  [[noreturn]] void fail(const std::string& text) const;

 private:
  bool fill();

  ByteSource& source_;
  std::string what_;
  std::vector<char> buffer_;
  std::size_t begin_ = 0, end_ = 0;
  std::uint64_t offset_ = 0;
};

}  // namespace nas
