#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "core/tflite/tflite_model.h"

namespace nas {

/// What a file may claim. Every claim is checked before memory is taken for it.
struct TfliteLimits {
  std::size_t file_bytes = (std::size_t{1} << 31) - 1;  ///< offsets of the format reach no further
  std::size_t tensors = 250'000;                        ///< the largest of the suites has 89
  std::size_t operators = 250'000;
  std::size_t items = 4'000'000;  ///< entries of all lists: shapes, operands, scales
  std::size_t text_bytes = std::size_t{64} << 20;  ///< of all names
  std::size_t rank = 8;
};

/// Whether bytes carry the format's mark: "TFL3" behind the first offset.
bool is_tflite(std::string_view bytes);

/// Reads a model; weights stay in the one copy of the file's bytes that the model keeps. Throws
/// Error(kIo) for a file that cannot be read, Error(kData) in one line for one that is no such
/// model (a web page, an archive, cut off), whose offsets lead out of it, which exceeds a limit, or
/// whose tensors claim other sizes than their buffers have.
TfliteModel read_tflite(const std::filesystem::path& path, const TfliteLimits& limits = {});

/// The same of bytes; `source` names them in errors.
TfliteModel parse_tflite(std::string bytes, std::string_view source,
                         const TfliteLimits& limits = {});

}  // namespace nas
