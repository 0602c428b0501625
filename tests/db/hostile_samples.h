#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace nas::test {

/// One reader of bytes that others wrote, and a small valid sample for it.
struct HostileFormat {
  std::string name;
  std::string sample;
  /// Reads bytes to the end of what the program does with them; throws what it throws.
  std::function<void(const std::string& bytes)> read;
  std::size_t stride = 1;  ///< attack every n-th byte, where one reading takes long
  bool valid = true;       ///< false: the sample is cut down and refused at last
};

/// Frames: pickle, bzip2, gzip, zip, both torch containers, TFRecord, protobuf, base64,
/// safetensors.
std::vector<HostileFormat> container_formats();
/// Whole importers; where a checksum or packing would catch every attack, it is put around the
/// attacked bytes.
std::vector<HostileFormat> importer_formats();
/// Data sets and images.
std::vector<HostileFormat> data_formats();
/// Architectures in the notation of every space, graphs as text.
std::vector<HostileFormat> text_formats();

}  // namespace nas::test
