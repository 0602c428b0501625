#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/data/audio/waveform.h"

namespace nas {

inline constexpr int kLowestSampleRate = 1000;  // Hz
inline constexpr int kHighestSampleRate = 768000;

/// Reads a WAV file (8, 16, 24 and 32 bits, float, A-law, mu-law, ADPCM) or a FLAC file; the
/// content decides, not the ending. Several channels are mixed down to their mean. Silence and a
/// single sample are recordings like others.
/// Throws Error(kIo) when it cannot be read, Error(kData) for a damaged, truncated, empty or other
/// file, for a sample that is not finite, and for a rate outside [1000, 768000] Hz. The text starts
/// with the path.
Waveform read_audio_file(const std::filesystem::path& path);

/// The same for a file in memory. Errors do not name it.
Waveform decode_audio(std::string_view bytes);

/// The .wav and .flac files in a directory and in those below it, sorted by path. Hidden ones are
/// left out. Links to directories are followed, circles of them are not.
std::vector<std::filesystem::path> audio_files_below(const std::filesystem::path& directory);

/// What stands at the end of an error about a directory without audio files: " (its 12 .m4a files
/// are not read: ...)", or nothing.
std::string unread_audio_hint(const std::filesystem::path& directory);

}  // namespace nas
