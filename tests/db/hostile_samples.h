#pragma once

#include <cstddef>
#include <filesystem>
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

struct Outcome {
  std::string fault;    ///< what is wrong with how the bytes are taken; "" = nothing
  std::string refusal;  ///< the text of the Error; "" = there was none
};
/// A fault is another exception than an Error of one line, more than a second of the processor, or
/// more than 64 MB at a time. (Counts what C++ allocates in the whole program.)
Outcome outcome_of(const HostileFormat& format, const std::string& bytes);

/// A new file each time: overwriting one makes some file systems wait for the disk.
void put_file(const std::filesystem::path& path, const std::string& bytes);

using Wrap = std::function<std::string(const std::string& attacked)>;
/// Writes wrap(bytes) under the name and imports it, forced: self-checks must not hide anything.
std::function<void(const std::string&)> importing(const std::string& importer,
                                                  const std::string& name, Wrap wrap,
                                                  const std::string& mapping = "");

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
