#pragma once

#include <string_view>

namespace nas {

/// Does the file begin as a WAV file does: RIFF, RIFX (big-endian) or RF64 (beyond 4 GB)?
bool is_wave(std::string_view bytes);

/// libsndfile reads what is left of a truncated WAV file without a word. Throws Error(kData) when
/// the chunk of the samples is missing or announces more bytes than there are. A size of
/// 0xFFFFFFFF, as programs write that did not know the length, means "to the end of the file".
/// Requires is_wave(bytes).
void check_wave_is_whole(std::string_view bytes);

}  // namespace nas
