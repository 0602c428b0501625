#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace nas::test {

/// `count` bytes, lowest first.
std::string little_endian(std::uint64_t value, int count);
std::string varint(std::uint64_t value);
std::string base64(std::string_view bytes);

std::string bzip2(std::string_view text);
std::string raw_deflate(std::string_view text);
std::string gzip(std::string_view text);

/// A zip archive with one entry; method 0 stores, 8 deflates, others are claimed only.
std::string zip_of(std::string_view name, std::string_view content, int method);
/// One member of a tar archive ('0': a file, '5': a folder, '2': a link), and what ends one.
std::string tar_member(const std::string& name, const std::string& content, char type = '0');
inline const std::string kTarEnd(1024, '\0');
std::string tar_of(const std::string& name, const std::string& content);
/// The older form of torch.save, around the pickle of the object.
std::string legacy_torch(std::string_view object);
/// A TFRecord with its two checksums.
std::string tf_record(std::string_view payload);

}  // namespace nas::test
